import {cutEnd, spare} from '../../kit/span.ts';
import {TextField} from '../../kit/text-field.tsx';
import type {Prompt} from '../../prompt.ts';
import {readOnly} from '../../reasons.ts';
import type {Binding, Question} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {loadFiles} from './open.ts';

/** A dataset in a backup. */
type Chosen = {id: string; dataset: string};

/** Copies what is chosen out of its backup; asks where to. */
export const extractKey = (chosen: (state: AppState) => Chosen | null): Binding => ({
  keys: ['x'],
  label: 'copy it out of the backup, verified on the way; asks where to, and writes over nothing',
  hint: 'copy out',
  why: (state) => readOnly(state) ?? (chosen(state) ? null : 'there is nothing to copy here'),
  run(store) {
    const what = chosen(store.get());
    if (what) store.dispatch({type: 'asked', kind: 'extract', id: what.id, text: '', note: what.dataset});
  },
});

export const extractQuestion: Question = {
  lacks: ({text}) =>
    text.trim() === '' ? 'Where to? The path of a file that is not there yet; Esc copies nothing.' : null,
  give: ({id, note = '', text}, _, reach) =>
    reach.ask(loadFiles, (work) => work.extract(id, note, text.trim())),
};

/** Columns that are left for a path, however long the dataset's name is. */
const leastTyped = 30;

export const extractLine = ({note = '', text}: Prompt) => (
  <TextField
    asks={[' Copy ', cutEnd(note), ' out to the new file: ']}
    text={text}
    least={leastTyped}
    after={spare('   Enter confirm, Esc cancel')}
  />
);
