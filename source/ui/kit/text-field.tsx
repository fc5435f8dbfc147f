import {behindIn, part} from './part.tsx';
import {flat, lineOf, type Spans, typed} from './span.ts';

type TextFieldProps = {
  asks: Spans;
  text: string;
  after?: Spans;
  /** Columns that an answer has in any case. */
  least?: number;
};

/** What is asked, what has been typed, and what keys there are. The end of what is typed is in view. */
export const TextField = part<TextFieldProps>(({asks, text, after = '', least = 0}, {columns, caret}) => [
  lineOf(
    [...flat(asks, columns), typed(text, {least, behind: behindIn(caret, text)}), ...flat(after, columns)],
    columns,
  ),
]);
