import type {Standing} from '../../../engine/restore/switch.ts';
import type {Phase} from '../../../engine/session/journal.ts';
import {withoutLast} from '../../../presenters/graphemes.ts';

export type StoppedFile = {dataset: string; target: string; standing: Standing};

/** A restore that stopped halfway, and what is decided about it. */
export type StoppedTask = {
  session: number;
  id: string;
  undoes: number | null;
  /** It goes into a directory of its own, and touches nothing live. */
  drill: boolean;
  phase: Phase;
  operator: string | null;
  ticket: string | null;
  /** When its record ends. */
  at: string | null;
  pid: number;
  /** Why its journal is not obeyed; null where it is. */
  untrusted: string | null;
  /** What each live file is now; none where nothing had been changed, or its journal is not obeyed. */
  files: StoppedFile[];
  typed: string;
  /** What was decided is being done. */
  working: boolean;
};

export type StoppedAction =
  | {type: 'stopped found'; stopped: Omit<StoppedTask, 'typed' | 'working'>}
  | {type: 'stopped settled'}
  | {type: 'stopped opened'}
  | {type: 'decision typed'; text: string}
  | {type: 'decision erased'}
  | {type: 'decision cleared'}
  | {type: 'recovery started'}
  | {type: 'recovery failed'};

export type Decision = 'finish' | 'back' | 'look';

/** Datasets whose live file somebody has written to since: what becomes of each is decided on the command line. */
export const writtenIn = ({files}: StoppedTask): string[] =>
  files.filter(({standing}) => standing === 'written').map(({dataset}) => dataset);

/** What can be typed: forward only where files were being switched, nothing but a look where that takes more than a word. */
export function decisions(task: StoppedTask): Decision[] {
  const {phase, untrusted} = task;
  if (untrusted !== null || writtenIn(task).length > 0) return ['look'];
  return phase === 'commit' ? ['finish', 'back', 'look'] : ['back', 'look'];
}

/** What was decided; null where no such word has been typed. */
export const decisionOf = (task: StoppedTask): Decision | null =>
  decisions(task).find((each) => each === task.typed) ?? null;

const longest = 32;

const typing = (task: StoppedTask, typed: string): StoppedTask =>
  task.working ? task : {...task, typed: typed.slice(0, longest)};

export function reduceStopped(task: StoppedTask | null, action: StoppedAction): StoppedTask | null {
  if (action.type === 'stopped found') {
    const again = task?.session === action.stopped.session ? task : null;
    return {...action.stopped, typed: again?.typed ?? '', working: again?.working ?? false};
  }
  if (!task || action.type === 'stopped settled') return null;
  switch (action.type) {
    case 'stopped opened':
    case 'decision cleared':
      return typing(task, '');
    case 'decision typed':
      return typing(task, task.typed + action.text);
    case 'decision erased':
      return typing(task, withoutLast(task.typed));
    case 'recovery started':
      return {...task, working: true};
    case 'recovery failed':
      return {...task, working: false, typed: ''};
  }
}
