import {randomUUID} from 'node:crypto';
import os from 'node:os';
import {phpDate} from '../php-date.ts';
import {programName} from '../version.ts';
import {operatorOf} from './operator.ts';
import {type EventName, type Happening, registry} from './registry.ts';

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

/**
 * An event as a line: its own fields, and those of every event: `operator`, `host`, `root`, `program`, and `timestamp` in
 * seconds since the epoch, with its fraction.
 * @throws where the payload is not what the registry says: a fault of this program
 */
export function auditLine(happening: Happening, root: string, env: NodeJS.ProcessEnv, now: Date): AuditLine {
  const {operator, address} = operatorOf(env);
  const payload = registry[happening.action].fields.parse(happening.payload);
  return {
    id: randomUUID(),
    action: happening.action,
    org_id: null,
    project_id: null,
    user_id: null,
    payload: {
      ...payload,
      operator,
      host: os.hostname(),
      root,
      program: programName,
      timestamp: now.getTime() / 1000,
    },
    ip_address: address,
    immutable: true,
    legal_hold_id: null,
    created_at: phpDate(now),
  };
}

/** PHP's encoder escapes these two where it leaves all else as it is, and reads no half of a character. */
const asPhp = (json: string): string => json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

/** As the kernel writes it, with the line break. */
export const auditText = (line: AuditLine): string =>
  `${asPhp(JSON.stringify(line, (_, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value)))}\n`;
