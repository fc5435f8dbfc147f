import {isLooking} from '../../../presenters/content-progress.ts';
import {working} from '../../kit/drawn.tsx';
import type {Screen} from '../../screen.ts';
import {type AppState, noSlice} from '../../state.ts';
import {verifyKeys} from './keys.ts';
import {verifyScreen} from './view.ts';

function doing({verify}: AppState): string | null {
  if (verify?.state === 'running') return 'reading';
  return isLooking(verify?.content ?? null) ? 'looking inside' : null;
}

/** The verification that is running, or was last. */
export const verify: Screen<null, never> = {
  slice: noSlice('verify'),
  title: 'Verify',
  help: 'Verify',
  keys: verifyKeys,
  View: working(verifyScreen, doing),
  subject: (_, {verify: task}) => task?.id ?? null,
};
