import {listed} from '../engine/base/format.ts';
import {isLine, said} from '../engine/session/lines.ts';
import type {Story} from '../engine/session/story.ts';
import {momentOf} from './moment.ts';
import {type Sentence, sentence} from './sentence.ts';
import {datasetsOf, isInPart, restoredWord} from './story-facts.ts';
import {answeredOf} from './story-words.ts';

/** How many datasets are named. */
const most = 3;

/** `+ RESTORED 22:17:17Z: ledger, as chosen`: what whoever comes back asks first; `short` where there is no room for it,
 * in three parts: the second one gives way first. */
export function restoredSentence(
  story: Story,
  now: number,
): {
  long: Sentence;
  short: [string, string, string];
} {
  const {number, endedAt, openedAt, undoes, lines} = story;
  const word = restoredWord(story);
  const when = momentOf(endedAt ?? openedAt, now);
  const datasets = datasetsOf(story);
  const names = listed(datasets, most);
  const isChosen = said(lines.find(isLine('opened')), 'only') != null;
  const what = names === '' ? '' : `: ${names}${isChosen ? ', as chosen' : ''}`;
  const of = `${undoes === null ? '' : `, which took back session ${undoes}`}, ${answeredOf(story)} answered:`;
  const mark = isInPart(lines) ? '!' : '+';
  return {
    long: sentence(mark, `${word} ${when}${what}. Session ${number}${of}`),
    short: [
      `${mark} ${word} ${when}`,
      datasets.length > 1 ? `: ${datasets.length} datasets` : what,
      `. Session ${number}, ${answeredOf(story)}:`,
    ],
  };
}

/** Milliseconds for which a restore that changed nothing is told to whoever comes back. */
const freshly = 3_600_000;

/** That the newest session changed nothing, while that is news: its operator may have been cut off. */
export function nothingRestored(stories: Story[], now: number): Sentence | null {
  const [newest] = stories;
  if (!newest || now - Date.parse(newest.openedAt ?? '') > freshly) return null;
  const {number, state, phase, endedAt, lines} = newest;
  const none = `NOT RESTORED: session ${number}`;
  if (state === 'rolled-back') return sentence('x', `${none} was taken back; files are as before.`);
  if (state === 'cancelled') return sentence('!', `${none} was cancelled; nothing was changed.`);
  if (state !== 'refused') return null;
  if (phase !== null || endedAt !== null) return sentence('x', `${none} was refused; nothing was changed.`);
  return lines.some(isLine('hook-begins'))
    ? sentence('x', `${none}: a hook had begun, no file was changed.`)
    : sentence('x', `${none} stopped before anything had begun.`);
}
