import type {ActivityTasks} from './screens/activity/work.ts';
import type {DifferencesTasks} from './screens/differences/work.ts';
import type {EvidenceTasks} from './screens/evidence/work.ts';
import type {RestoreTasks} from './screens/restore/work.ts';
import type {WritingTasks} from './screens/run/work.ts';
import type {SessionTasks} from './screens/sessions/work.ts';
import type {AppState} from './state.ts';

/** Has something done by what is loaded when it is first asked for. */
type Ask<Tasks> = (action: (tasks: Tasks) => void) => void;

/** The work behind the screens. */
export type Work = {
  openManifest(id: string): void;
  verify(id: string): void;
  stopVerify(): void;
  writing: Pick<WritingTasks, 'planRun' | 'run' | 'stopRun' | 'planPrune' | 'prune' | 'hold' | 'letGo'>;
  differences: Ask<Pick<DifferencesTasks, 'compare' | 'open' | 'stop'>>;
  restore: Ask<Pick<RestoreTasks, 'plan' | 'stopPlanning' | 'findService' | 'start' | 'cancel'>>;
  sessions: Ask<
    Pick<SessionTasks, 'answer' | 'recordTime' | 'check' | 'stopCheck' | 'close' | 'takeOver' | 'recover'>
  >;
  evidence: Ask<Pick<EvidenceTasks, 'preview' | 'write' | 'chooseKey'>>;
  activity: Ask<Pick<ActivityTasks, 'follow'>>;
};

/** What a key may set off beside a change of state. */
export type Effects = {
  work: Work;
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
