import {formatAge} from '../../../engine/base/format.ts';
import {readTime, writeTime} from '../../../engine/base/time-text.ts';
import {type BadSince, suggest, whyBeware} from '../../../engine/catalog/suggest.ts';
import {incidentDoubts} from '../../../engine/session/incident.ts';
import {clock} from '../../../presenters/moment.ts';
import {suggestionSentences} from '../../../presenters/suggestion.ts';
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
  doubts.length === 0 || isAsked(`Is that meant: ${doubts.join('; ')}? Enter again keeps it.`, store, reach);

/** Takes the answer, and says how it was understood; one that is no time is asked for again. */
export function giveSince(text: string, store: AppStore, reach: Reach): void {
  const {badSince, now} = store.get();
  if (text.trim() === '') {
    store.dispatch({type: 'answer given'});
    if (badSince === null) return;
    store.dispatch({type: 'bad since given', since: null});
    say(store, 'The line is gone, and no backup is suggested any more.', 'plain');
    sayIncident({badSince: null}, store, reach);
    return;
  }
  const read = readTime(text, now);
  if ('problem' in read) {
    say(store, read.problem, 'beware');
    return;
  }
  const since = {at: read.at, by: reach.operator()};
  const said = {value: new Date(since.at).toISOString(), by: since.by, at: ''};
  if (!isMeant(incidentDoubts({...store.get().incident, badSince: said}), store, reach)) return;
  store.dispatch({type: 'answer given'});
  store.dispatch({type: 'bad since given', since});
  say(store, `${understood('Bad since', since.at, now)} ${suggestionText(store, since)}`, 'plain');
  sayIncident({badSince: said.value}, store, reach);
}

/** `Bad since 2026-11-23 01:10Z (02:10 +01), 2h ago.` */
export function understood(what: string, at: number, now: number): string {
  const seconds = (now - at) / 1000;
  const ago = seconds < 60 ? 'just now' : `${formatAge(seconds)} ago`;
  const [, local = ''] = / (\(.+)/.exec(clock(at)) ?? [];
  return `${what} ${[writeTime(at), local].filter(Boolean).join(' ')}, ${ago}.`;
}

function suggestionText(store: AppStore, {at}: BadSince): string {
  const {catalog} = store.get();
  const suggestion = suggest(catalog, at);
  if (suggestion.state === 'reading') return 'The backups before it are still being read.';
  const row = suggestion.state === 'suggested' ? catalog.rows.get(suggestion.id) : undefined;
  const beware = row ? whyBeware(row, configuredOf(store.get())) : null;
  const verify = (id: string): string => `v on ${id}, the newest, checks it.`;
  const told = suggestionSentences(suggestion, beware, 'it', verify).map(({text}) => text);
  if (suggestion.state === 'suggested' && beware === null)
    told.unshift(
      `${suggestion.id} is ${told.length > 0 ? 'suggested' : 'the newest verified one before it'}.`,
    );
  return told.join(' ');
}
