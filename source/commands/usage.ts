import {type Command, type Flags, globalFlags} from './command.ts';

/** What each flag is given and does; the text of --help. */
const flagHelp: Record<keyof Flags, [string, string]> = {
  root: ['--root DIR', 'the MagMoBoCE project; else the nearest one from here upwards'],
  backups: ['--backups DIR', 'only a directory of backups: browse and verify, nothing else'],
  env: ['--env NAME', 'the environment whose configuration counts; else .env, else MOBO_ENV'],
  markdown: ['--markdown', 'as a table to paste into the documentation'],
  schema: ['--schema', 'the JSON schema of storage/runbook/config.json'],
  id: ['--id ID', 'one backup, named as "magds backup list" shows it; for a drill also latest-verified'],
  all: ['--all', 'every backup; interrupted and unreadable ones count as failed'],
  maxAge: [
    '--max-age AGE',
    'only those not verified within AGE: 30m, 12h, 7d, 2w; the doctor: how old the newest may be (26h)',
  ],
  badSince: [
    '--bad-since TIME',
    'when things went wrong (01:10, 2h ago): what is from before it; a restore records it',
  ],
  content: ['--content', 'then look inside: JSON parses, SQLite finds no fault'],
  label: ['--label TEXT', 'said in the manifest and, as far as file names go, in the id'],
  dryRun: ['--dry-run', 'show what would be done, and do none of it'],
  strict: ['--strict', 'write nothing if any dataset is missing (exit 1)'],
  reason: ['--reason TEXT', 'why; kept beside the backup'],
  dataset: ['--dataset NAME', 'only this dataset, and how its lines differ'],
  with: ['--with live|ID', 'what to compare with: the live files (the default), or another backup'],
  yes: ['--yes ID', 'what is asked on a terminal: yes, this very one'],
  plan: ['--plan HASH', 'refuse if the backup or a live file changed since the dry run that said HASH'],
  only: ['--only A,B', 'these datasets; one that is refused blocks all that are asked for'],
  last: ['--last NAME', 'switch this dataset last'],
  into: ['--into DIR', 'a drill: restore into an empty directory, never over a live file'],
  allowTarget: ['--allow-target PATH', 'a path that may be written although it is not configured'],
  map: ['--map NAME=PATH', 'where a dataset goes instead of its configured source'],
  breakLinks: ['--break-links', 'leave the other hard links of a live file with the old content'],
  safetyBackup: ['--no-safety-backup', 'no backup of the live files first: then there is no undo'],
  ticket: ['--ticket TEXT', 'the incident that it is for; recorded'],
  purpose: ['--purpose WORD', 'incident, drill or verification; recorded'],
  title: ['--title TEXT', 'what happened, in a line; recorded'],
  authorisedBy: ['--authorised-by TEXT', 'who said yes beforehand, or "emergency" and why; recorded'],
  withoutAudit: ['--without-audit TEXT', 'why to restore although the audit log cannot be written; recorded'],
  resume: ['--resume', 'finish a restore that stopped halfway'],
  rollback: ['--rollback', 'take it back'],
  undo: ['--undo SESSION', 'bring back the live files from before that session'],
  keep: ['--keep A,B', 'leave what somebody has written there since it stopped'],
  take: ['--take A,B', 'have those give way; what was written is kept beside'],
  session: ['--session N', 'which one, where more than one is open'],
  done: ['--done', 'the step is done'],
  fail: ['--fail', 'it failed; --note says how'],
  skip: ['--skip', 'it is left out; --note says why'],
  note: ['--note TEXT', 'recorded with the answer'],
  replace: ['--replace', 'answer a step anew that has an answer; the record keeps both'],
  live: [
    '--live',
    'hash the live files again, for evidence the copies too: are they what they were (else exit 4)',
  ],
  takeOver: ['--take-over N', 'take session N over from whoever has it; recorded'],
  evidence: ['--evidence', 'once it has begun, write an evidence file of it, however it ends'],
  out: ['--out FILE', 'where it goes; else storage/runbook/evidence/'],
  sign: ['--sign KEY', 'sign it with this SSH key: a key file, or the .pub of one that an agent holds'],
  control: ['--control TEXT', 'the control that it is evidence for'],
  period: [
    '--period TEXT',
    'the period that it counts for: 2026Q4; a report also takes 2026, 2026H2 and 2026-11 (UTC)',
  ],
  corrective: ['--corrective TEXT', 'what is to be done better, by whom, until when; may be given again'],
  allowedSigners: [
    '--allowed-signers FILE',
    'whose keys count, as ssh-keygen(1) says; what is unsigned fails then',
  ],
  identity: ['--identity NAME', 'who of them it has to be'],
  tsaCa: ['--tsa-ca FILE', 'certificates (PEM) that a time stamp has to be vouched for by'],
  tsq: ['--tsq OUT', 'make the request for a time stamp (RFC 3161); you send it'],
  tsr: ['--tsr REPLY', 'check what came back, and keep it beside the file'],
  population: ['--population LIST', 'a file with the ids of the assets that have to be drilled, one a line'],
  event: ['--event NAME', 'only this event; "all" for all actions of the site'],
  limit: ['--limit N', 'at most so many lines, the newest'],
  follow: ['--follow', 'go on with what is appended; oldest first, until Ctrl+C'],
  breakLock: ['--break-lock HOST', 'take the lock of a host that is surely gone'],
  json: ['--json', 'JSON for scripts; long work is one object a line, the summary last'],
  readOnly: ['--read-only', 'write nothing, not even the result of a verification'],
  color: ['--no-color', 'no colours (also NO_COLOR)'],
  help: ['--help', 'this text; in the app: ?'],
  version: ['--version', 'the version'],
};

const exitCodes = `Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done in part (something was missing), 4 verification failed,
or a comparison found differences, 5 restore refused, or failed and rolled back, 6 a restore stopped halfway and waits
for a decision, 10 no such root, backup or file, 11 locked by another writer, 130 cancelled.
A mismatch is never 0, and neither is "nothing was checked".`;

const line = (left: string, right: string) => `  ${left.padEnd(26)}  ${right}`;

export const spell = (command: Command): string => ['magds', ...command.words, ...command.operands].join(' ');

export function usage(commands: Command[], only?: Command): string {
  const flags = only
    ? [...only.flags, ...globalFlags]
    : [...new Set([...commands.flatMap((each) => each.flags), ...globalFlags])];
  const chosen = only ? [only] : commands;
  const lines = [
    'magds: find the good MagDS backup, prove that it is one, put it back. Opening and listing changes nothing.',
    '',
    'Usage',
    ...(only ? [] : [line('magds', 'open the app: browse, read manifests, verify, back up, restore')]),
    ...chosen.map((command) => line(spell(command), command.summary)),
    '',
    'Flags',
    ...flags.map((flag) => line(...flagHelp[flag])),
    '',
    exitCodes,
  ];
  return `${lines.join('\n')}\n`;
}

/** `maxAge` as the operator types it. */
export const spellFlag = (name: string): string => {
  const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return name.length === 1 ? `-${name}` : `--${kebab}`;
};
