import {part} from './part.tsx';
import {lineOf, type Spans, typed} from './span.ts';

/** What is asked, what has been typed, and what keys there are. The end of what is typed is in view. */
export const TextField = part<{asks: Spans; text: string; after?: Spans}>(
  ({asks, text, after = ''}, {columns}) => [lineOf([asks, typed(text), after].flat(), columns)],
);
