import type {Directory} from '../base/directory.ts';
import {exitCode, Problem} from '../base/problem.ts';
import {removeEmpty, removeTree} from '../base/remove-tree.ts';
import {NotStarted} from '../base/start.ts';
import {whyNoAudit} from '../events/log/audit-log.ts';
import {checkRecovered} from '../retention/writer.ts';
import type {About} from '../session/about.ts';
import {timesSaid, wordsSaid} from '../session/incident.ts';
import type {Who} from '../session/owner.ts';
import {makeSession, sessionsName} from '../session/sessions.ts';
import {lockOwner} from '../storage/runbook/lock.ts';
import {describeOwner} from '../storage/runbook/lock-record.ts';
import {openState} from '../storage/runbook/state-directory.ts';
import type {RestoreOptions, RestorePlan} from './action.ts';
import {makeDrillDirectory} from './drill.ts';
import type {Look} from './look.ts';
import {type RestoreRequest, requestOptions} from './request.ts';
import {startRestore} from './start.ts';

/** A plan, what it was made of, and what was read for it. */
export type Planned = {plan: RestorePlan; options: RestoreOptions; look: Look};

/** Who asks for a restore, and what for. */
type Asked = Partial<Pick<RestoreRequest, 'although' | 'untilHook' | 'deviations'>> & {
  root: string;
  /** As the operator named it by `--env`. */
  environment: string | null;
  /** The host whose lock is taken, as `--break-lock` names it. */
  breakHost: string | null;
  by: Pick<Who, 'from' | 'screen'>;
  about: About;
  /** Absolute path of the root's audit log. */
  auditLog: string;
  /** Why it is restored although that cannot be written; null where nobody has said. */
  withoutAudit: string | null;
};

type Begun = {
  /** Of the session. */
  number: number;
  /** The session's directory, where its record is written; for the caller to close. */
  directory: Directory;
  /** Whether the process that restores has ended. */
  isGone: () => boolean;
};

/**
 * In which a restore goes another way than it should because its events cannot be kept; empty where they can.
 * @throws Problem (exit 5) where nobody has said why it is to be made all the same
 */
export async function auditDeviations({
  root,
  auditLog,
  withoutAudit,
}: Pick<Asked, 'root' | 'auditLog' | 'withoutAudit'>): Promise<string[]> {
  const why = await whyNoAudit(root, auditLog);
  if (why === null) return [];
  if (withoutAudit !== null) return [`${why}; restored without it: ${withoutAudit}`];
  throw new Problem(
    exitCode.restoreRefused,
    `Refused: ${why}. A restore has to be logged there: fix that, or give a reason to restore without it: --without-audit="REASON", which is recorded. Nothing was changed.`,
  );
}

/** @param made goes again where there can be no session */
function begun(state: Directory, made: string | null): ReturnType<typeof makeSession> {
  try {
    return makeSession(state);
  } catch (error) {
    if (made !== null) removeEmpty(made);
    throw error;
  }
}

/**
 * Begins a session, makes the directory of a drill, and starts the process that carries out a plan which was agreed to.
 * @throws Problem where another writer is at work, a restore stopped halfway, or the audit log cannot be written: then
 * nothing was begun
 */
export async function beginRestore({plan, options, look}: Planned, asked: Asked): Promise<Begun> {
  const {root, environment, breakHost, by, about, although, untilHook} = asked;
  using state = openState(root);
  checkRecovered(state);
  const owner = lockOwner(state);
  if (owner)
    throw new Problem(
      exitCode.locked,
      `Locked by ${describeOwner(owner, Date.now())}. Nothing was changed. Listing and verifying do not wait for it.`,
    );
  const unaudited = await auditDeviations(asked);
  const deviations = [...(asked.deviations ?? []), ...unaudited];
  const {into} = plan;
  const isMade = into !== null && makeDrillDirectory(into, root);
  const {number, directory} = begun(state, isMade ? into : null);
  try {
    const request = {
      root,
      session: number,
      environment,
      breakHost,
      plan: plan.hash,
      undoes: plan.undoes,
      options: requestOptions(options),
      isMade,
      known: [...look.known],
      by,
      ...about,
      said: wordsSaid(state, about),
      times: into === null && plan.undoes === null ? timesSaid(state) : [],
      although,
      untilHook,
      withoutAudit: unaudited.length > 0,
      deviations,
    };
    return {number, directory, ...(await startRestore(request, directory))};
  } catch (error) {
    directory.close();
    if (error instanceof NotStarted) {
      removeTree(`${state.path}/${sessionsName}`, String(number));
      if (isMade) removeEmpty(into);
    }
    throw error;
  }
}
