import {describeError, type ExitCode, errorCode, exitCode, Problem} from '../base/problem.ts';
import {stoppedSession} from '../session/sessions.ts';
import {checkAuditLog} from './audit.ts';
import {checkChanged, checkDamaged, checkNewest, checkVerified} from './catalog.ts';
import {type Check, type CheckState, type Finding, type Found, type Group, unknown} from './check.ts';
import {checkClock} from './clock.ts';
import {checkEvidence} from './evidence.ts';
import {checkHooks} from './hooks.ts';
import {checkLeftovers, checkLock} from './lock.ts';
import {checkRuntime, checkTools} from './machine.ts';
import {checkMetrics} from './metrics.ts';
import {checkOwner} from './owner.ts';
import {checkBackups, checkState, checkUser} from './permissions.ts';
import {checkPhp, checkStrays} from './php.ts';
import {checkPins} from './pins.ts';
import {checkChanges, checkConfiguration, checkRoot} from './project.ts';
import {checkSessions} from './sessions.ts';
import {checkSources, checkTargets} from './sources.ts';
import {checkBackupSpace, checkRestoreSpace} from './space.ts';
import {type DoctorOptions, Subject, Unlisted} from './subject.ts';
import {checkTerminal} from './terminal.ts';

/** All there is to look at, in the order in which it is told. */
export const groups: Group[] = [
  {
    title: 'Project',
    checks: {root: checkRoot, configuration: checkConfiguration, changes: checkChanges, hooks: checkHooks},
  },
  {
    title: 'Who may do what',
    checks: {
      user: checkUser,
      state: checkState,
      backups: checkBackups,
      sources: checkSources,
      targets: checkTargets,
      owner: checkOwner,
    },
  },
  {
    title: 'Backups',
    checks: {
      newest: checkNewest,
      verified: checkVerified,
      damaged: checkDamaged,
      changed: checkChanged,
      pins: checkPins,
      strays: checkStrays,
      php: checkPhp,
    },
  },
  {title: 'Restores', checks: {sessions: checkSessions, lock: checkLock, leftovers: checkLeftovers}},
  {
    title: 'Disk and clock',
    checks: {'backup-space': checkBackupSpace, 'restore-space': checkRestoreSpace, clock: checkClock},
  },
  {
    title: 'Telling others',
    checks: {'audit-log': checkAuditLog, metrics: checkMetrics, evidence: checkEvidence},
  },
  {title: 'This machine', checks: {tools: checkTools, runtime: checkRuntime, terminal: checkTerminal}},
];

export type Counts = Record<CheckState, number>;

export type DoctorEvent =
  | {type: 'group'; title: string}
  | {type: 'check'; check: Check}
  /** `exit`: for monitoring; `checked`: rows, by their state. */
  | {type: 'finished'; counts: Counts; exit: ExitCode};

/** A check that cannot be carried out says so, and keeps none of the others from it. */
async function carryOut(subject: Subject, check: (subject: Subject) => Found): Promise<Finding[]> {
  try {
    return await check(subject);
  } catch (error) {
    const denied = errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM';
    const again = [subject.command('doctor')];
    if (error instanceof Unlisted) return [unknown('not known, because the backups cannot be listed')];
    if (error instanceof Problem) return [unknown(error.message)];
    return [
      denied
        ? unknown(`it may not be looked at as ${subject.myName}`, subject.asWhom, again)
        : unknown(`could not be looked at: ${describeError(error)}`),
    ];
  }
}

/** What a monitor goes by. */
function exitOf({wrong, beware, unknown: untold}: Counts, stopped: boolean): ExitCode {
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
  const subject = await Subject.open(options);
  const counts: Counts = {ok: 0, beware: 0, wrong: 0, unknown: 0};
  try {
    for (const {title, checks} of groups) {
      let told = false;
      for (const [id, check] of Object.entries(checks)) {
        if (signal.aborted) return;
        for (const found of await carryOut(subject, check)) {
          if (!told) yield {type: 'group', title};
          told = true;
          counts[found.state]++;
          yield {type: 'check', check: {id, ...found}};
        }
      }
    }
    if (signal.aborted) return;
    yield {type: 'finished', counts, exit: exitOf(counts, hasStopped(subject))};
  } finally {
    subject.close();
  }
}
