import type * as z from 'zod/mini';
import {parseLine} from '../session/record.ts';
import {canonicalJson} from './canonical.ts';
import {
  backupSchema,
  type EvidenceBackup,
  type EvidenceRecord,
  type EvidenceSession,
  recordSchema,
  schemaNames,
} from './schema.ts';
import {evidenceLine, lineText} from './session-lines.ts';
import {sessionSchema} from './session-schema.ts';

/** What the first line of a record is about: what is said of the evidence itself. */
const head = 'evidence';
/** What the record of a file of the second schema begins with; that of the first is one line, and begins with another key. */
export const recordBegins = `{"${head}":{`;

const isGroup = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** What is no group of its own in one line, then each group in one, by its name. */
function* groupsOf(name: string, before: string, all: object): Iterable<[string, unknown]> {
  const entries = Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  yield [name, Object.fromEntries(entries.filter(([, value]) => !isGroup(value)))];
  for (const [key, value] of entries) if (isGroup(value)) yield [`${before}${key}`, value];
}

function* lineValues({session, backups, ...rest}: EvidenceRecord): Iterable<[string, unknown]> {
  // Of a record without a session it is said in the first line that there is none.
  yield* groupsOf(head, '', session ? rest : {...rest, session});
  for (const backup of backups) yield ['backup', backup];
  if (!session) return;
  const {lines, ...told} = session;
  yield* groupsOf('session', 'session_', told);
  for (const line of lines) yield ['session_line', lineText(line)];
}

/**
 * The lines of a record as it stands in a file. Of the second schema: a line of JSON for each group of facts, each in the
 * one way in which evidence is written (`canonicalJson`), so that one fact stands in one line and `jq` takes them line by
 * line. The lines of a session's record are texts, byte for byte what their hashes are over. Of the first: one line.
 */
export function* recordLines(record: EvidenceRecord): Generator<string, void, undefined> {
  if (record.schema === 'magds-evidence/1') return yield canonicalJson(record);
  for (const [name, value] of lineValues(record)) yield canonicalJson({[name]: value});
}

export const recordText = (record: EvidenceRecord): string => [...recordLines(record)].join('\n');

type Reason = {reason: string};
const notRight = (at: string): Reason => ({reason: `the record is not what it should be at ${at}`});

/** What a record, or its session, is made of: looked at group by group, so that nothing large is held twice. */
class Part {
  readonly #shape: Record<string, z.ZodMiniType>;
  readonly #before: string;
  readonly found = new Map<string, unknown>();

  constructor(shape: Record<string, z.ZodMiniType>, before: string) {
    this.#shape = shape;
    this.#before = before;
  }

  /** @returns why it is not right; null where it is */
  take(name: string, value: unknown): Reason | null {
    const schema = Object.hasOwn(this.#shape, name) ? this.#shape[name] : undefined;
    if (!schema) return notRight('the top');
    const parsed = schema.safeParse(value);
    if (!parsed.success)
      return notRight(`${this.#before}${[name, ...(parsed.error.issues[0]?.path ?? [])].join('.')}`);
    if (parsed.data !== undefined) this.found.set(name, parsed.data);
    return null;
  }

  /** @returns why it is not whole; null where it is */
  lacks(): Reason | null {
    const missing = Object.entries(this.#shape).find(
      ([name, schema]) => !this.found.has(name) && !schema.safeParse(undefined).success,
    );
    return missing ? notRight(`${this.#before}${missing[0]}`) : null;
  }
}

/** A record of another kind; null where it may be one of ours. */
const otherKind = (value: unknown): Reason | null => {
  const given = isGroup(value) && 'schema' in (value as object) ? (value as {schema: unknown}).schema : null;
  return typeof given === 'string' && !schemaNames.some((each) => each === given)
    ? {
        reason: `the record is of the kind ${given.slice(0, 100)}, which this program does not know: a newer one may`,
      }
    : null;
};

/** What lines say together; or where one of them is none. */
export function readLines(lines: Iterable<string>): EvidenceRecord | Reason {
  const record = new Part(recordSchema.shape, '');
  const session = new Part(sessionSchema.shape, 'session.');
  const backups: EvidenceBackup[] = [];
  const told: EvidenceSession['lines'] = [];
  const taken = (text: string, at: string): Reason | null => {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return {reason: `the record is not valid JSON at ${at}`};
    }
    const [entry, ...others] = isGroup(parsed) ? Object.entries(parsed as object) : [];
    if (!entry || others.length > 0) return notRight(at);
    const [name, value] = entry;
    if (name === 'session_line') {
      const line = typeof value === 'string' ? parseLine(value) : null;
      if (!line) return notRight(`${at}: it is no line of a session's record`);
      told.push(evidenceLine(line, value));
      return null;
    }
    if (name === 'backup') {
      const one = backupSchema.safeParse(value);
      if (one.success) backups.push(one.data);
      return one.success
        ? null
        : notRight(['backups', backups.length, ...(one.error.issues[0]?.path ?? [])].join('.'));
    }
    if (name !== head && name !== 'session')
      return name.startsWith('session_')
        ? session.take(name.slice('session_'.length), value)
        : record.take(name, value);
    if (!isGroup(value)) return notRight(at);
    const part = name === head ? record : session;
    return Object.entries(value as object).reduce<Reason | null>(
      (wrong, each) => wrong ?? part.take(...(each as [string, unknown])),
      name === head ? otherKind(value) : null,
    );
  };
  let number = 0;
  for (const text of lines) {
    number++;
    const wrong = taken(text, `its line ${number}`);
    if (wrong) return wrong;
  }
  record.found.set('backups', backups);
  if (session.found.size > 0 || told.length > 0) {
    session.found.set('lines', told);
    const lacks = session.lacks();
    if (lacks) return lacks;
    record.found.set('session', Object.fromEntries(session.found));
  }
  return record.lacks() ?? (Object.fromEntries(record.found) as EvidenceRecord);
}

/** What the text of a record says; else why it is none, for the operator. */
export function parseEvidence(text: string): EvidenceRecord | Reason {
  if (text.startsWith(recordBegins)) return readLines(text.split('\n'));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {reason: 'the record is not valid JSON'};
  }
  const parsed = recordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return otherKind(value) ?? notRight(issue?.path.join('.') || 'the top');
}
