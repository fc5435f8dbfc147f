import type {Look} from './look.ts';
import {part} from './part.tsx';
import {Table} from './table.tsx';

/** A step of what is at work. */
export type Step = {
  name: string;
  state: 'waiting' | 'at work' | 'over' | 'cancelled' | 'failed';
  says: string;
};

const states: Record<Step['state'], {mark: string; look: Look; word: string}> = {
  waiting: {mark: '-', look: 'none', word: ''},
  'at work': {mark: '-', look: 'strong', word: ' ...'},
  over: {mark: '+', look: 'good', word: ''},
  cancelled: {mark: '!', look: 'beware', word: ''},
  failed: {mark: 'x', look: 'bad', word: ' failed'},
};

/** One step after the other, and how far each is. */
export const Steps = part<{of: Step[]}>(({of}, room) =>
  Table.lines(
    {
      rows: of,
      columns: [
        {cell: ({state}) => ({text: states[state].mark, look: states[state].look}), width: 1},
        {
          cell: ({name, state}) => ({text: `${name}${states[state].word}`, look: states[state].look}),
          width: 16,
          gap: 1,
        },
        {cell: ({says, state}) => ({text: says, look: states[state].look}), gap: 1},
      ],
    },
    room,
  ),
);
