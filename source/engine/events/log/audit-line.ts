import {randomUUID} from 'node:crypto';
import os from 'node:os';
import {userName} from '../../base/owner.ts';
import {phpDate} from '../../base/php-date.ts';
import {programName} from '../../base/version.ts';
import {cameFrom, personName} from '../../session/owner.ts';
import {type EventName, type Happening, registry} from '../../storage/events.ts';

/** One line of the root's audit log, in the kernel's shape (FORMAT.md, "Audit log line"). */
export type AuditLine = {
  /** UUID, version 4. */
  id: string;
  action: EventName;
  org_id: null;
  project_id: null;
  /** Our operators are no users of the site: `payload.operator` names them. */
  user_id: null;
  payload: Record<string, unknown>;
  ip_address: string | null;
  immutable: true;
  legal_hold_id: null;
  /** UTC, PHP's DATE_ATOM. */
  created_at: string;
};

/** Bytes that a line has at most: the log is read line by line, and PHP holds each of them in memory. */
export const longestLine = 64 * 1024;

/** An event that was told, and whether the audit log has it. */
export type ToldEvent = {line: AuditLine; logged: boolean};

/** The one who does what an event tells of. */
type EventOperator = {
  login: string;
  /** Null where the system has none. */
  uid: number | null;
  /** Who called sudo; null without it. */
  sudo_user: string | null;
  /** The name that was typed, which nothing checks; not there where none was. */
  person?: string;
};

/** Who is at work, and the address that he came from over SSH; null where he sits at the machine, or cron does it. */
export function operatorOf(env: NodeJS.ProcessEnv): {operator: EventOperator; address: string | null} {
  const person = personName(env);
  return {
    operator: {
      login: userName(),
      uid: process.getuid?.() ?? null,
      sudo_user: env['SUDO_USER']?.slice(0, 200) || null,
      ...(person !== null && {person}),
    },
    address: cameFrom(env),
  };
}

/** Characters of a text, and entries of a list, that are kept of what is too long. */
type Bounds = {characters: number; entries: number};

/** From the widest, which cuts no path and no list of ours, to one of which whatever there is makes a short line. */
const bounds: Bounds[] = [
  {characters: 8192, entries: 100},
  {characters: 1024, entries: 100},
  {characters: 256, entries: 100},
  {characters: 256, entries: 20},
  {characters: 80, entries: 10},
];

function bounded(text: string, most: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= most) return whole;
  // Half of a character is none.
  const cut = whole.slice(0, most).replace(/[\ud800-\udbff]$/, '');
  return `${cut}… (${whole.length} characters)`;
}

/**
 * What a payload says, within these bounds. Text is made UTF-8, fractions have three digits: PHP's JSON has no half of a
 * character, and writes small fractions in another way than ours.
 */
function within<Value>(value: Value, by: Bounds): Value;
function within(value: unknown, by: Bounds): unknown {
  if (typeof value === 'string') return bounded(value, by.characters);
  if (typeof value === 'number') return Number.isInteger(value) ? value : Math.round(value * 1000) / 1000;
  if (Array.isArray(value)) return value.slice(0, by.entries).map((each) => within(each, by));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, within(each, by)]));
}

/**
 * An event as a line: its own fields, and those of every event: `operator`, `host`, `root`, `program`, and `timestamp` in
 * seconds since the epoch, with its fraction. Of texts and lists that would make it too long the beginning is kept.
 * @throws where the payload is not what the registry says: a fault of this program
 */
export function auditLine(happening: Happening, root: string, env: NodeJS.ProcessEnv, now: Date): AuditLine {
  const {operator, address} = operatorOf(env);
  const own = registry[happening.action].fields.parse(happening.payload);
  const every = {operator, host: os.hostname(), root, program: programName, timestamp: now.getTime() / 1000};
  const whole: Record<string, unknown> = {...own, ...every};
  const line: AuditLine = {
    id: randomUUID(),
    action: happening.action,
    org_id: null,
    project_id: null,
    user_id: null,
    payload: whole,
    ip_address: address,
    immutable: true,
    legal_hold_id: null,
    created_at: phpDate(now),
  };
  for (const each of bounds) {
    line.payload = within(whole, each);
    if (Buffer.byteLength(auditText(line)) <= longestLine) break;
  }
  return line;
}

/** PHP's encoder escapes these two where it leaves all else as it is, and reads no half of a character. */
const asPhp = (json: string): string => json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

/** As the kernel writes it, with the line break. */
export const auditText = (line: AuditLine): string =>
  `${asPhp(JSON.stringify(line, (_, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value)))}\n`;
