import {setTimeout as wait} from 'node:timers/promises';
import {escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {writeTime} from '../engine/base/time-text.ts';
import {isBefore} from '../engine/catalog/suggest.ts';
import {configuredNames} from '../engine/config/effective.ts';
import {checkMayWrite, type RunPlace} from '../engine/config/project.ts';
import {whyNoAudit} from '../engine/events/log/audit-log.ts';
import {signerOf} from '../engine/evidence/ssh-keygen.ts';
import {sharedPool} from '../engine/hashing/pool.ts';
import {changes, type RestorePlan} from '../engine/restore/action.ts';
import {auditDeviations, beginRestore} from '../engine/restore/begin.ts';
import {planDeviations} from '../engine/restore/deviations.ts';
import {followSession} from '../engine/restore/follow.ts';
import {Look} from '../engine/restore/look.ts';
import {planRestore, whyNotRestore} from '../engine/restore/plan.ts';
import type {Direction} from '../engine/restore/recover.ts';
import {recoverStopped} from '../engine/restore/recover-stopped.ts';
import {planUndoOf} from '../engine/restore/undo.ts';
import {checkRecovered} from '../engine/retention/writer.ts';
import type {About} from '../engine/session/about.ts';
import {knownIncident} from '../engine/session/incident.ts';
import {cameFrom} from '../engine/session/owner.ts';
import {requestCancel} from '../engine/session/progress.ts';
import {stoppedSession} from '../engine/session/sessions.ts';
import {inState} from '../engine/storage/runbook/state-directory.ts';
import {say, writeEscaped, writeJson, writeLine, writeText} from '../terminal/standard-output.ts';
import {aboutOf, withIncident} from './about.ts';
import {nameOperator} from './ask.ts';
import {type Command, openToWrite} from './command.ts';
import {findBackup, findLatestVerified, latestVerified} from './find-backup.ts';
import {checkPeriod, type EvidenceOutcome, keyOf, tellEvidence} from './make-evidence.ts';
import {chooseDatasets, confirm, isAskedWhich} from './restore-ask.ts';
import {
  checkFlags,
  listOf,
  optionsOf,
  type RestoreCall,
  reasonOf,
  restoreFlags,
  sessionNumber,
  usage,
} from './restore-flags.ts';
import {countedLosses, uncounted, type Wanted} from './restore-losses.ts';
import {planJson, planText, refusalText, summaryJson} from './restore-plan.ts';
import {jsonRestorePrinter, textRestorePrinter} from './restore-printers.ts';
import {tellTidied} from './tell.ts';

export const command: Command<typeof restoreFlags> = {
  summary: 'restore a backup, all of it or nothing; --dry-run says what it would do',
  task: 'Restore',
  operands: ['[ID]'],
  flags: restoreFlags,
  examples: [
    'magds restore --id=20261123_020000_nightly --only=ledger',
    'magds restore --id=20261123_020000_nightly --only=ledger --dry-run',
    'magds restore --id=latest-verified --into=/tmp/drill',
    'magds restore --undo=3',
  ],
  run,
};

function checkNoneStopped(root: string): void {
  inState(root, (state) => state && checkRecovered(state));
}

/** The backup that is asked for, by its id or as the newest that is verified. */
function wantedId({flags}: RestoreCall, place: RunPlace, {badSince}: About): string {
  if (flags.id !== latestVerified) return findBackup(place, flags.id ?? '');
  const before = Date.parse(badSince ?? '');
  const isKnown = !Number.isNaN(before);
  if (!isKnown && flags.into === undefined)
    usage(
      `--id=${latestVerified} is for a drill (--into=DIR), or with --bad-since=TIME: the newest one usually holds what went wrong.`,
    );
  return findLatestVerified(place, isKnown ? before : null, configuredNames(place.configuration));
}

/** What it is for; a drill is for no incident, and who said yes to a restore did not say it to its undo. */
function wantedAbout({flags}: RestoreCall, {root}: RunPlace): About {
  const about = aboutOf(flags);
  if (flags.into !== undefined || (about.purpose ?? 'incident') !== 'incident') return about;
  const words = ['badSince', 'ticket', 'title', 'authorisedBy'] as const;
  return withIncident(about, knownIncident(root), flags.undo === undefined ? words : ['ticket', 'title']);
}

async function makePlan(invocation: RestoreCall, place: RunPlace): Promise<Wanted> {
  const {flags, signal} = invocation;
  const about = wantedAbout(invocation, place);
  const undoes = flags.undo === undefined ? null : sessionNumber(flags.undo);
  const look = new Look(sharedPool(), signal);
  if (undoes !== null) {
    const optionsFor = (safety: string) => optionsOf(invocation, place, safety);
    return {planned: await planUndoOf(undoes, place, optionsFor, look), about};
  }
  const options = optionsOf(invocation, place, wantedId(invocation, place, about));
  const planned = {plan: await planRestore({place, options}, look), options, look};
  // What was cut off could not be read: that is no reason to refuse it.
  signal.throwIfAborted();
  if (!isAskedWhich(invocation)) return {planned, about};
  const told = await countedLosses(invocation, place, {planned, about});
  const only = await chooseDatasets(invocation, planned.plan, told);
  if (only === null) return {planned, about, told};
  const chosen = {...options, only};
  // What was hashed for the choice is not read again.
  const again = new Look(sharedPool(), signal, look.known);
  const plan = await planRestore({place, options: chosen}, again);
  return {planned: {plan, options: chosen, look: again}, about, told};
}

function warnOfBad({planned: {plan}, about: {badSince}}: Wanted): void {
  const at = Date.parse(badSince ?? '');
  if (Number.isNaN(at) || plan.undoes !== null || isBefore(plan.id, at)) return;
  say(`! ${escapeText(plan.id)} is not from before ${writeTime(at)}, and may hold the damage.`);
}

async function refusePlan({flags}: RestoreCall, plan: RestorePlan, reason: string): Promise<ExitCode> {
  if (flags.json) await writeJson(summaryJson(plan, {session: null, outcome: 'refused', reason}));
  say(`magds: ${escapeText(reason)}`);
  // A timer's drill that never began must not be looked for among those that failed.
  if (flags.evidence) say('! no evidence was written: it has not begun.');
  return exitCode.restoreRefused;
}

/** Whoever looks next, a script for one, must not find it still at work. It has nothing left to do. */
async function untilGone(isGone: () => boolean): Promise<void> {
  const began = performance.now();
  while (!isGone() && performance.now() - began < 5000) await wait(10);
}

const auditOf = (invocation: RestoreCall, {root, configuration}: RunPlace) => ({
  root,
  auditLog: configuration.auditLog.value,
  withoutAudit: reasonOf(invocation),
});

async function carryOut(
  invocation: RestoreCall,
  place: RunPlace,
  {planned, about}: Wanted,
): Promise<ExitCode> {
  const {flags, signal} = invocation;
  const {plan} = planned;
  const {number, directory, isGone} = await beginRestore(planned, {
    ...auditOf(invocation, place),
    environment: flags.env ?? null,
    breakHost: flags.breakLock ?? null,
    by: {from: cameFrom(process.env), screen: null},
    about,
    deviations: planDeviations(plan, place.root),
  });
  try {
    const cancel = (): void => {
      // A terminal that is closed takes nothing back: the restore goes on, and can be looked at.
      if (signal.reason === 'SIGHUP') return;
      say('Stopping; if files are being switched already, that is finished first.');
      requestCancel(directory);
    };
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, {once: true});
    let exit: ExitCode = exitCode.failed;
    const teller = async (): Promise<EvidenceOutcome> => {
      await untilGone(isGone);
      const told = await tellEvidence(invocation, place, number);
      // What was restored stays restored; that nobody told of it must not be missed.
      if ('reason' in told && exit === exitCode.done) exit = exitCode.partial;
      return told;
    };
    const print = flags.json ? jsonRestorePrinter : textRestorePrinter;
    const printer = print(plan, number, flags.evidence ? teller : null);
    for await (const event of followSession(directory, number, isGone, new AbortController().signal)) {
      if (event.type === 'finished') exit = event.finished.exit;
      await printer(event);
    }
    await untilGone(isGone);
    return exit;
  } finally {
    directory.close();
  }
}

async function run(invocation: RestoreCall): Promise<ExitCode> {
  const {flags} = invocation;
  checkFlags(invocation);
  checkPeriod(flags);
  try {
    const place = await openToWrite(invocation, flags.dryRun);
    checkMayWrite(place.configuration);
    if (flags.resume || flags.rollback) return await recoverCommand(invocation, place);
    // Before a plan is made: what the other one has left beside the live files would only be taken for a fault of theirs.
    checkNoneStopped(place.root);
    const wanted = await makePlan(invocation, place);
    invocation.signal.throwIfAborted();
    const {plan} = wanted.planned;
    warnOfBad(wanted);
    if (flags.plan !== undefined && flags.plan !== plan.hash)
      return await refusePlan(
        invocation,
        plan,
        `Refused: the plan is ${plan.hash} now, not ${flags.plan}: the backup, a live file or the configuration has changed since. Nothing was changed.`,
      );
    const refused = whyNotRestore(plan).length > 0;
    if (flags.dryRun) {
      const audit = await whyNoAudit(place.root, place.configuration.auditLog.value);
      const losses = await countedLosses(invocation, place, wanted);
      if (flags.json) await writeJson({...planJson(plan, place.root, losses), audit});
      else {
        const said = audit === null ? '' : `x ${escapeText(audit)}: it is refused without --without-audit\n`;
        await writeText(`${planText(plan, place.root, losses)}${said}Nothing was changed.\n`);
      }
      return refused ? exitCode.restoreRefused : exitCode.done;
    }
    if (!flags.json) {
      // Nobody decides by it any more where that is done: it costs only time then.
      const isAsked = flags.yes === undefined;
      const losses = isAsked ? await countedLosses(invocation, place, wanted) : uncounted(plan, place);
      await writeText(planText(plan, place.root, losses));
    }
    if (refused) return await refusePlan(invocation, plan, refusalText(plan));
    if (changes(plan).length === 0) {
      if (flags.evidence)
        throw new Problem(
          exitCode.failed,
          `--evidence: every live file is already what the backup holds, so nothing was restored, and there is nothing to report; for the backup itself: magds evidence export --id=${plan.id}`,
        );
      if (flags.json) await writeJson(summaryJson(plan, {session: null, outcome: 'done', reason: null}));
      return exitCode.done;
    }
    // Nobody types an id for a restore that is refused then.
    for (const each of await auditDeviations(auditOf(invocation, place))) say(`! ${escapeText(each)}`);
    await confirm(invocation, plan);
    await nameOperator(flags, invocation.signal);
    // A key that cannot sign is found before anything changes.
    const key = keyOf(invocation);
    if (key !== null) await signerOf(key);
    return await carryOut(invocation, place, wanted);
  } finally {
    sharedPool().close();
  }
}

const names = (text: string | undefined): Set<string> => new Set(listOf(text));

/** Finishes a restore that stopped halfway, or takes it back: `restore --resume` and `--rollback`. */
async function recoverCommand({flags, signal}: RestoreCall, place: RunPlace): Promise<ExitCode> {
  // Where nothing has stopped, nobody is asked who does what is then refused.
  if (inState(place.root, (state) => state && stoppedSession(state))) await nameOperator(flags, signal);
  const direction: Direction = flags.resume ? 'forward' : 'back';
  const {journal, files, beware, isWhole} = await recoverStopped({
    place,
    pool: sharedPool(),
    direction,
    keep: names(flags.keep),
    take: names(flags.take),
    breakHost: flags.breakLock,
    tidied: tellTidied,
  });
  if (flags.json) {
    const outcome = direction === 'forward' ? 'done' : 'rolled-back';
    const summary = {message_type: 'summary', command: 'restore', id: journal.id, session: journal.session};
    const rest = {outcome, drill: journal.drill, undoes: journal.undoes, datasets: files, reason: null};
    await writeJson({...summary, ...rest, beware, commands: []});
    return isWhole ? exitCode.done : exitCode.partial;
  }
  for (const {dataset, target, becomes} of files)
    await writeEscaped(`  ${becomes === 'kept' ? '!' : '+'} ${dataset}  ${becomes}  ${target}`);
  for (const line of beware) await writeEscaped(`! ${line}`);
  const now =
    direction === 'forward' ? 'is finished: all files are new' : 'is rolled back: all files are as before';
  const but = files.some(({becomes}) => becomes === 'kept') ? ', but for those kept' : '';
  await writeLine(`+ Session ${journal.session} ${now}${but}.`);
  return isWhole ? exitCode.done : exitCode.partial;
}
