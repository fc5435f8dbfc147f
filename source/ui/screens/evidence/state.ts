import type {EvidenceSubject} from '../../../engine/evidence/collect.ts';
import {clampText, type Move, moveText} from '../../kit/scroll.ts';
import {type AppState, slice} from '../../state.ts';
import {evidenceHeight, previewLines, seenLines, widestLine} from './head.ts';
import type {EvidenceFacts, EvidenceState, EvidenceTask, SigningKey, Written} from './task.ts';

export type EvidenceAction =
  | {type: 'evidence opened'; subject: EvidenceSubject}
  | {type: 'evidence made'; text: string; lacks: string[]}
  | {type: 'evidence failed'; problem: string}
  | {type: 'evidence key looked at'}
  | {type: 'evidence key chosen'; key: SigningKey | null}
  | {type: 'evidence writing'}
  | {type: 'evidence written'; written: Written; text: string}
  | {type: 'evidence sideways'; how: 'left' | 'right'};

const noEvidence: EvidenceState = {opened: null, key: null, written: []};

const opening = (subject: EvidenceSubject): EvidenceTask => ({
  subject,
  state: 'making',
  lines: null,
  problem: null,
  lacks: [],
  written: null,
  top: 0,
  left: 0,
});

const withTask = (evidence: EvidenceState, changes: Partial<EvidenceTask>): EvidenceState =>
  evidence.opened ? {...evidence, opened: {...evidence.opened, ...changes}} : evidence;

function reduceTask(
  evidence: EvidenceState,
  action: Exclude<EvidenceAction, {type: 'evidence sideways'}>,
): EvidenceState {
  switch (action.type) {
    case 'evidence opened':
      return {...evidence, opened: opening(action.subject)};
    case 'evidence made': {
      const {text, lacks} = action;
      return withTask(evidence, {state: 'ready', lines: previewLines(text), problem: null, lacks});
    }
    case 'evidence failed':
      return withTask(evidence, {state: 'ready', problem: action.problem});
    case 'evidence key looked at':
      return withTask(evidence, {state: 'making', problem: null});
    case 'evidence key chosen':
      // What is shown says whether it is signed, and by whom: it is made anew.
      return withTask({...evidence, key: action.key}, {state: 'making', problem: null});
    case 'evidence writing':
      return withTask(evidence, {state: 'writing', problem: null});
    case 'evidence written': {
      const {written, text} = action;
      const changes = {state: 'ready' as const, written, lines: previewLines(text), problem: null};
      return withTask({...evidence, written: [...evidence.written, written]}, changes);
    }
  }
}

/** Columns that one step goes sideways. */
const sideways = 20;

function look(state: EvidenceFacts, how: 'left' | 'right'): EvidenceState {
  const {evidence, size} = state;
  if (!evidence.opened) return evidence;
  const to = evidence.opened.left + (how === 'left' ? -sideways : sideways);
  return withTask(evidence, {left: clampText(to, widestLine(state), size.columns - 2)});
}

/** What is seen stays inside the text: where there is less room than before, and where the text is another one. */
export function fitEvidence(evidence: EvidenceState, state: AppState): EvidenceState {
  if (!evidence.opened) return evidence;
  const {top} = evidence.opened;
  const lines = seenLines(evidence.opened, state.size);
  const height = evidenceHeight({...state, evidence});
  return withTask(evidence, {top: clampText(top, lines?.length ?? 0, height)});
}

export function moveEvidence(evidence: EvidenceState, how: Move, state: AppState): EvidenceState {
  if (!evidence.opened) return evidence;
  const {top} = evidence.opened;
  const lines = seenLines(evidence.opened, state.size);
  const height = evidenceHeight({...state, evidence});
  return withTask(evidence, {top: moveText(top, how, lines?.length ?? 0, height)});
}

export const evidenceSlice = slice<EvidenceState, EvidenceAction>('evidence', {
  start: noEvidence,
  reduce(evidence, action, state) {
    const reduced =
      action.type === 'evidence sideways'
        ? look({...state, evidence}, action.how)
        : reduceTask(evidence, action);
    return fitEvidence(reduced, state);
  },
});

/** What evidence looks at: what is known, and what it keeps. */
export const evidenceFacts = (state: AppState): EvidenceFacts => ({
  ...state,
  evidence: evidenceSlice.of(state),
});

/** Evidence is being written. */
export const exporting = (state: AppState): boolean => evidenceSlice.of(state).opened?.state === 'writing';
