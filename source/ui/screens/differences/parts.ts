import {isSentence, type SeenLine, shownLine} from '../../../presenters/difference-view.ts';
import {cutEnd, key, type Span, type Spans, type StyledText} from '../../kit/span.ts';
import type {OpenedDifference} from './seen.ts';
import type {DifferencesTask} from './state.ts';

/** What a backup is compared with, by name. */
export const nameOfOther = (other: string | null): string => other ?? 'live';

/** Which side is which, always in sight: without it the marks mean nothing. */
export function heading({id, other}: DifferencesTask, {name}: OpenedDifference): Span[] {
  const side = (text: string): StyledText => cutEnd(text, {least: 19});
  return [
    cutEnd(name, {look: 'strong', least: 10, last: true}),
    '   - ',
    side(id),
    '   + ',
    side(nameOfOther(other)),
  ];
}

/** A line that scrolls, from the column on that is seen. */
export function spansOf(line: SeenLine, {left}: OpenedDifference): Spans {
  if (isSentence(line)) return `   ${line.text}`;
  if (line.mark === '@') return key(` -- ${line.text} --`);
  const look = line.mark === ' ' ? 'none' : 'strong';
  const mark = line.mark === '~' ? '!' : line.mark;
  return [{text: ` ${mark} `, look}, {text: shownLine(line), from: left, look}, ' '];
}
