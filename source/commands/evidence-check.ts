import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {counted} from '../engine/base/format.ts';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {restoreSettings} from '../engine/config/own-settings.ts';
import {type CheckEvent, type CheckOptions, checkEvidence} from '../engine/evidence/check.ts';
import {unsignedText} from '../engine/evidence/check-beside.ts';
import {conclusionOf} from '../engine/evidence/conclude.ts';
import {sharedPool} from '../engine/hashing/pool.ts';
import {writeLine} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openPlace} from './command.ts';
import {checkLine, fileFlag, givenFiles, namesOf} from './evidence-files.ts';
import {signerFlags, text, yes} from './flags.ts';

const flags = {
  ...signerFlags,
  live: yes('hash the copies and the live files again: did they change (then exit 4)'),
  log: text('FILE', 'a copy of the audit log: does it have this file, and its events unchanged'),
  tsaCa: text('FILE', 'certificates (PEM) that have to vouch for a time stamp'),
};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'whether evidence files are unchanged, who signed them, and whether any is missing in between',
  task: 'Prove',
  operands: ['FILE…'],
  flags,
  run,
};

type Checked = Extract<CheckEvent, {type: 'checked'}>;

/** Only how a change is worded hangs on it: what cannot be read of a root that a file names is not for this to judge. */
function volatileOf(root: string | null): string[] {
  try {
    return root === null ? [] : restoreSettings(root).volatile;
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
}

async function liveOptions(invocation: Call): Promise<CheckOptions['live']> {
  const {flags} = invocation;
  if (!flags.live) return null;
  const isGiven = flags.root !== undefined || flags.backups !== undefined;
  const {root, backups} = isGiven ? (await openPlace(invocation)).place : {root: null, backups: null};
  return {root, backups, pool: sharedPool(), volatile: volatileOf};
}

/** What to make of a file, in one line. */
function verdictLine(given: string, {verdict, checks}: Checked): string {
  const bad = checks.filter(({state}) => state === 'failed');
  const gaps = checks.filter((check) => check.gap);
  const left = checks.filter(
    (check) => check.state === 'not checked' && !check.gap && check.text !== unsignedText,
  );
  const rest = left.length > 0 ? `; not checked: ${namesOf(left)}` : '';
  const unsigned = checks.some(({text}) => text === unsignedText) ? '; unsigned: shows corruption only' : '';
  if (verdict === 'failed')
    return `x ${given}: do not rely on it: ${counted(bad.length, 'check')} failed: ${namesOf(bad)}`;
  if (verdict === 'incomplete')
    return `! ${given}: what could be checked holds${unsigned}; could not be checked: ${namesOf(gaps)}${rest}`;
  return `+ ${given}: all that was checked holds${unsigned}${rest}`;
}

function exitOf(verdicts: Checked['verdict'][]): ExitCode {
  if (verdicts.includes('failed')) return exitCode.verificationFailed;
  return verdicts.includes('incomplete') ? exitCode.partial : exitCode.done;
}

async function run(invocation: Call): Promise<ExitCode> {
  const {flags, signal} = invocation;
  const files = givenFiles(invocation);
  if (flags.identity !== undefined && flags.allowedSigners === undefined)
    throw new Problem(
      exitCode.usage,
      '--identity goes with --allowed-signers=FILE, which says whose key is which.',
    );
  const allowedSigners = fileFlag(invocation, '--allowed-signers', flags.allowedSigners);
  const tsaCa = fileFlag(invocation, '--tsa-ca', flags.tsaCa);
  const log = fileFlag(invocation, '--log', flags.log);
  const identity = flags.identity ?? null;
  const live = await liveOptions(invocation);
  const all: {given: string; checked: Checked}[] = [];
  try {
    for (const {given, file} of files) {
      const lines: string[] = [];
      for await (const event of checkEvidence({file, allowedSigners, identity, tsaCa, log, live, signal})) {
        if (event.type === 'checked') all.push({given, checked: event});
        else if (flags.json) await writeLine(asciiJson({message_type: 'check', file: given, ...event.check}));
        else lines.push(`  ${escapeText(checkLine(event.check))}`);
      }
      // What a reader may conclude comes first, then how it was found.
      const concluded = conclusionOf(all.at(-1)?.checked.checks ?? []).map((line) => `  ${escapeText(line)}`);
      if (!flags.json)
        for (const line of [escapeText(given), ...concluded, '', ...lines]) await writeLine(line);
      if (signal.aborted) return exitCode.cancelled;
    }
  } finally {
    if (live) live.pool.close();
  }
  if (flags.json) {
    const summary = all.map(({given, checked: {verdict, sha256, checks}}) => ({
      file: given,
      result: verdict,
      sha256,
      conclusion: conclusionOf(checks),
      checks,
    }));
    await writeLine(asciiJson({message_type: 'summary', command: 'evidence:check', files: summary}));
  } else for (const {given, checked} of all) await writeLine(escapeText(verdictLine(given, checked)));
  return exitOf(all.map(({checked}) => checked.verdict));
}
