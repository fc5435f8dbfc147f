import {formatAge} from '../../../engine/base/format.ts';
import {isRelative, readTime, screenLag, writeTime} from '../../../engine/base/time-text.ts';
import {incidentDoubts} from '../../../engine/session/incident.ts';
import {isRead} from '../../../presenters/catalog.ts';
import {goodSentences, knownCopies} from '../../../presenters/known-copies.ts';
import {clock} from '../../../presenters/moment.ts';
import {configuredOf} from '../../facts.ts';
import {sayIncident} from '../../incident.ts';
import {isAsked, type Reach, say} from '../../screen.ts';
import type {AppStore} from '../../state.ts';

/** Asks since when things are bad; what was said before can be changed. */
export function askSince(store: AppStore): void {
  const {badSince} = store.get();
  store.dispatch({type: 'asked', kind: 'since', id: '', text: badSince ? writeTime(badSince.at) : ''});
}

/** Whether a time is taken: one that can hardly be meant is asked about once. */
export const isMeant = (doubts: string[], store: AppStore, reach: Reach): boolean =>
  doubts.length === 0 || isAsked(`Is that right: ${doubts.join('; ')}? Enter again keeps it.`, store, reach);

/** Takes the answer, and says how it was understood; one that is no time is asked for again. */
export function giveSince(text: string, store: AppStore, reach: Reach): void {
  const {badSince, now} = store.get();
  if (text.trim() === '') {
    store.dispatch({type: 'answer given'});
    if (badSince === null) return;
    say(store, 'The line is gone, and nothing is marked any more.', 'plain');
    sayIncident({badSince: null}, store, reach);
    return;
  }
  const read = readTime(text, now, screenLag);
  if ('problem' in read) {
    say(store, read.problem, 'beware');
    return;
  }
  const {at} = read;
  const value = new Date(at).toISOString();
  const said = {value, by: reach.operator(), at: ''};
  if (!isMeant(incidentDoubts({...store.get().incident, badSince: said}), store, reach)) return;
  store.dispatch({type: 'answer given'});
  say(store, `${understood('Bad since', at, now)} ${suggestionText(store, at)}`, 'plain');
  sayIncident({badSince: value}, store, reach, isRelative(text) ? {badSince: text.trim()} : {});
}

/** `Bad since 2026-11-23 01:10Z (02:10 +01), 2h ago.` */
export function understood(what: string, at: number, now: number): string {
  const seconds = (now - at) / 1000;
  const ago = seconds < 60 ? 'just now' : `${formatAge(seconds)} ago`;
  const [, local = ''] = / (\(.+)/.exec(clock(at)) ?? [];
  return `${what} ${[writeTime(at), local].filter(Boolean).join(' ')}, ${ago}.`;
}

/** Where the newest good copies lie, and of what there is none. */
function suggestionText(store: AppStore, at: number): string {
  const {catalog} = store.get();
  if (!isRead(catalog)) return 'The backups before it are still being read.';
  return goodSentences(knownCopies(catalog, configuredOf(store.get()), at)).join(' ');
}
