import type {Subject} from '../engine/evidence/collect.ts';
import type {Answer} from '../engine/session/checklist.ts';
import type {TimeName} from '../engine/session/times.ts';
import type {RestoreSubject} from './screens/restore/task.ts';
import type {AppState} from './state.ts';

/** What a key may set off beside a change of state. */
export type Effects = {
  openManifest(id: string): void;
  /** @param other id of the backup to compare with; null for the live files */
  compare(id: string, other: string | null): void;
  /** Reads how one dataset of what is compared differs. */
  openDifference(name: string): void;
  /** Stops reading one dataset, or comparing altogether. */
  stopComparing(what: 'dataset' | 'all'): void;
  verify(id: string): void;
  stopVerify(): void;
  planRun(): void;
  run(label: string): void;
  stopRun(): void;
  planPrune(): void;
  /** @param expected ids that were shown to go */
  prune(expected: string[]): void;
  /**
   * @param only names of datasets; null for all
   * @param into where a drill puts its files, an absolute path; null restores
   */
  planRestore(subject: RestoreSubject, only: string[] | null, into: string | null): void;
  stopPlanning(): void;
  /** Looks which processes may be the service that writes. */
  findService(): void;
  /** Carries out what was confirmed, after one more look. */
  restore(): void;
  cancelRestore(): void;
  /**
   * Answers a step of a checklist by somebody's word, or by machine.
   * @param serviceBack when the service was back, where that is what was answered: milliseconds since the epoch
   */
  answer(session: number, answer: Answer, serviceBack?: number): void;
  check(session: number, step: string): void;
  stopCheck(): void;
  closeSession(session: number): void;
  /** Records when something of the incident was, in milliseconds since the epoch. */
  recordTime(session: number, what: TimeName, at: number): void;
  /** Makes a session that somebody else has this screen's. */
  takeOver(session: number): void;
  recover(direction: 'forward' | 'back'): void;
  /** Makes the evidence file that would be written now, to be looked at. */
  previewEvidence(subject: Subject): void;
  /** Writes what is looked at. */
  exportEvidence(): void;
  /** @param path of the key that signs evidence from now on, as it was typed; empty for none */
  chooseKey(path: string): void;
  /** Reads the audit log from its end, and goes on with it until the screen is left. */
  followActivity(): void;
  hold(id: string, reason: string): void;
  letGo(id: string): void;
  copy(text: string): void;
  /** Who is at the keyboard. */
  operator(): string;
  suspend(): void;
  quit(): void;
  /** The state that was on the screen last: a warning counts only once it could be read. */
  painted(): AppState;
  /** Milliseconds for which the screen that is seen has been on the terminal; keys of before were meant for another. */
  shownFor(): number;
};
