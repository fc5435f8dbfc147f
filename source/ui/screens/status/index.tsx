import {strong} from '../../kit/span.ts';
import {Gap, Page} from '../../kit/stack.tsx';
import {Notice, Notices, TextLine} from '../../kit/words.tsx';
import type {Screen, ViewProps} from '../../screen.ts';
import {statusHead, statusSlice, statusText} from './state.ts';

/** What to say on the phone. Whatever the host is called, what is to be said is seen. */
const StatusView = ({state}: ViewProps) => (
  <Page>
    <TextLine wide of={strong('TO BE READ OUT, OR COPIED')} />
    <Gap />
    <Notice text={statusHead(state)} most={3} />
    <Notices of={statusText(state)} />
    <Gap />
    <TextLine of="y copies it, any other key goes back." />
  </Page>
);

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
