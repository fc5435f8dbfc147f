import {lookingInside, verifying} from '../../reasons.ts';
import type {Binding, Screen} from '../../screen.ts';
import {push} from '../../state.ts';
import {loadVerify, startVerify, verifySlice} from './open.ts';
import {VerifyView} from './View.tsx';

const keys: Binding[] = [
  {
    keys: ['v'],
    label: 'verify again',
    hint: 'verify again',
    why: (state) => (verifying(state) || lookingInside(state) ? 'it is still running' : null),
    run: startVerify,
  },
  {
    keys: ['ctrl+c'],
    label: 'stop the verification; what was not finished is not recorded',
    hint: 'stop',
    why: (state) => (verifying(state) || lookingInside(state) ? null : 'nothing is running'),
    run: (_, reach) => reach.ask(loadVerify, (work) => work.stop()),
  },
];

/** The verification that is running, or was last. */
export const verify: Screen<null, never> = {
  slice: verifySlice,
  title: 'Verify',
  help: 'Verify',
  keys,
  View: VerifyView,
  subject: (_, {verify: task}) => task?.id ?? null,
  leads: ({type}, state) => (type === 'verify started' ? push(state, 'verify') : state),
};
