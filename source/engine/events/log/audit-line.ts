import {randomUUID} from 'node:crypto';
import os from 'node:os';
import {phpDate} from '../../base/php-date.ts';
import {programName} from '../../base/version.ts';
import {type EventName, type Happening, registry} from '../../storage/events.ts';
import {bounds, within} from '../bounded.ts';
import {operatorOf} from '../operator.ts';

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
