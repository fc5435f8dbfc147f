import {escapeText} from '../engine/base/escape.ts';
import type {Difference} from '../engine/differences/difference.ts';
import type {DiffLine} from '../engine/differences/lines.ts';

/** A line of the screen: of the difference, or (`!`) a sentence about it. */
export type SeenLine = {mark: DiffLine['mark'] | '!'; text: string};

/**
 * A line of somebody's file, for any terminal: nothing in it can drive one, and what would not be seen is spelt out,
 * a space at the end of a changed line too.
 */
export function shownLine({mark, text}: DiffLine): string {
  const shown = escapeText(text.replaceAll('\t', '\\t'));
  return mark === '-' || mark === '+' ? shown.replace(/ $/, '\\u{20}') : shown;
}

/** What there is to say of a difference beside its lines, a sentence each; may quote what was read. */
export function sentencesOf(difference: Difference): string[] {
  switch (difference.kind) {
    case 'same':
      return [`Byte for byte the same: ${difference.bytes} bytes.`];
    case 'formatting':
      return [
        'The same JSON: only its formatting or the order of its keys differs.',
        `The bytes differ, first at offset ${difference.offset}.`,
      ];
    case 'lines':
      return difference.lines.length > 0
        ? difference.notes
        : [...difference.notes, 'The bytes differ, and no line does.'];
    case 'bytes':
      return [`The bytes differ, first at offset ${difference.offset}.`, `No lines: ${difference.why}.`];
    case 'none':
      return [`Not compared: ${difference.why}.`];
  }
}

export const isSentence = (line: SeenLine): line is {mark: '!'; text: string} => line.mark === '!';
