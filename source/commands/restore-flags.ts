import path from 'node:path';
import {exitCode, Problem} from '../engine/base/problem.ts';
import type {RunPlace} from '../engine/config/project.ts';
import {restoreSettings} from '../engine/config/restore-settings.ts';
import type {RestoreOptions} from '../engine/restore/action.ts';
import {drillDirectory} from '../engine/restore/drill.ts';
import {type About, lineOf, longestOf, purposeOf} from '../engine/session/about.ts';
import {heldDirectory} from '../engine/storage/held.ts';
import {badSinceOf} from './bad-since.ts';
import type {Invocation} from './command.ts';
import {spellFlag} from './flags.ts';

/** @throws Problem (wrong usage) */
export const usage = (message: string): never => {
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

/** How the restore of a backup is made, as the flags say. */
export function optionsOf({flags, cwd}: Invocation, {root}: RunPlace, id: string): RestoreOptions {
  const {into} = flags;
  return {
    held: heldDirectory(root),
    id,
    only: listOf(flags.only),
    into: into === undefined ? null : drillDirectory(into, cwd, root, `--into=${into}`),
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

/** The session that `--undo` names. */
export function sessionNumber(text: string): number {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : usage(`--undo=${text}: give a session's number.`);
}

/**
 * What it is for, as the flags say.
 * @throws Problem (wrong usage) where one of them is nothing that could be recorded
 */
export function aboutOf({flags}: Invocation): About {
  const badSince = badSinceOf(flags, Date.now());
  return {
    purpose: purposeOf(flags.purpose, '--purpose'),
    ticket: lineOf(flags.ticket, longestOf.ticket, '--ticket'),
    title: lineOf(flags.title, longestOf.title, '--title'),
    authorisedBy: lineOf(flags.authorisedBy, longestOf.authorisedBy, '--authorised-by'),
    badSince: badSince === null ? null : new Date(badSince).toISOString(),
  };
}

/**
 * Why it is restored although the audit log cannot be written, as `--without-audit` says.
 * @throws Problem (wrong usage) where that is nothing that could be recorded
 */
export function reasonOf({flags}: Invocation): string | null {
  const reason = lineOf(flags.withoutAudit?.trim(), longestOf.title, '--without-audit');
  if (reason === '') usage('--without-audit wants a reason that can be recorded.');
  return reason;
}

/** Flags that say how a restore is made, and flags that decide what happens to one that stopped. */
const forRestore = ['plan', 'only', 'last', 'into', 'allowTarget', 'map', 'breakLinks'] as const;
const forRecovery = ['keep', 'take'] as const;

/** @throws Problem where flags do not go together: one that is passed over could do harm */
export function checkFlags({flags}: Invocation): void {
  const ways = (['id', 'undo', 'resume', 'rollback'] as const).filter((name) => flags[name] !== undefined);
  const [way] = ways;
  if (way === undefined || ways.length > 1)
    throw new Problem(
      exitCode.usage,
      'Give one of --id=ID, --undo=SESSION, --resume, --rollback. "magds restore status" says what there is. Nothing was changed.',
    );
  if (flags.sign !== undefined && !flags.evidence) usage('--sign signs evidence: give --evidence with it.');
  const isRecovery = way === 'resume' || way === 'rollback';
  const wrong = [
    ...(way === 'id' ? [] : forRestore.filter((name) => name !== 'plan' || isRecovery)),
    ...(isRecovery ? (['dryRun', 'safetyBackup', 'yes', 'evidence', 'withoutAudit'] as const) : forRecovery),
  ].find((name) => flags[name] !== undefined);
  if (wrong !== undefined) usage(`${spellFlag(wrong)} does not go with ${spellFlag(way)}.`);
}
