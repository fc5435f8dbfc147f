/** How a flag is given: once with a value, any number of times with one, or without any. */
type Kind = 'string' | 'strings' | 'boolean';

type Flag = {kind: Kind; usage: string; help: string};

const text = (usage: string, help: string) => ({kind: 'string', usage, help}) as const;
const texts = (usage: string, help: string) => ({kind: 'strings', usage, help}) as const;
const yes = (usage: string, help: string) => ({kind: 'boolean', usage, help}) as const;

/** Every flag there is, once: what it takes, how it is spelt in the help, and what it does. */
export const flagTable = {
  root: text('--root DIR', 'the MagMoBoCE project; else the nearest one from here upwards'),
  backups: text('--backups DIR', 'only a directory of backups: browse and verify, nothing else'),
  env: text('--env NAME', 'the environment whose configuration counts; else .env, else MOBO_ENV'),
  markdown: yes('--markdown', 'as a table to paste into the documentation'),
  schema: yes('--schema', 'the JSON schema of storage/runbook/config.json'),
  id: text('--id ID', 'one backup, named as "magds backup list" shows it; for a drill also latest-verified'),
  all: yes('--all', 'every backup; interrupted and unreadable ones count as failed'),
  maxAge: text(
    '--max-age AGE',
    'only those not verified within AGE: 30m, 12h, 7d, 2w; the doctor: how old the newest may be (26h)',
  ),
  badSince: text(
    '--bad-since TIME',
    'when things went wrong (01:10, 2h ago): what is from before it; a restore records it',
  ),
  content: yes('--content', 'then look inside: JSON parses, SQLite finds no fault'),
  label: text('--label TEXT', 'said in the manifest and, as far as file names go, in the id'),
  dryRun: yes('--dry-run', 'show what would be done, and do none of it'),
  strict: yes('--strict', 'write nothing if any dataset is missing (exit 1)'),
  reason: text('--reason TEXT', 'why; kept beside the backup'),
  dataset: text('--dataset NAME', 'only this dataset, and how its lines differ'),
  with: text('--with live|ID', 'what to compare with: the live files (the default), or another backup'),
  yes: text('--yes ID', 'what is asked on a terminal: yes, this very one'),
  plan: text('--plan HASH', 'refuse if the backup or a live file changed since the dry run that said HASH'),
  only: text('--only A,B', 'these datasets; one that is refused blocks all that are asked for'),
  last: text('--last NAME', 'switch this dataset last'),
  into: text('--into DIR', 'a drill: restore into an empty directory, never over a live file'),
  allowTarget: texts('--allow-target PATH', 'a path that may be written although it is not configured'),
  map: texts('--map NAME=PATH', 'where a dataset goes instead of its configured source'),
  breakLinks: yes('--break-links', 'leave the other hard links of a live file with the old content'),
  safetyBackup: yes('--no-safety-backup', 'no backup of the live files first: then there is no undo'),
  ticket: text('--ticket TEXT', 'the incident that it is for; recorded'),
  purpose: text('--purpose WORD', 'incident, drill or verification; recorded'),
  title: text('--title TEXT', 'what happened, in a line; recorded'),
  authorisedBy: text('--authorised-by TEXT', 'who said yes beforehand, or "emergency" and why; recorded'),
  withoutAudit: text(
    '--without-audit TEXT',
    'why to restore although the audit log cannot be written; recorded',
  ),
  resume: yes('--resume', 'finish a restore that stopped halfway'),
  rollback: yes('--rollback', 'take it back'),
  undo: text('--undo SESSION', 'bring back the live files from before that session'),
  keep: text('--keep A,B', 'leave what somebody has written there since it stopped'),
  take: text('--take A,B', 'have those give way; what was written is kept beside'),
  session: text('--session N', 'which one, where more than one is open'),
  done: yes('--done', 'the step is done'),
  fail: yes('--fail', 'it failed; --note says how'),
  skip: yes('--skip', 'it is left out; --note says why'),
  note: text('--note TEXT', 'recorded with the answer'),
  replace: yes('--replace', 'answer a step anew that has an answer; the record keeps both'),
  live: yes(
    '--live',
    'hash the live files again, for evidence the copies too: are they what they were (else exit 4)',
  ),
  takeOver: text('--take-over N', 'take session N over from whoever has it; recorded'),
  evidence: yes('--evidence', 'once it has begun, write an evidence file of it, however it ends'),
  out: text('--out FILE', 'where it goes; else storage/runbook/evidence/'),
  sign: text('--sign KEY', 'sign it with this SSH key: a key file, or the .pub of one that an agent holds'),
  control: text('--control TEXT', 'the control that it is evidence for'),
  period: text(
    '--period TEXT',
    'the period that it counts for: 2026Q4; a report also takes 2026, 2026H2 and 2026-11 (UTC)',
  ),
  corrective: texts(
    '--corrective TEXT',
    'what is to be done better, by whom, until when; may be given again',
  ),
  allowedSigners: text(
    '--allowed-signers FILE',
    'whose keys count, as ssh-keygen(1) says; what is unsigned fails then',
  ),
  identity: text('--identity NAME', 'who of them it has to be'),
  tsaCa: text('--tsa-ca FILE', 'certificates (PEM) that a time stamp has to be vouched for by'),
  tsq: text('--tsq OUT', 'make the request for a time stamp (RFC 3161); you send it'),
  tsr: text('--tsr REPLY', 'check what came back, and keep it beside the file'),
  population: text(
    '--population LIST',
    'a file with the ids of the assets that have to be drilled, one a line',
  ),
  event: text('--event NAME', 'only this event; "all" for all actions of the site'),
  limit: text('--limit N', 'at most so many lines, the newest'),
  follow: yes('--follow', 'go on with what is appended; oldest first, until Ctrl+C'),
  breakLock: text('--break-lock HOST', 'take the lock of a host that is surely gone'),
  json: yes('--json', 'JSON for scripts; long work is one object a line, the summary last'),
  readOnly: yes('--read-only', 'write nothing, not even the result of a verification'),
  color: yes('--no-color', 'no colours (also NO_COLOR)'),
  help: yes('--help', 'this text; in the app: ?'),
  version: yes('--version', 'the version'),
} satisfies Record<string, Flag>;

export type FlagName = keyof typeof flagTable;

type Value = {string: string; strings: string[]; boolean: boolean};

/** What was given, by the flag's name. */
export type Flags = {[Name in FlagName]?: Value[(typeof flagTable)[Name]['kind']]};

export const isFlag = (name: string): name is FlagName => Object.hasOwn(flagTable, name);

/** Flags that every command takes. */
export const globalFlags: FlagName[] = [
  'root',
  'backups',
  'env',
  'json',
  'readOnly',
  'color',
  'help',
  'version',
];

/** Flags of the app, which is no command. */
export const appFlags: FlagName[] = ['badSince'];

/** `maxAge` as the operator types it. */
export const spellFlag = (name: string): string => {
  const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return name.length === 1 ? `-${name}` : `--${kebab}`;
};
