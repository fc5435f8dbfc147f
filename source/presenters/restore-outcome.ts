import type {Finished} from '../engine/restore/request.ts';
import type {Story} from '../engine/session/story.ts';
import {type Fact, fact} from './fact.ts';

/** @property isPart the backup does not hold everything */
type Ended = Pick<Finished, 'outcome' | 'reason' | 'untouched'> & {
  isDrill: boolean;
  isUndo: boolean;
  isPart: boolean;
};

/** `means`: what that means for the live files, and those of a drill; empty where the rest says it. */
type Ending = {said: Fact; means: string};

const untouched = 'No live file was touched.';

/** The state of a session, wherever sessions are listed. */
export const stateWord = (state: Story['state']): string => (state === 'rolled-back' ? 'rolled back' : state);

/** How a restore, an undo or a drill ended. */
export function restoreEnding({
  outcome,
  reason,
  untouched: isUntouched,
  isDrill,
  isUndo,
  isPart,
}: Ended): Ending {
  const why = reason ?? 'why is not known';
  switch (outcome) {
    case 'done': {
      const word = isDrill ? 'Drill done' : isUndo ? 'Undone' : 'Restored';
      const means = isDrill ? `${untouched} A drill has no checklist.` : '';
      return isPart
        ? {said: fact('!', `${word} in part`, 'the backup does not hold everything'), means}
        : {said: fact('+', word, ''), means};
    }
    case 'cancelled':
      return {said: fact('!', 'Cancelled', 'nothing was changed'), means: ''};
    case 'needs-recovery':
      return {
        said: fact('x', 'Stopped', why),
        means: isUntouched
          ? untouched
          : isDrill
            ? `Files of the drill may be missing. ${untouched}`
            : 'Files may be half old, half new: keep the service stopped.',
      };
    case 'refused':
      return {said: fact('x', 'Refused', why), means: untouched};
    case 'rolled-back':
      return {
        said: fact('x', 'Failed, and rolled back', why),
        means: isDrill
          ? `Its files are removed again. ${untouched}`
          : 'The live files are what they were before.',
      };
  }
}
