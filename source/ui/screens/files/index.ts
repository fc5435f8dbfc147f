import {isStillWritten} from '../../../engine/catalog/cut-off.ts';
import {statesOf} from '../../../presenters/content-progress.ts';
import {busyWriting, cannotWrite, either} from '../../reasons.ts';
import type {Screen} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {compareWith} from '../differences/open.ts';
import {extractKey, extractQuestion} from './extract.tsx';
import {loadFiles} from './open.ts';
import {type FilesAction, type FilesState, filesSlice, fitFiles, moveFiles} from './state.ts';
import {FilesView} from './View.tsx';

/** Why it cannot be made a backup, as far as that is seen. */
function notUnfinished(state: AppState): string | null {
  const shown = filesSlice.of(state);
  const row = state.catalog.rows.get(shown?.id ?? '');
  if (row && row.state !== 'interrupted') return 'it has its manifest by now';
  if (!row) return 'it is gone';
  if (isStillWritten(row)) return 'it may still be running: wait two minutes';
  if (!shown || shown.files.length === 0) return 'it is empty';
  const {content} = shown;
  const isSound =
    content &&
    [...statesOf(content).values()].some((each) => typeof each === 'object' && each.state === 'sound');
  return content?.summary && !isSound ? 'none of its files is known to be whole' : null;
}

/** What lies in a backup that was cut off: one of its files may be the newest good copy of something. */
export const files: Screen<FilesState | null, FilesAction> = {
  slice: filesSlice,
  title: 'Files',
  help: 'Files of a backup that was cut off',
  keys: [
    {
      keys: ['enter'],
      label: 'differences of its files from the live ones',
      hint: 'differences',
      why: (state) => (filesSlice.of(state)?.files.length ? null : 'it is empty'),
      run(store, reach) {
        const id = filesSlice.of(store.get())?.id;
        if (id !== undefined) compareWith(id, null, reach, store);
      },
    },
    {
      keys: ['m'],
      label: 'make it a backup: write the manifest it lacks, for what lies in it whole',
      hint: 'make it a backup',
      why: either(cannotWrite, busyWriting, notUnfinished),
      run(store) {
        const id = filesSlice.of(store.get())?.id;
        if (id !== undefined) store.dispatch({type: 'asked', kind: 'finish', id, text: ''});
      },
    },
    extractKey((state) => {
      const shown = filesSlice.of(state);
      const chosen = shown?.files[shown.cursor];
      return shown && chosen ? {id: shown.id, dataset: chosen.name} : null;
    }),
  ],
  View: FilesView,
  move: (shown, how, {size}) => shown && moveFiles(shown, how, size),
  fit: (shown, {size}) => shown && fitFiles(shown, size),
  subject: (shown) => shown?.id ?? null,
  dataset: (shown) => shown?.files[shown.cursor]?.name ?? null,
  questions: {
    extract: extractQuestion,
    finish: {wordless: true, give: ({id}, _, reach) => reach.ask(loadFiles, (work) => work.finish(id))},
  },
  back(_, reach) {
    reach.ask(loadFiles, (work) => work.stop());
    return false;
  },
};
