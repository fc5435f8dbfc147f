import type * as z from 'zod/mini';
import {parseLine} from '../session/record.ts';
import {asRead, canonicalParts} from './canonical.ts';
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
export const beginsAsRecord = (json: Buffer): boolean =>
  json.toString('latin1', 0, recordBegins.length) === recordBegins;

const isGroup = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** What is no group of its own in one line, then each group in one, by its name. */
function* groupsOf(name: string, before: string, all: object): Iterable<[string, unknown]> {
  const entries = Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  yield [name, Object.fromEntries(entries.filter(([, value]) => !isGroup(value)))];
  for (const [key, value] of entries) if (isGroup(value)) yield [`${before}${key}`, value];
}

function* groupsIn({session, backups, ...rest}: EvidenceRecord): Iterable<[string, unknown]> {
  // Of a record without a session it is said in the first line that there is none.
  yield* groupsOf(head, '', session ? rest : {...rest, session});
  for (const backup of backups) yield ['backup', backup];
  if (!session) return;
  const {lines, ...told} = session;
  yield* groupsOf('session', 'session_', told);
  for (const line of lines) yield ['session_line', lineText(line)];
}

/**
 * A record as it stands in a file, in parts. Of the second schema: a line of JSON for each group of facts, each in the
 * one way in which evidence is written (`canonicalJson`), so that one fact stands in one line and `jq` takes them line by
 * line. The lines of a session's record are texts, byte for byte what their hashes are over. Of the first: one line.
 */
export function* recordParts(record: EvidenceRecord): Generator<string, void, undefined> {
  if (record.schema === 'magds-evidence/1') return yield* canonicalParts(record);
  let isLater = false;
  for (const [name, value] of groupsIn(record)) {
    if (isLater) yield '\n';
    yield* canonicalParts({[name]: value});
    isLater = true;
  }
}

export const recordText = (record: EvidenceRecord): string => [...recordParts(record)].join('');

type Reason = {reason: string};
const notRight = (at: string): Reason => ({reason: `the record is not what it should be at ${at}`});

/** What a record, or its session, is made of: looked at group by group, so that nothing large is held twice. */
class Part {
  readonly #shape: Record<string, z.ZodMiniType>;
  readonly #before: string;
  readonly #kept: ReadonlySet<string> | null;
  readonly found = new Map<string, unknown>();

  /** @param kept names of what is kept, once it is right; null for all of it */
  constructor(shape: Record<string, z.ZodMiniType>, before: string, kept: ReadonlySet<string> | null) {
    this.#shape = shape;
    this.#before = before;
    this.#kept = kept;
  }

  /** @returns why it is not right; null where it is */
  take(name: string, value: unknown): Reason | null {
    const schema = Object.hasOwn(this.#shape, name) ? this.#shape[name] : undefined;
    if (!schema) return notRight('the top');
    const parsed = schema.safeParse(value);
    if (!parsed.success)
      return notRight(`${this.#before}${[name, ...(parsed.error.issues[0]?.path ?? [])].join('.')}`);
    const isKept = this.#kept?.has(name) ?? true;
    if (parsed.data !== undefined) this.found.set(name, isKept ? parsed.data : null);
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

/** Puts a record together of its groups, each looked at on its own. */
class Reader {
  readonly #record: Part;
  readonly #session: Part;
  readonly #backups: EvidenceBackup[] = [];
  readonly #lines: EvidenceSession['lines'] = [];
  readonly #isWhole: boolean;

  /** @param kept names of groups, and of facts of the session, that are kept; without it all are */
  constructor(kept: ReadonlySet<string> | null = null) {
    this.#record = new Part(recordSchema.shape, '', kept);
    this.#session = new Part(sessionSchema.shape, 'session.', kept);
    this.#isWhole = kept === null;
  }

  /**
   * @param at where it stands, for the operator
   * @returns why it is not right; null where it is
   */
  take(name: string, value: unknown, at: string): Reason | null {
    if (name === 'session_line') {
      const line = typeof value === 'string' ? parseLine(value) : null;
      if (!line) return notRight(`${at}: it is no line of a session's record`);
      if (this.#isWhole) this.#lines.push(evidenceLine(line, value as string));
      return null;
    }
    if (name === 'backup') {
      const one = backupSchema.safeParse(value);
      if (one.success && this.#isWhole) this.#backups.push(one.data);
      return one.success
        ? null
        : notRight(['backups', this.#backups.length, ...(one.error.issues[0]?.path ?? [])].join('.'));
    }
    if (name !== head && name !== 'session')
      return name.startsWith('session_')
        ? this.#session.take(name.slice('session_'.length), value)
        : this.#record.take(name, value);
    if (!isGroup(value)) return notRight(at);
    const part = name === head ? this.#record : this.#session;
    return Object.entries(value as object).reduce<Reason | null>(
      (wrong, each) => wrong ?? part.take(...(each as [string, unknown])),
      name === head ? otherKind(value) : null,
    );
  }

  end(): EvidenceRecord | Reason {
    const record = this.#record;
    const session = this.#session;
    record.found.set('backups', this.#backups);
    if (session.found.size > 0 || this.#lines.length > 0) {
      session.found.set('lines', this.#lines);
      const lacks = session.lacks();
      if (lacks) return lacks;
      record.found.set('session', Object.fromEntries(session.found));
    }
    return record.lacks() ?? (Object.fromEntries(record.found) as EvidenceRecord);
  }
}

/** A record as it will be read of its file, without its being written: JSON has no -0 and no infinity. */
export function readBack(record: EvidenceRecord): EvidenceRecord | Reason {
  const reader = new Reader();
  for (const [name, value] of groupsIn(record)) {
    const wrong = reader.take(name, asRead(value), name);
    if (wrong) return wrong;
  }
  return reader.end();
}

/** Lines of ASCII, one after the other: there may be nothing else in a file. */
function* linesIn(bytes: Buffer): Iterable<string> {
  let from = 0;
  for (let end = bytes.indexOf('\n'); end !== -1; end = bytes.indexOf('\n', from)) {
    yield bytes.toString('latin1', from, end);
    from = end + 1;
  }
  yield bytes.toString('latin1', from);
}

/** What lines say together; or where one of them is none. */
function readLines(lines: Iterable<string>, reader: Reader): EvidenceRecord | Reason {
  let number = 0;
  for (const text of lines) {
    number++;
    const at = `its line ${number}`;
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return {reason: `the record is not valid JSON at ${at}`};
    }
    const [entry, ...others] = isGroup(parsed) ? Object.entries(parsed as object) : [];
    const wrong =
      !entry || others.length > 0 ? notRight(at) : reader.take(...(entry as [string, unknown]), at);
    if (wrong) return wrong;
  }
  return reader.end();
}

/** What the bytes of a record say; else why it is none, for the operator. */
export function parseEvidence(json: Buffer, reader = new Reader()): EvidenceRecord | Reason {
  if (beginsAsRecord(json)) return readLines(linesIn(json), reader);
  let value: unknown;
  try {
    value = JSON.parse(json.toString('latin1'));
  } catch {
    return {reason: 'the record is not valid JSON'};
  }
  const parsed = recordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return otherKind(value) ?? notRight(issue?.path.join('.') || 'the top');
}

/** What a file tells of its place among the others of its root. */
export type EvidenceLink = {asset: string; previous: EvidenceRecord['previous']; session: number | null};

/** The same of a record that is looked at like any other, and of which no more is kept: a chain may be of large ones. */
export function parseLink(json: Buffer): EvidenceLink | Reason {
  const record = parseEvidence(json, new Reader(new Set(['asset', 'previous', 'number'])));
  if ('reason' in record) return record;
  return {asset: record.asset.id, previous: record.previous, session: record.session?.number ?? null};
}
