import type {Screen} from '../../screen.ts';
import {noSlice} from '../../state.ts';
import {verifyKeys} from './keys.ts';
import {VerifyView} from './View.tsx';

/** The verification that is running, or was last. */
export const verify: Screen<null, never> = {
  slice: noSlice('verify'),
  title: 'Verify',
  help: 'Verify',
  keys: verifyKeys,
  View: VerifyView,
  subject: (_, {verify: task}) => task?.id ?? null,
};
