import {escapeText} from '../engine/base/escape.ts';
import {hooksDueText} from '../engine/storage/runbook/hooks-due.ts';
import type {Tidied} from '../engine/storage/runbook/unfinished.ts';
import {type Sentence, sentence} from '../presenters/sentence.ts';
import {say} from '../terminal/standard-output.ts';

/** As text has it: the mark says what the colour says on a screen. */
export const lineOf = ({mark, text}: Pick<Sentence, 'mark' | 'text'>): string =>
  `${mark} ${escapeText(text)}`;

/** Says on stderr what has to be known beside the result. */
export function tell(sentences: Sentence[]): void {
  for (const each of sentences) say(lineOf(each));
}

/** Says what others had left unfinished. */
export const tellTidied = ({names, left, hooksDue}: Tidied): void =>
  tell(
    [
      ...(names.length > 0 ? [`Tidied up after a writer that was killed: ${names.join(', ')}`] : []),
      ...left.map(({name, reason}) => `${name} was left unfinished, and cannot be removed: ${reason}`),
      ...(hooksDue ? [`Beware: ${hooksDueText}; the next backup runs them.`] : []),
    ].map((text) => sentence('!', text)),
  );
