import fs from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline/promises';
import {setTimeout as wait} from 'node:timers/promises';
import {checkMayWrite, type RunPlace} from '../engine/backup/plan.ts';
import {asciiJson, escapeText} from '../engine/escape.ts';
import {sharedPool} from '../engine/hashing/pool.ts';
import {heldDirectory} from '../engine/held.ts';
import {userNameOf} from '../engine/owner.ts';
import {describeError, type ExitCode, exitCode, Problem} from '../engine/problem.ts';
import {changes, type RestoreOptions, type RestorePlan} from '../engine/restore/action.ts';
import {followSession} from '../engine/restore/follow.ts';
import {Look} from '../engine/restore/look.ts';
import {planRestore, whyNotRestore} from '../engine/restore/plan.ts';
import {type RestoreRequest, requestOptions} from '../engine/restore/request.ts';
import {journalOf, makeSession} from '../engine/restore/sessions.ts';
import {restoreSettings} from '../engine/restore/settings.ts';
import {startRestore} from '../engine/restore/start.ts';
import {requestCancel} from '../engine/restore/telling.ts';
import {planUndo} from '../engine/restore/undo.ts';
import {lockOwner} from '../engine/runbook/lock.ts';
import {describeOwner} from '../engine/runbook/lock-record.ts';
import {findState, openState} from '../engine/runbook/state-directory.ts';
import {cameFrom} from '../engine/session/owner.ts';
import {writeTime} from '../engine/time-text.ts';
import {checkRecovered} from '../engine/writer.ts';
import {isBefore} from '../state/bad-since.ts';
import {writeLine, writeOut} from '../terminal/standard-output.ts';
import {badSinceOf} from './bad-since.ts';
import {type Invocation, openToWrite, type Run} from './command.ts';
import {findBackup} from './find-backup.ts';
import {planJson, planText, problemJson, refusalText, summaryJson} from './restore-plan.ts';
import {jsonRestorePrinter, textRestorePrinter} from './restore-printers.ts';
import {recoverCommand} from './restore-recovery.ts';
import {spellFlag} from './usage.ts';

const usage = (message: string): never => {
  throw new Problem(exitCode.usage, `${message} Nothing was changed.`);
};

const listOf = (text: string | undefined): string[] | null =>
  text === undefined ? null : text.split(',').filter((name) => name !== '');

function mapOf(given: string[]): Map<string, string> {
  return new Map(
    given.map((each): [string, string] => {
      const at = each.indexOf('=');
      if (at < 1) return usage(`--map=${each}: give NAME=PATH.`);
      return [each.slice(0, at), each.slice(at + 1)];
    }),
  );
}

/** An existing directory for a drill, or one to be made; never one where PHP or a service would find the files. */
function drillDirectory(given: string | undefined, cwd: string, root: string): string | null {
  if (given === undefined) return null;
  const into = path.resolve(cwd, given);
  const parent = path.dirname(into);
  try {
    const real = fs.existsSync(into)
      ? fs.realpathSync(into)
      : path.join(fs.realpathSync(parent), path.basename(into));
    const project = fs.realpathSync(root);
    const storage = fs.realpathSync(`${root}/storage`);
    if ([project, storage].some((each) => real === each || real.startsWith(`${each}/`)))
      usage(
        `--into=${given} lies in the project: a drill goes to a directory of its own, such as /var/tmp/drill.`,
      );
    // Who may make the directory first, where everybody may, would choose where the files go, and replace them.
    const there = fs.lstatSync(into, {throwIfNoEntry: false});
    const me = process.getuid?.() ?? 0;
    if (there?.isSymbolicLink()) usage(`--into=${given} is a link: name the directory that it leads to.`);
    if (there && there.uid !== 0 && there.uid !== me)
      usage(
        `--into=${given} belongs to ${userNameOf(there.uid)}, not to you or root: a drill goes to a directory of your own.`,
      );
    return into;
  } catch (error) {
    if (error instanceof Problem) throw error;
    return usage(`--into=${given}: ${describeError(error)}.`);
  }
}

function optionsOf({flags, cwd}: Invocation, {root}: RunPlace, id: string): RestoreOptions {
  return {
    held: heldDirectory(root),
    id,
    only: listOf(flags.only),
    into: drillDirectory(flags.into, cwd, root),
    allowed: (flags.allowTarget ?? []).map((each) => path.resolve(cwd, each)),
    map: new Map([...mapOf(flags.map ?? [])].map(([name, file]) => [name, path.resolve(cwd, file)])),
    last: flags.last ?? null,
    breakLinks: flags.breakLinks ?? false,
    volatile: restoreSettings(root).volatile,
    safety: flags.safetyBackup ?? true,
    // Where nobody looks at the plan, hashing once, while it is staged, will do.
    checkCopies: flags.dryRun || flags.yes === undefined ? 'all' : 'unstaged',
  };
}

function sessionNumber(text: string): number {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : usage(`--undo=${text}: give a session's number.`);
}

function checkNoneStopped(root: string): void {
  const state = findState(root);
  if (!state) return;
  try {
    checkRecovered(state);
  } finally {
    state.close();
  }
}

type Planned = {
  plan: RestorePlan;
  options: RestoreOptions;
  look: Look;
  undoes: number | null;
  /** Milliseconds since the epoch; null where the operator has not said. */
  badSince: number | null;
};

async function makePlan(invocation: Invocation, place: RunPlace): Promise<Planned> {
  const {flags, signal} = invocation;
  const badSince = badSinceOf(flags, Date.now());
  const undoes = flags.undo === undefined ? null : sessionNumber(flags.undo);
  const look = new Look(sharedPool(), signal);
  if (undoes !== null) {
    const state = findState(place.root);
    if (!state) throw new Problem(exitCode.notFound, `There is no session ${undoes} here.`);
    try {
      const journal = journalOf(state, undoes);
      const options = optionsOf(invocation, place, journal.safety ?? '');
      return {plan: await planUndo({place, options}, journal, look), options, look, undoes, badSince};
    } finally {
      state.close();
    }
  }
  const id = findBackup(place, flags.id ?? '');
  const options = optionsOf(invocation, place, id);
  if (options.into !== null && !flags.dryRun) fs.mkdirSync(options.into, {recursive: true, mode: 0o700});
  if (options.into !== null && !fs.existsSync(options.into))
    return usage(`--into=${flags.into}: not there yet: make it, so that a dry run can look at it.`);
  return {plan: await planRestore({place, options}, look), options, look, undoes, badSince};
}

/** What has to be typed, or given as `--yes`, before anything is changed. */
async function confirm({flags, signal}: Invocation, plan: RestorePlan): Promise<void> {
  const [word, what] =
    plan.undoes === null ? [plan.id, "the backup's id"] : [String(plan.undoes), "the session's number"];
  if (flags.yes !== undefined) {
    if (flags.yes !== word) usage(`--yes=${flags.yes} is not ${word}.`);
    return;
  }
  // A drill writes nothing but what is new, in a directory of its own.
  if (plan.into !== null) return;
  if (!process.stdin.isTTY || flags.json) usage(`Nobody is there to ask: --yes=${word} confirms it.`);
  const prompt = createInterface({input: process.stdin, output: process.stderr});
  try {
    const answer = await prompt.question(`Type ${what} to go on: `, {signal});
    if (answer.trim() !== word) throw new Problem(exitCode.cancelled, 'That is not it. Nothing was changed.');
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(exitCode.cancelled, 'Cancelled. Nothing was changed.');
  } finally {
    prompt.close();
  }
}

async function refusePlan({flags}: Invocation, plan: RestorePlan, reason: string): Promise<ExitCode> {
  if (flags.json) await writeLine(asciiJson(summaryJson(plan, {session: null, outcome: 'refused', reason})));
  process.stderr.write(`magds: ${escapeText(reason)}\n`);
  return exitCode.restoreRefused;
}

/** Whoever looks next, a script for one, must not find it still at work. It has nothing left to do. */
async function untilGone(isGone: () => boolean): Promise<void> {
  const began = performance.now();
  while (!isGone() && performance.now() - began < 5000) await wait(10);
}

async function carryOut(invocation: Invocation, place: RunPlace, planned: Planned): Promise<ExitCode> {
  const {flags, signal} = invocation;
  const {plan, options, look, undoes, badSince} = planned;
  const state = openState(place.root);
  try {
    const owner = lockOwner(state);
    if (owner)
      throw new Problem(
        exitCode.locked,
        `Locked by ${describeOwner(owner, Date.now())}. Nothing was changed. Listing and verifying do not wait for it.`,
      );
    const {number, directory} = makeSession(state);
    const request: RestoreRequest = {
      root: place.root,
      session: number,
      environment: flags.env ?? null,
      breakHost: flags.breakLock ?? null,
      plan: plan.hash,
      undoes,
      options: requestOptions(options),
      known: [...look.known],
      by: {from: cameFrom(process.env), screen: null},
      ticket: flags.ticket ?? null,
      purpose: flags.purpose ?? null,
      badSince: badSince === null ? null : new Date(badSince).toISOString(),
    };
    try {
      const {isGone} = startRestore(request, directory);
      const cancel = (): void => {
        // A terminal that is closed takes nothing back: the restore goes on, and can be looked at.
        if (signal.reason === 'SIGHUP') return;
        process.stderr.write('Stopping; if files are being switched already, that is finished first.\n');
        requestCancel(directory);
      };
      if (signal.aborted) cancel();
      else signal.addEventListener('abort', cancel, {once: true});
      const printer = flags.json ? jsonRestorePrinter(plan, number) : textRestorePrinter(plan, number);
      let exit: ExitCode = exitCode.failed;
      for await (const event of followSession(directory, number, isGone, new AbortController().signal)) {
        await printer(event);
        if (event.type === 'finished') exit = event.finished.exit;
      }
      await untilGone(isGone);
      return exit;
    } finally {
      directory.close();
    }
  } finally {
    state.close();
  }
}

/** Flags that say how a restore is made, and flags that decide what happens to one that stopped. */
const forRestore = ['plan', 'only', 'last', 'into', 'allowTarget', 'map', 'breakLinks'] as const;
const forRecovery = ['keep', 'take'] as const;

/** @throws Problem where flags do not go together: one that is passed over could do harm */
function checkFlags({flags}: Invocation): void {
  const ways = (['id', 'undo', 'resume', 'rollback'] as const).filter((name) => flags[name] !== undefined);
  const [way] = ways;
  if (way === undefined || ways.length > 1)
    throw new Problem(
      exitCode.usage,
      'Give one of --id=ID, --undo=SESSION, --resume, --rollback. "magds restore status" says what there is. Nothing was changed.',
    );
  const isRecovery = way === 'resume' || way === 'rollback';
  const wrong = [
    ...(way === 'id' ? [] : forRestore.filter((name) => name !== 'plan' || isRecovery)),
    ...(isRecovery ? (['dryRun', 'safetyBackup', 'yes'] as const) : forRecovery),
  ].find((name) => flags[name] !== undefined);
  if (wrong !== undefined) usage(`${spellFlag(wrong)} does not go with ${spellFlag(way)}.`);
}

export const restore: Run = async (invocation) => {
  const {flags} = invocation;
  checkFlags(invocation);
  try {
    const place = await openToWrite({
      ...invocation,
      flags: {...flags, readOnly: (flags.readOnly && !flags.dryRun) ?? false},
    });
    checkMayWrite(place.configuration);
    if (flags.resume || flags.rollback) return await recoverCommand(invocation, place);
    // Before a plan is made: what the other one has left beside the live files would only be taken for a fault of theirs.
    checkNoneStopped(place.root);
    const planned = await makePlan(invocation, place);
    const {plan, badSince} = planned;
    if (badSince !== null && plan.undoes === null && !isBefore(plan.id, badSince))
      process.stderr.write(
        `! ${escapeText(plan.id)} is not from before ${writeTime(badSince)}, and may hold what is bad.\n`,
      );
    if (flags.plan !== undefined && flags.plan !== plan.hash)
      return await refusePlan(
        invocation,
        plan,
        `Refused: the plan is ${plan.hash} now, not ${flags.plan}: the backup or a live file has changed since. Nothing was changed.`,
      );
    const refused = whyNotRestore(plan).length > 0;
    if (flags.dryRun) {
      if (flags.json) await writeLine(asciiJson(planJson(plan, place.root)));
      else await writeOut(`${planText(plan, place.root)}Nothing was changed.\n`);
      return refused ? exitCode.restoreRefused : exitCode.done;
    }
    if (!flags.json) await writeOut(planText(plan, place.root));
    if (refused) return await refusePlan(invocation, plan, refusalText(plan));
    if (changes(plan).length === 0) {
      if (flags.json)
        await writeLine(asciiJson(summaryJson(plan, {session: null, outcome: 'done', reason: null})));
      return exitCode.done;
    }
    await confirm(invocation, plan);
    return await carryOut(invocation, place, planned);
  } catch (error) {
    // Whoever reads the last line must find one; what was typed wrongly is seen by whoever typed it.
    if (error instanceof Problem && error.exit !== exitCode.usage && flags.json && !flags.dryRun)
      await writeLine(asciiJson(problemJson(invocation, error)));
    throw error;
  } finally {
    sharedPool().close();
  }
};
