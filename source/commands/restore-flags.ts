import path from 'node:path';
import {typedPath} from '../engine/base/files.ts';
import {shellWord} from '../engine/base/shell-word.ts';
import {restoreSettings} from '../engine/config/own-settings.ts';
import type {RunPlace} from '../engine/config/project.ts';
import type {RestoreOptions} from '../engine/restore/action.ts';
import {allowedDatabase} from '../engine/restore/action.ts';
import {drillDirectory} from '../engine/restore/drill.ts';
import {longestOf, oneLineOf} from '../engine/session/about.ts';
import {heldDirectory} from '../engine/storage/held.ts';
import {type Invocation, wrongUsage} from './command.ts';
import {
  aboutFlags,
  badSince,
  breakLock,
  confirmed,
  dryRun,
  evidenceFlags,
  no,
  spellFlag,
  text,
  texts,
  yes,
} from './flags.ts';

export const restoreFlags = {
  id: text('ID', 'one backup, named as "magds backup list" shows it; for a drill also latest-verified'),
  dryRun,
  plan: text('HASH', 'refuse if the backup or a live file changed since the dry run that printed HASH'),
  only: text(
    'A,B',
    'only these datasets (a comma in a name: \\,); without it a terminal asks which, and --yes means all',
  ),
  last: text('NAME', 'switch this dataset last'),
  into: text('DIR', 'a drill: restore into an empty directory, never over a live file'),
  intoDatabase: text(
    'SERVER',
    'for a drill: load dumps into scratch databases there, count, drop them again',
  ),
  allowTarget: texts('PATH', 'a path, or database:NAME, that may be written although it is not configured'),
  map: texts('NAME=PATH', 'where a dataset goes instead of its configured source'),
  breakLinks: yes('leave the other hard links of a live file with the old content'),
  safetyBackup: no('no backup of the live files first: there will be no undo'),
  yes: confirmed,
  ...aboutFlags,
  withoutAudit: text('TEXT', 'restore although the audit log cannot be written; the reason is recorded'),
  badSince,
  evidence: yes('once it has begun, write an evidence file of it, however it ends'),
  ...evidenceFlags,
  resume: yes('finish a restore that stopped halfway'),
  rollback: yes('roll back a restore that stopped halfway'),
  undo: text('SESSION', 'bring back the live files from before that session'),
  keep: text('A,B', 'keep what was written there since it stopped'),
  take: text('A,B', 'replace it; what was written is kept beside it'),
  breakLock,
};

/** How a restore was called. */
export type RestoreCall = Invocation<typeof restoreFlags>;

/** @throws Problem (wrong usage) */
export const usage = (message: string): never => wrongUsage(`${message} Nothing was changed.`);

/** A comma that belongs to a name has a backslash before it. */
export const listOf = (text: string | undefined): string[] | null =>
  text === undefined
    ? null
    : text
        .split(/(?<!\\),/)
        .filter((name) => name !== '')
        .map((name) => name.replaceAll('\\,', ','));

/** The flag that means these, to be copied. */
export const onlyFlag = (names: string[]): string =>
  shellWord(`--only=${names.map((name) => name.replaceAll(',', '\\,')).join(',')}`);

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
export function optionsOf({flags, cwd}: RestoreCall, {root}: RunPlace, id: string): RestoreOptions {
  const {into} = flags;
  return {
    held: heldDirectory(root),
    id,
    only: listOf(flags.only),
    into: into === undefined ? null : drillDirectory(into, cwd, root, `--into=${into}`),
    intoDatabase: flags.intoDatabase ?? null,
    allowed: (flags.allowTarget ?? []).map((each) =>
      each.startsWith(allowedDatabase('')) ? each : path.resolve(cwd, each),
    ),
    map: new Map(
      [...mapOf(flags.map ?? [])].map(([name, file]) => [name, path.resolve(cwd, typedPath(file))]),
    ),
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
 * Why it is restored although the audit log cannot be written, as `--without-audit` says.
 * @throws Problem (wrong usage) where that is nothing that could be recorded
 */
export function reasonOf({flags}: RestoreCall): string | null {
  const reason = oneLineOf(flags.withoutAudit?.trim(), longestOf.title, '--without-audit');
  if (reason === '') usage('--without-audit needs a reason to record.');
  return reason;
}

/** Flags that say how a restore is made, and flags that decide what happens to one that stopped. */
const forRestore = [
  'plan',
  'only',
  'last',
  'into',
  'intoDatabase',
  'allowTarget',
  'map',
  'breakLinks',
] as const;
const forRecovery = ['keep', 'take'] as const;
/** What was said when it began stands in its record. */
const forBeginning = [
  ...(['dryRun', 'safetyBackup', 'yes', 'evidence', 'withoutAudit'] as const),
  ...(['ticket', 'purpose', 'title', 'authorisedBy', 'badSince', 'control', 'period'] as const),
];

/** @throws Problem where flags do not go together: one that is passed over could do harm */
export function checkFlags({flags}: RestoreCall): void {
  const ways = (['id', 'undo', 'resume', 'rollback'] as const).filter((name) => flags[name] !== undefined);
  const [way] = ways;
  if (way === undefined || ways.length > 1)
    usage(
      'Give the id of a backup, as in "magds restore ID", or one of --undo=SESSION, --resume, --rollback. "magds backup list" shows the ids, "magds restore status" the restores.',
    );
  if (flags.intoDatabase !== undefined && flags.into === undefined)
    usage('--into-database is for a drill: give --into=DIR with it, where the files go.');
  if (flags.sign !== undefined && !flags.evidence) usage('--sign signs evidence: give --evidence with it.');
  const isRecovery = way === 'resume' || way === 'rollback';
  const wrong = [
    ...(way === 'id' ? [] : forRestore.filter((name) => name !== 'plan' || isRecovery)),
    ...(isRecovery ? forBeginning : forRecovery),
  ].find((name) => flags[name] !== undefined);
  if (wrong !== undefined && way !== undefined)
    usage(`${spellFlag(wrong, restoreFlags[wrong].kind)} does not go with ${spellFlag(way)}.`);
  const lost = (['control', 'period'] as const).find((name) => flags[name] !== undefined && !flags.evidence);
  if (lost !== undefined) usage(`${spellFlag(lost)} is for evidence: give --evidence with it.`);
  const both = listOf(flags.keep)?.find((name) => listOf(flags.take)?.includes(name));
  if (both !== undefined) usage(`${both} cannot be both kept and taken: --keep or --take.`);
}
