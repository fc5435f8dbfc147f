import {strong} from '../../kit/span.ts';
import {Gap, Page} from '../../kit/stack.tsx';
import {Line, Notice, Notices} from '../../kit/words.tsx';
import type {ViewProps} from '../../screen.ts';
import {statusHead, statusText} from './state.ts';

/** What to say on the phone. Whatever the host is called, what is to be said is seen. */
export const StatusView = ({state}: ViewProps) => (
  <Page>
    <Line wide of={strong('TO BE READ OUT, OR COPIED')} />
    <Gap />
    <Notice text={statusHead(state)} most={3} />
    <Notices of={statusText(state)} />
    <Gap />
    <Line of="y copies it, any other key goes back." />
  </Page>
);
