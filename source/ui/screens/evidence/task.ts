import type {EvidenceSubject} from '../../../engine/evidence/collect.ts';
import type {EvidenceRecord} from '../../../engine/evidence/schema.ts';
import type {AppFacts} from '../../facts.ts';

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
  subject: EvidenceSubject;
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

/** What evidence looks at of the app's state. */
export type EvidenceFacts = Pick<AppFacts, 'sessions' | 'me' | 'readOnly' | 'now' | 'size'> & {
  evidence: EvidenceState;
};
