import {userName} from '../base/owner.ts';
import {describeError, type ExitCode, errorCode, exitCode, Problem} from '../base/problem.ts';
import {stoppedSession} from '../session/sessions.ts';
import {checkChanged, checkDamaged, checkNewest, checkPins, checkVerified} from './backups.ts';
import {
  type Check,
  type CheckState,
  type Find,
  type Found,
  inProject,
  inRoot,
  inState,
  ok,
  unknown,
} from './check.ts';
import {
  checkConnections,
  checkCovered,
  checkLeftDatabases,
  checkRights,
  checkServerSpace,
} from './databases.ts';
import {checkClock, checkRuntime, checkTerminal, checkTools} from './machine.ts';
import {checkOwner} from './owner.ts';
import {checkBackups, checkState, checkUser} from './permissions.ts';
import {checkPhp, checkStrays} from './php.ts';
import {checkChanges, checkConfiguration, checkHooks, checkRoot} from './project.ts';
import {checkIncident, checkLeftovers, checkLock, checkSessions} from './restores.ts';
import {checkSources, checkTargets} from './sources.ts';
import {checkBackupSpace, checkRestoreSpace} from './space.ts';
import {type DoctorOptions, Subject, Unlisted} from './subject.ts';
import {checkAuditLog, checkEvidenceFiles, checkMetrics} from './telling.ts';

/** All there is to look at, in the order in which it is told: by its id, which is told where it cannot be carried out. */
const groups: Record<string, Record<string, Find>> = {
  Project: {
    root: checkRoot,
    configuration: inRoot(checkConfiguration),
    changes: inProject(checkChanges),
    hooks: inRoot(checkHooks),
  },
  'Who may do what': {
    user: checkUser,
    state: inRoot(checkState),
    backups: checkBackups,
    sources: inProject(checkSources),
    targets: inProject(checkTargets),
    owner: inRoot(checkOwner),
  },
  Databases: {
    covered: inProject(checkCovered),
    server: inProject(checkConnections),
    rights: inProject(checkRights),
    'server-space': inProject(checkServerSpace),
    'left-databases': inProject(checkLeftDatabases),
  },
  Backups: {
    newest: checkNewest,
    verified: checkVerified,
    damaged: checkDamaged,
    changed: checkChanged,
    pins: checkPins,
    strays: checkStrays,
    php: inRoot(checkPhp),
  },
  Restores: {
    sessions: inState(checkSessions),
    incident: inState(checkIncident),
    lock: inState(checkLock),
    leftovers: inState(checkLeftovers),
  },
  'Disk and clock': {
    'backup-space': inProject(checkBackupSpace),
    'restore-space': inProject(checkRestoreSpace),
    clock: inRoot(checkClock),
  },
  'Audit log, metrics, evidence': {
    'audit-log': inProject(checkAuditLog),
    metrics: inRoot(checkMetrics),
    evidence: inProject(checkEvidenceFiles),
  },
  'This machine': {tools: checkTools, runtime: checkRuntime, terminal: checkTerminal},
};

export type CheckCounts = Record<CheckState, number>;

export type DoctorEvent =
  | {type: 'group'; title: string}
  | {type: 'check'; check: Check}
  /** `exit`: for monitoring; `checked`: rows, by their state. */
  | {type: 'finished'; counts: CheckCounts; exit: ExitCode};

/** A check that cannot be carried out says so, and keeps none of the others from it. */
async function carryOut(subject: Subject, find: Find): Promise<Found[]> {
  try {
    const found: Found[] = [];
    const findings = find(subject);
    for (let step = await findings?.next(); step; step = await findings?.next()) {
      if (!step.done) found.push(step.value);
      else return found.length === 0 && step.value !== undefined ? [ok(step.value)] : found;
    }
    return found;
  } catch (error) {
    if (error instanceof Unlisted) return [unknown('not known, because the backups cannot be listed')];
    if (error instanceof Problem) return [unknown(error.message)];
    if (errorCode(error) !== 'EACCES' && errorCode(error) !== 'EPERM')
      return [unknown(`could not be looked at: ${describeError(error)}`)];
    const said = `it may not be looked at as ${userName()}`;
    return [unknown(said, subject.asWhom, [subject.command('doctor')])];
  }
}

/** What a monitor goes by. */
function exitOf({wrong, beware, unknown: untold}: CheckCounts, stopped: boolean): ExitCode {
  if (stopped) return exitCode.needsRecovery;
  if (wrong > 0) return exitCode.failed;
  return beware + untold > 0 ? exitCode.partial : exitCode.done;
}

function hasStopped({state}: Subject): boolean {
  try {
    return stoppedSession(state) !== null;
  } catch {
    // The check of the sessions has said why they cannot be read.
    return false;
  }
}

/**
 * Looks at everything that backups and restores need; changes nothing. Never throws: a check that fails is a row.
 * Where it is cancelled there is no end.
 */
export async function* examine(options: DoctorOptions): AsyncGenerator<DoctorEvent, void, undefined> {
  const {signal} = options;
  using subject = await Subject.open(options);
  const counts: CheckCounts = {ok: 0, beware: 0, wrong: 0, unknown: 0};
  for (const [title, checks] of Object.entries(groups)) {
    let told = false;
    for (const [id, find] of Object.entries(checks)) {
      if (signal.aborted) return;
      for (const found of await carryOut(subject, find)) {
        if (!told) yield {type: 'group', title};
        told = true;
        counts[found.state]++;
        yield {type: 'check', check: {id, ...found}};
      }
    }
  }
  if (signal.aborted) return;
  yield {type: 'finished', counts, exit: exitOf(counts, hasStopped(subject))};
}
