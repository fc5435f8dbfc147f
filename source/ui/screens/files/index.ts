import type {Screen} from '../../screen.ts';
import {compareWith} from '../differences/open.ts';
import {extractKey, extractQuestion} from './extract.tsx';
import {loadFiles} from './open.ts';
import {type FilesAction, type FilesState, filesSlice, fitFiles, moveFiles} from './state.ts';
import {FilesView} from './View.tsx';

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
  questions: {extract: extractQuestion},
  back(_, reach) {
    reach.ask(loadFiles, (work) => work.stop());
    return false;
  },
};
