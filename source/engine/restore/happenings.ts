import type {Journal} from '../session/journal.ts';
import {type Happening, mostListed} from '../storage/events.ts';
import {changes, type RestorePlan} from './action.ts';
import type {Recovered} from './recover.ts';
import type {Finished, RestoreRequest} from './request.ts';

type Request = Pick<
  RestoreRequest,
  'session' | 'undoes' | 'purpose' | 'ticket' | 'authorisedBy' | 'plan' | 'deviations' | 'options'
>;

const ofRestore = ({session, undoes, options}: Request) => ({
  id: options.id,
  session,
  drill: options.into !== null,
  undoes,
});

/** @param plan the one that is carried out */
export const ofStart = (request: Request, plan: RestorePlan): Happening => ({
  action: 'magdb.restore.started',
  payload: {
    ...ofRestore(request),
    purpose: request.purpose,
    ticket: request.ticket,
    authorised_by: request.authorisedBy,
    plan: request.plan,
    datasets: [...new Set(changes(plan).map(({dataset}) => dataset))].slice(0, mostListed),
    deviations: (request.deviations ?? []).slice(0, mostListed),
  },
});

/** @param files that were changed; @param seconds that it took */
export function ofEnd(
  request: Request,
  {outcome, reason}: Finished,
  files: number,
  seconds: number,
): Happening {
  const about = ofRestore(request);
  if (outcome === 'done') return {action: 'magdb.restore.completed', payload: {...about, files, seconds}};
  const why = reason ?? outcome;
  if (outcome === 'rolled-back')
    return {action: 'magdb.restore.rolled_back', payload: {...about, reason: why}};
  return {action: 'magdb.restore.failed', payload: {...about, outcome, reason: why}};
}

/**
 * A restore that had stopped halfway is finished, or taken back.
 * @param files what has become of each
 */
export function ofRecovery(
  {id, session, drill, undoes}: Journal,
  direction: 'forward' | 'back',
  files: Recovered['files'],
): Happening {
  const about = {id, session, drill, undoes};
  const count = files.filter(({becomes}) => becomes === 'new').length;
  if (direction === 'forward')
    return {action: 'magdb.restore.completed', payload: {...about, files: count, seconds: null}};
  const kept = files.filter(({becomes}) => becomes === 'kept').map(({dataset}) => dataset);
  const but = kept.length > 0 ? `, but for what had been written since: ${kept.join(', ')}` : '';
  const reason = `it had stopped halfway, and was taken back${but}`;
  return {action: 'magdb.restore.rolled_back', payload: {...about, reason}};
}

/** It could not be finished, or taken back: it still waits. */
export function ofNoRecovery(
  {id, session, drill, undoes}: Journal,
  direction: 'forward' | 'back',
  why: string,
): Happening {
  const done = direction === 'forward' ? 'finished' : 'taken back';
  const reason = `it had stopped halfway, and could not be ${done}: ${why}`;
  return {
    action: 'magdb.restore.failed',
    payload: {id, session, drill, undoes, outcome: 'needs-recovery', reason},
  };
}
