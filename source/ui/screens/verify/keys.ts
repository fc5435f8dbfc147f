import {lookingInside, verifying} from '../../reasons.ts';
import type {Binding} from '../../screen.ts';
import {startVerify} from './open.ts';

export const verifyKeys: Binding[] = [
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
    run: (_, effects) => effects.work.stopVerify(),
  },
];
