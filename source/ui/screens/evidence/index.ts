import {asking} from '../../kit/drawn.tsx';
import type {Screen} from '../../screen.ts';
import {answerTyping} from '../../typings.ts';
import {evidenceKeys, keyQuestion} from './keys.ts';
import {fitEvidence, moveEvidence} from './state.ts';
import {evidenceScreen} from './view.ts';

/** The evidence file that would be written, or was. */
export const evidence: Screen = {
  title: 'Evidence',
  help: 'Evidence',
  keys: evidenceKeys,
  View: asking(evidenceScreen),
  move: (state, how) => ({...state, evidence: moveEvidence(state, how)}),
  fit: (state) => ({...state, evidence: fitEvidence(state)}),
  typing: ({prompt}) => (prompt ? answerTyping : null),
  questions: {key: keyQuestion},
};
