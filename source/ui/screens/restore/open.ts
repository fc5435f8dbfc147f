import {copiesOf} from '../../../engine/catalog/copies.ts';
import {isBefore} from '../../../engine/catalog/suggest.ts';
import {type BadTime, badTimeOf, badTimesOf} from '../../../presenters/bad-times.ts';
import {minuteOf} from '../../../presenters/moment.ts';
import {configuredOf} from '../../facts.ts';
import {restoring} from '../../reasons.ts';
import type {Reach} from '../../screen.ts';
import {isAsked, type Perform, withSubject} from '../../screen.ts';
import type {AppState, AppStore} from '../../state.ts';
import type {Workplace} from '../../work.ts';
import {knownHere} from '../backups/state.ts';
import {progressSlice} from '../progress/state.ts';
import {stoppedSlice} from '../stopped/state.ts';
import {wanted} from './choice.ts';
import {drillOf, restoreSlice} from './state.ts';
import type {RestoreSubject} from './task.ts';

export const loadRestore = async (place: Workplace) => (await import('./work.ts')).restoreWork(place);

/** The datasets of a backup whose copies are from the bad time of an incident. */
function badTimesIn(id: string, state: AppState): ReadonlyMap<string, BadTime> {
  const {versions} = knownHere(state);
  const row = state.catalog.rows.get(id);
  const names = row ? [...copiesOf(row, configuredOf(state) ?? []).keys()] : [];
  const times = badTimesOf(state.sessions.stories);
  return new Map(
    names.flatMap((name) => {
      const time = badTimeOf(times, versions, id, name);
      return time ? [[name, time]] : [];
    }),
  );
}

/** Opens the screen first: the plan takes as long as everything takes to be hashed. */
export function openPlan(subject: RestoreSubject, store: AppStore, reach: Reach): void {
  const {badSince} = store.get();
  const badTimes = badTimesIn(subject.id, store.get());
  store.dispatch(restoreSlice.open({type: 'restore opened', subject, badSince, badTimes}));
  planAgain(store, reach);
}

export function planAgain(store: AppStore, reach: Reach): void {
  const restore = restoreSlice.of(store.get());
  if (restore)
    reach.ask(loadRestore, (work) => work.plan(restore.subject, wanted(restore), drillOf(restore)));
}

/** What is asked before a copy is looked at that may hold what is bad; null where it is from before that. */
function whyAsk(id: string, state: AppState): string | null {
  const {badSince, now} = state;
  const [bad] = badTimesIn(id, state);
  if (bad) return `${id} holds ${bad[0]} from the bad time of ${bad[1].of}. r again goes on with it.`;
  if (!badSince || isBefore(id, badSince.at)) return null;
  return `${id} is not from before ${minuteOf(badSince.at, now)}, and may hold the damage. r again goes on with it.`;
}

/** Whether a drill of it may load databases. */
export const dumpsOf = (id: string, {catalog}: AppState): Pick<RestoreSubject, 'hasDumps'> =>
  catalog.rows.get(id)?.datasets.some(({dump}) => dump !== undefined) ? {hasDumps: true} : {};

const openChosen = withSubject((id, reach, store) => {
  const {badSince, incident} = store.get();
  const asks = whyAsk(id, store.get());
  if (asks !== null && !isAsked(asks, store, reach)) return;
  const subject = {id, undoes: null, ...dumpsOf(id, store.get())};
  store.dispatch(restoreSlice.open({type: 'purpose opened', subject, badSince, incident}, 'purpose'));
  reach.ask(loadRestore, (work) => work.suggestDirectory());
});

/** What a restore of the backup is for; one that is at work, or stopped halfway, is shown instead. */
export const openPurpose: Perform = (store, reach) => {
  if (store.get().stopped) store.dispatch(stoppedSlice.open({type: 'stopped opened'}));
  else if (restoring(store.get())) store.dispatch(progressSlice.open(null));
  else openChosen(store, reach);
};
