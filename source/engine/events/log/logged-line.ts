import {isUtf8} from 'node:buffer';
import * as z from 'zod/mini';
import {formatBytes} from '../../base/format.ts';
import {parseAs} from '../../base/parse-as.ts';
import {type EventResult, result} from '../../storage/event-row.ts';
import {type EventName, registry} from '../../storage/events.ts';
import {longestRead, type RawLine} from './log-lines.ts';

/** A line of the audit log, of any program; nothing in it is escaped. */
export type LoggedLine = {
  /** Tells it from the others that were read: the newer the higher. */
  number: number;
  /** When it happened, in milliseconds since the epoch; null where the line does not say. */
  at: number | null;
  /** Of the event. */
  id: string | null;
  action: string;
  /** Of the backup that it is about. */
  backup: string | null;
  operator: string | null;
  address: string | null;
  host: string | null;
  result: EventResult;
  /** Why it is not a line of an audit log; null where it is one. */
  broken: string | null;
  /** As it stands in the log; of a line that is too long only where it begins. */
  text: string;
};

/** What the names of our events, and of the kernel's for backups, begin with. */
export const ours = 'magdb.';

/** Characters that are kept of a field, and of a result: another program may have written a novel. */
const mostOfField = 200;
const mostOfResult = 1000;

const field = z.catch(
  z.nullable(
    z.pipe(
      z.string(),
      z.transform((text) => text.slice(0, mostOfField)),
    ),
  ),
  null,
);
const operator = z.union([
  z.string(),
  z.object({login: z.string(), sudo_user: z.optional(z.nullable(z.string()))}),
]);

const logged = z.object({
  id: field,
  action: z.string(),
  user_id: z.catch(z.nullable(z.union([z.string(), z.number()])), null),
  ip_address: field,
  created_at: field,
  payload: z.catch(z.unknown(), null),
});

const about = z.catch(z.object({id: field, host: field, operator: z.catch(z.nullable(operator), null)}), {
  id: null,
  host: null,
  operator: null,
});

/** As the records of sessions name him; of another program's line the user that it names. */
function nameOf(who: z.infer<typeof operator> | null, user: string | number | null): string | null {
  if (typeof who === 'string') return who;
  if (who === null) return user === null ? null : `user ${user}`;
  const {login, sudo_user: behind} = who;
  return behind && behind !== login ? `${behind} as ${login}` : login;
}

const isRegistered = (action: string): action is EventName => Object.hasOwn(registry, action);

/** What is said of an event whose payload is none of ours: what it begins with. */
function told(action: string, payload: unknown): EventResult {
  // Also where nothing can be read of it, that something failed is not to be missed.
  const worst = isRegistered(action) && action.endsWith('failed') ? 'bad' : 'none';
  if (typeof payload !== 'object' || payload === null) return result(worst);
  const entries = Object.entries(payload).filter(([key]) => key !== 'id' && key !== 'timestamp');
  const texts = entries.flatMap(([key, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value) ? [`${key} ${String(value).slice(0, 100)}`] : [],
  );
  // Another program's events have other names for it; this one is in the runbook.
  const success = entries.find(([key]) => key === 'success')?.[1];
  return result(success === false ? 'bad' : success === true ? 'good' : worst, ...texts.slice(0, 5));
}

function resultOf(action: string, payload: unknown): EventResult {
  const known = isRegistered(action) ? registry[action].result(payload) : null;
  const {tone, text} = known ?? told(action, payload);
  return {tone, text: text.slice(0, mostOfResult)};
}

/** Says why it is not a line of an audit log; with no text, something about the log itself. */
export const broken = (number: number, why: string, text = ''): LoggedLine => ({
  number,
  at: null,
  id: null,
  action: '',
  backup: null,
  operator: null,
  address: null,
  host: null,
  result: {tone: 'beware', text: why},
  broken: why,
  text,
});

/** What a line says; one that is none of an audit log says why. Never throws. */
export function readLine({bytes, length, torn}: RawLine, number: number): LoggedLine {
  const text = bytes.toString('utf8');
  if (length > longestRead)
    return broken(number, `a line of ${formatBytes(length)}, of which only the beginning is read`, text);
  const isText = isUtf8(bytes);
  const line = isText ? parseAs(logged, text) : null;
  if (!line) {
    if (torn) return broken(number, 'cut short: it is being written, or its writer was killed', text);
    return broken(number, isText ? 'not a line of an audit log' : 'not text (not UTF-8)', text);
  }
  const {id, host, operator: who} = about.parse(line.payload);
  const at = Date.parse(line.created_at ?? '');
  return {
    number,
    at: Number.isNaN(at) ? null : at,
    id: line.id,
    action: line.action.slice(0, mostOfField),
    backup: id,
    operator: nameOf(who, line.user_id)?.slice(0, mostOfField) ?? null,
    address: line.ip_address,
    host,
    result: resultOf(line.action, line.payload),
    broken: null,
    text,
  };
}

const oursBytes = Buffer.from(ours);
/** Whether a line can be about a backup or a restore, by its bytes alone: most lines of a busy site are not. */
export const mayBeOurs = ({bytes}: RawLine): boolean => bytes.includes(oursBytes);

/** Whether it is; of a broken one that is not known, and it is told. */
export const isOurEvent = ({action, broken: why}: LoggedLine): boolean =>
  why !== null || action.startsWith(ours);
