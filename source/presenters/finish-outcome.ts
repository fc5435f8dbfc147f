import type {FinishedCopy, FinishResult} from '../engine/backup/finish.ts';
import {soundAs} from '../engine/storage/manifest/finished.ts';
import {some} from './fact.ts';
import {type Sentence, sentence} from './sentence.ts';

/** Datasets that are named in a sentence. */
const mostNamed = 4;

const namesOf = (all: {name: string}[]): string =>
  some(
    all.map(({name}) => name),
    mostNamed,
  );

/** What is taken up, and as what; what is not, and why. */
export const finishLines = ({
  copies,
  missing,
  leftOut,
}: FinishResult): {name: string; said: Sentence; copy: FinishedCopy | null}[] => [
  ...copies.map((copy) => ({name: copy.name, said: sentence('+', soundAs[copy.kind]), copy})),
  ...missing.map(({name, reason}) => ({name, said: sentence('x', `not in it: ${reason}`), copy: null})),
  ...leftOut.map(({name, reason}) => ({name, said: sentence('!', `left out: ${reason}`), copy: null})),
];

/** How it ended. */
export function finishEnding({outcome, id, copies, missing}: FinishResult): Sentence {
  if (outcome === 'cancelled') return sentence('!', 'Stopped. Nothing was written.');
  const without = missing.length > 0 ? `, without ${namesOf(missing)}` : '';
  return outcome === 'planned'
    ? sentence('-', `${id} would become a backup of ${namesOf(copies)}${without}. Nothing was written.`)
    : sentence(
        '+',
        `${id} is a backup of ${namesOf(copies)} now${without}. Its hashes were made now: they prove nothing of the time before.`,
      );
}
