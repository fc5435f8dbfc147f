import {whoQuestion} from '../../person.ts';
import {either, needsBackup, needsProject} from '../../reasons.ts';
import type {Screen} from '../../screen.ts';
import {evidenceKeys, keyQuestion} from './keys.ts';
import {openEvidence} from './open.ts';
import {type EvidenceAction, evidenceSlice, fitEvidence, moveEvidence} from './state.ts';
import type {EvidenceState} from './task.ts';
import {EvidenceView} from './View.tsx';

/** The evidence file that would be written, or was. */
export const evidence: Screen<EvidenceState, EvidenceAction> = {
  slice: evidenceSlice,
  title: 'Evidence',
  help: 'Evidence',
  keys: evidenceKeys,
  entries: [
    {
      keys: ['e'],
      label: 'evidence of how the backup was verified: one file, shown before it is written',
      why: either(needsBackup, needsProject),
      run: openEvidence,
    },
  ],
  View: EvidenceView,
  move: moveEvidence,
  fit: fitEvidence,
  questions: {key: keyQuestion, who: whoQuestion},
};
