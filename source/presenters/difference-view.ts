import {escapeText} from '../engine/base/escape.ts';
import {listed} from '../engine/base/format.ts';
import type {EntriesDifference, NamedEntries} from '../engine/differences/entries.ts';
import type {DiffLine} from '../engine/differences/lines.ts';
import type {Comparing} from '../engine/differences/tables.ts';
import type {Difference} from '../engine/differences/texts.ts';
import {tablesSentences} from './tables-view.ts';

/** A line of the screen: of the difference, a row that differs (`~`), or (`!`) a sentence about it. */
export type SeenLine = {mark: DiffLine['mark'] | '~' | '!'; text: string};

/**
 * A line of somebody's file, for any terminal: nothing in it can drive one, and what would not be seen is spelt out,
 * a space at the end of a changed line too.
 */
export function shownLine({mark, text}: Pick<SeenLine, 'mark' | 'text'>): string {
  const shown = escapeText(text.replaceAll('\t', '\\t'));
  return mark === '-' || mark === '+' ? shown.replace(/ $/, '\\u{20}') : shown;
}

/** Names in a sentence; the rest is counted. */
const mostNames = 5;

const namesOf = ({count, names}: NamedEntries): string => listed(names, mostNames, count);

/** `tenants, by id: 2 only on the - side (7, 9); 1 differs (3); 97 the same.` */
function entriesText({at, by, onlyOne, onlyOther, differ, same}: EntriesDifference): string {
  const parts = [
    onlyOne.count > 0 && `${onlyOne.count} only on the - side (${namesOf(onlyOne)})`,
    onlyOther.count > 0 && `${onlyOther.count} only on the + side (${namesOf(onlyOther)})`,
    differ.count > 0 && `${differ.count} ${differ.count === 1 ? 'differs' : 'differ'} (${namesOf(differ)})`,
    `${same} the same`,
  ].filter((part) => part !== false);
  const head = `${at === '' ? 'Entries' : at}${by === null ? '' : `, by ${by}`}`;
  return `${head}: ${parts.join('; ')}.`;
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
    case 'lines': {
      const said = [...difference.entries.map(entriesText), ...difference.notes];
      return difference.lines.length > 0 ? said : [...said, 'The bytes differ, and no line does.'];
    }
    case 'tables':
      return tablesSentences(difference);
    case 'bytes':
      return [
        `The bytes differ, first at offset ${difference.offset}.`,
        `No more can be said: ${difference.why}.`,
      ];
    case 'none':
      return [`Not compared: ${difference.why}.`];
  }
}

export const isSentence = (line: SeenLine): line is {mark: '!'; text: string} => line.mark === '!';

/** What is being compared, how far it is, and when it ends at the latest. */
export const comparingText = ({what, done, of, limit}: Comparing): string =>
  `comparing: ${escapeText(what)}${of > 0 ? `, ${done + 1} of ${of}` : ''}; ${limit / 1000}s at most`;
