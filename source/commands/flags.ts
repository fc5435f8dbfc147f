import {exitCode, Problem} from '../engine/base/problem.ts';

/** @throws Problem (wrong usage) */
export function wrongUsage(message: string): never {
  throw new Problem(exitCode.usage, message);
}

/** What a flag takes: a text, any number of texts, or nothing; of `no`, that it is given means no. */
type Kind = 'text' | 'texts' | 'yes' | 'no';

/** @property takes what its value is called in the help; nothing where it has none */
export type Flag = {kind: Kind; takes: string; help: string; short?: string};

/** Flags by the names that the code knows them by: `maxAge` is typed as `--max-age`. */
export type FlagTable = Record<string, Flag>;

export const text = (takes: string, help: string) => ({kind: 'text', takes, help}) as const;
export const texts = (takes: string, help: string) => ({kind: 'texts', takes, help}) as const;
export const yes = (help: string) => ({kind: 'yes', takes: '', help}) as const;
export const no = (help: string) => ({kind: 'no', takes: '', help}) as const;

type Value = {text: string; texts: string[]; yes: boolean; no: boolean};

/** What was given, by the flag's name. */
export type FlagValues<Table extends FlagTable> = {[Name in keyof Table]?: Value[Table[Name]['kind']]};

/** Flags that every command takes. */
export const globalFlags = {
  root: text('DIR', 'the MagMoBoCE project; else $MAGDS_ROOT, else the nearest from here upwards'),
  backups: text('DIR', 'only a directory of backups: browse and verify, nothing else'),
  env: text('NAME', 'the environment whose configuration counts; else .env, else MOBO_ENV'),
  json: yes('JSON for scripts; long work prints one object per line, the summary last'),
  quiet: yes('print nothing unless something is wrong (for cron)'),
  readOnly: yes('write nothing, not even the result of a verification'),
  color: no('no colours (also NO_COLOR)'),
  plain: yes('the app as lines of text, for a screen reader (also INK_SCREEN_READER=true)'),
  help: {...yes('help, in general or for a command; in the app: ?'), short: 'h'},
  version: {...yes('the version, and which build of it'), short: 'V'},
  licenses: yes('the licences of everything that is in it'),
};

/** Flags that more than one command takes. */
export const id = text('ID', 'one backup, named as "magds backup list" shows it; --id may be left out');
export const idOrLatest = text(
  'ID',
  'one backup, named as "magds backup list" shows it, or latest: the newest; --id may be left out',
);
export const all = yes('every backup; interrupted and unreadable ones count as failed');
export const badSince = text(
  'TIME',
  'when things went wrong (01:10, 2h ago): only older backups count; a restore records it',
);
export const dryRun = yes('show what would be done, and do none of it');
export const breakLock = text('HOST', 'take the lock of a host that is certainly gone');
export const confirmed = text('ID', 'answers the question that a terminal would ask');
export const session = text('N', 'which one, where more than one is open');
export const takeOver = text('N', 'take session N over from whoever has it; recorded');
export const note = text('TEXT', 'recorded with the answer');
export const sign = text(
  'KEY',
  'sign it with this SSH key: a key file, or the .pub of one that an agent holds',
);

/** What a restore, or evidence, is for. */
export const aboutFlags = {
  ticket: text('TEXT', 'the ticket of the incident; recorded'),
  purpose: text('WORD', 'incident, drill or verification; recorded'),
  title: text('TEXT', 'what happened, in a line; recorded'),
  authorisedBy: text('TEXT', 'who approved it beforehand, or "emergency" and why; recorded'),
  operator: text('NAME', 'who you are, where several people share the login; recorded as typed'),
};

/** How an evidence file is made. */
export const evidenceFlags = {
  sign,
  control: text('TEXT', 'the control that it is evidence for'),
  period: text('TEXT', 'the period that it counts for: 2026Q4'),
};

/** Whose signatures count. */
export const signerFlags = {
  allowedSigners: text('FILE', 'whose keys count (see ssh-keygen(1)); an unsigned file then fails'),
  identity: text('NAME', 'which of them has to have signed it'),
};

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** As the operator types it: `--max-age`, `-x`. */
export const spellFlag = (name: string, kind?: Kind): string =>
  name.length === 1 ? `-${name}` : `--${kind === 'no' ? 'no-' : ''}${kebab(name)}`;
