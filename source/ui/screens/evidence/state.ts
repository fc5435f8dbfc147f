import type {Subject} from '../../../engine/evidence/collect.ts';
import {clampText, type Move, moveText} from '../../kit/scroll.ts';
import {push} from '../../stack.ts';
import {evidenceHeight, previewLines, widestLine} from './head.ts';
import type {EvidenceFacts, EvidenceState, EvidenceTask, SigningKey, Written} from './task.ts';

export type EvidenceAction =
  | {type: 'evidence opened'; subject: Subject}
  | {type: 'evidence made'; text: string; lacks: string[]}
  | {type: 'evidence failed'; problem: string}
  | {type: 'evidence key looked at'}
  | {type: 'evidence key chosen'; key: SigningKey | null}
  | {type: 'evidence writing'}
  | {type: 'evidence written'; written: Written; text: string}
  | {type: 'evidence sideways'; how: 'left' | 'right'};

export const noEvidence: EvidenceState = {opened: null, key: null, written: []};

/** Evidence is being written. */
export const exporting = ({evidence}: Pick<EvidenceFacts, 'evidence'>): boolean =>
  evidence.opened?.state === 'writing';

const opening = (subject: Subject): EvidenceTask => ({
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

function reduceTask(evidence: EvidenceState, action: EvidenceAction): EvidenceState {
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
    case 'evidence sideways':
      return evidence;
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
export function fitEvidence(state: EvidenceFacts): EvidenceState {
  const {evidence} = state;
  if (!evidence.opened) return evidence;
  const {lines, top} = evidence.opened;
  return withTask(evidence, {top: clampText(top, lines?.length ?? 0, evidenceHeight(state))});
}

export function moveEvidence(state: EvidenceFacts, how: Move): EvidenceState {
  const {evidence} = state;
  if (!evidence.opened) return evidence;
  const {lines, top} = evidence.opened;
  return withTask(evidence, {top: moveText(top, how, lines?.length ?? 0, evidenceHeight(state))});
}

export function reduceEvidence<State extends EvidenceFacts>(state: State, action: EvidenceAction): State {
  const evidence = action.type === 'evidence sideways' ? look(state, action.how) : state.evidence;
  const reduced = {...state, evidence: reduceTask(evidence, action)};
  const fitted = {...reduced, evidence: fitEvidence(reduced)};
  return action.type === 'evidence opened' ? push(fitted, 'evidence') : fitted;
}
