import type {Screen} from '../../screen.ts';
import {statusHead, statusSlice, statusText} from './state.ts';
import {StatusView} from './View.tsx';

/** Two sentences for the phone. */
export const status: Screen<null, never> = {
  slice: statusSlice,
  title: 'Status',
  help: 'Status text',
  keys: [
    {
      keys: ['y'],
      label: 'copy it to your clipboard',
      hint: 'copy',
      run: (store, reach) => reach.copy([statusHead(store.get()), ...statusText(store.get())].join(' ')),
    },
  ],
  View: StatusView,
  passing: true,
};
