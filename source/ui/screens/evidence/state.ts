import type {Subject} from '../../../engine/evidence/collect.ts';
import type {EvidenceRecord} from '../../../engine/evidence/schema.ts';
import {push} from '../../screen.ts';
import {clampText, type Move, moveText} from '../../scroll.ts';
import type {AppState} from '../../state.ts';
import {evidenceHeight, previewLines, widestLine} from './head.ts';

/** The key that evidence is signed with, as somebody named it, and whose it is. */
export type SigningKey = {path: string; signer: NonNullable<EvidenceRecord['signer']>};

/** An evidence file that was written. */
export type Written = {
  /** Absolute. */
  file: string;
  sha256: string;
  /** Of the session that it is about; null where it is about backups. */
  session: number | null;
  /** The session was signed off by then. */
  final: boolean;
  signer: EvidenceRecord['signer'];
  /** What is to be known although it was written. */
  beware: string[];
};

/** Evidence that is looked at, before it is written or after. */
export type EvidenceTask = {
  subject: Subject;
  state: 'making' | 'ready' | 'writing';
  /** The very file, in lines for the screen; null until it was made. */
  lines: string[] | null;
  /** Why it cannot be shown, signed or written; null while all is well. */
  problem: string | null;
  /** What its record lacks, for the operator: it can still be had. */
  lacks: string[];
  /** What it was written as; null before that. */
  written: Written | null;
  /** First line, and first column, that is seen. */
  top: number;
  left: number;
};

export type EvidenceState = {
  opened: EvidenceTask | null;
  /** Asked for once and kept until the app ends; null leaves the files unsigned. */
  key: SigningKey | null;
  /** All that was written since the app began, oldest first. */
  written: Written[];
};

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
export const exporting = ({evidence}: AppState): boolean => evidence.opened?.state === 'writing';

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

function look(state: AppState, how: 'left' | 'right'): EvidenceState {
  const {evidence, size} = state;
  if (!evidence.opened) return evidence;
  const to = evidence.opened.left + (how === 'left' ? -sideways : sideways);
  return withTask(evidence, {left: clampText(to, widestLine(state), size.columns - 2)});
}

/** What is seen stays inside the text: where there is less room than before, and where the text is another one. */
export function fitEvidence(state: AppState): EvidenceState {
  const {evidence} = state;
  if (!evidence.opened) return evidence;
  const {lines, top} = evidence.opened;
  return withTask(evidence, {top: clampText(top, lines?.length ?? 0, evidenceHeight(state))});
}

export function moveEvidence(state: AppState, how: Move): EvidenceState {
  const {evidence} = state;
  if (!evidence.opened) return evidence;
  const {lines, top} = evidence.opened;
  return withTask(evidence, {top: moveText(top, how, lines?.length ?? 0, evidenceHeight(state))});
}

export function reduceEvidence(state: AppState, action: EvidenceAction): AppState {
  const evidence = action.type === 'evidence sideways' ? look(state, action.how) : state.evidence;
  const reduced = {...state, evidence: reduceTask(evidence, action)};
  const fitted = {...reduced, evidence: fitEvidence(reduced)};
  return action.type === 'evidence opened' ? push(fitted, 'evidence') : fitted;
}
