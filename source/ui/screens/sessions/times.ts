import {readTime, screenLag, writeTime} from '../../../engine/base/time-text.ts';
import {timeNames} from '../../../engine/session/lines.ts';
import {doubtsAbout} from '../../../engine/session/story.ts';
import {type TimeName, timeOf, timeTexts, withTime} from '../../../engine/session/times.ts';
import type {Prompt} from '../../prompt.ts';
import type {Reach} from '../../screen.ts';
import {type Perform, say} from '../../screen.ts';
import type {AppStore} from '../../state.ts';
import {isMeant, understood} from '../backups/since.ts';
import {loadSessions} from './open.ts';
import {openedStory, sessionsSlice} from './state.ts';

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What is known of a time, as it would be typed; empty where nothing is. */
function known(store: AppStore, what: TimeName): string {
  const story = openedStory(store.get());
  const at = story && timeOf(story.times, what);
  return at === null ? '' : writeTime(Date.parse(at));
}

const ask = (store: AppStore, what: TimeName): void =>
  store.dispatch({type: 'asked', kind: 'time', id: what, text: known(store, what)});

/** Why it can hardly be meant, beside what is known already. */
function doubtsIn(store: AppStore, what: TimeName, at: number): string[] {
  const story = openedStory(store.get());
  const before = story ? doubtsAbout(story) : [];
  const now = story ? doubtsAbout({...story, times: withTime(story.times, what, at)}) : [];
  return now.filter((doubt) => !before.includes(doubt));
}

/** Asks for the times of the incident, one after the other. */
export const askTimes: Perform = (store) => ask(store, 'noticed');

/** Takes one of them, and asks for the next; empty or as before it is passed over, and what is no time stays asked. */
export function giveTime({id, text}: Prompt, store: AppStore, reach: Reach): void {
  const {now} = store.get();
  const {opened} = sessionsSlice.of(store.get());
  const what = timeNames.find((name) => name === id);
  if (what === undefined || opened === null) return;
  if (what === 'service-back' && isNever(text)) {
    store.dispatch({type: 'answer given'});
    const before = known(store, what);
    say(
      store,
      before === ''
        ? 'No time is recorded. That it was never stopped is said with the step of the service.'
        : `Nothing is changed: it is recorded as back at ${before}.`,
      'plain',
    );
    return;
  }
  const isNew = text.trim() !== '' && text.trim() !== known(store, what);
  const read = isNew
    ? what === 'service-back'
      ? readBack(text, now)
      : readTime(text, now, screenLag)
    : null;
  if (read && 'problem' in read) {
    say(store, read.problem, 'beware');
    return;
  }
  if (read && !isMeant(doubtsIn(store, what, read.at), store, reach)) return;
  store.dispatch({type: 'answer given'});
  if (read) {
    reach.ask(loadSessions, (work) => work.recordTime(opened, what, read.at));
    say(store, understood(capital(timeTexts[what]), read.at, now), 'plain');
  }
  const next = timeNames[timeNames.indexOf(what) + 1];
  if (next !== undefined) ask(store, next);
}

/** That the service is back was said, and what there is to say of it: since when is asked before it is recorded. */
export const askBack = (store: AppStore, {id, text}: Prompt): void =>
  store.dispatch({type: 'asked', kind: 'back', id, text: known(store, 'service-back'), note: text.trim()});

/** Whether it is said that the service was never stopped: then there is no time since when it is back. */
const isNever = (text: string): boolean => ['never', '-'].includes(text.trim().toLowerCase());

/** The clock of the screen may be a minute behind: by that the service would be back before the restore. */
const readBack = (text: string, now: number): ReturnType<typeof readTime> =>
  ['', 'now'].includes(text.trim().toLowerCase())
    ? {at: Math.ceil(Date.now() / 1000) * 1000}
    : readTime(text, now, screenLag);

/** When the service was back, as it was typed: empty is now; null where it was never stopped. */
const backAt = (text: string, now: number): {at: number | null} | {problem: string} =>
  isNever(text) ? {at: null} : readBack(text, now);

/** Takes since when the service is back. What is no time stays asked. */
export function giveBack({id, text, note = ''}: Prompt, store: AppStore, reach: Reach): void {
  const {now} = store.get();
  const {opened} = sessionsSlice.of(store.get());
  const read = backAt(text, now);
  if ('problem' in read) {
    say(store, read.problem, 'beware');
    return;
  }
  const {at} = read;
  const before = known(store, 'service-back');
  if (at === null && before !== '') {
    store.dispatch({type: 'asked', kind: 'back', id, text: before, note});
    say(store, `It is recorded as back at ${before}: Enter takes that, or type another time.`, 'beware');
    return;
  }
  if (at !== null && text.trim() !== '' && !isMeant(doubtsIn(store, 'service-back', at), store, reach))
    return;
  store.dispatch({type: 'answer given'});
  const said = [note, ...(at === null ? ['the service was never stopped'] : [])].filter(Boolean).join('; ');
  const answer = {step: id, state: 'done' as const, machine: false, note: said || null};
  if (opened !== null) reach.ask(loadSessions, (work) => work.answer(opened, answer, at ?? undefined));
}
