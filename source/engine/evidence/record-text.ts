import {parseLine} from '../session/record.ts';
import {canonicalJson} from './canonical.ts';
import {type EvidenceRecord, type EvidenceSession, recordSchema, schemaNames} from './schema.ts';
import {evidenceLine, lineText} from './session-lines.ts';

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
 * A record as it stands in a file. Of the second schema: a line of JSON for each group of facts, each in the one way in
 * which evidence is written (`canonicalJson`), so that one fact stands in one line and `jq` takes them line by line.
 * The lines of a session's record are texts, byte for byte what their hashes are over. Of the first: one line.
 */
export const recordText = (record: EvidenceRecord): string =>
  record.schema === 'magds-evidence/1'
    ? canonicalJson(record)
    : [...lineValues(record)].map(([name, value]) => canonicalJson({[name]: value})).join('\n');

const notRight = (at: string) => ({reason: `the record is not what it should be at ${at}`});

/** What lines say together, before it is looked at; or where a line is none. */
function linesValue(lines: string[]): {value: object} | {reason: string} {
  const record = new Map<string, unknown>();
  const session = new Map<string, unknown>();
  const backups: unknown[] = [];
  const told: EvidenceSession['lines'] = [];
  for (const [index, text] of lines.entries()) {
    const at = `its line ${index + 1}`;
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
    } else if (name === 'backup') backups.push(value);
    else if (name === head || name === 'session') {
      if (!isGroup(value)) return notRight(at);
      for (const each of Object.entries(value as object)) (name === head ? record : session).set(...each);
    } else if (name.startsWith('session_')) session.set(name.slice('session_'.length), value);
    else record.set(name, value);
  }
  if (session.size > 0 || told.length > 0)
    record.set('session', {...Object.fromEntries(session), lines: told});
  return {value: Object.fromEntries([...record, ['backups', backups]])};
}

function jsonOf(text: string): {value: unknown} | {reason: string} {
  if (text.startsWith(recordBegins)) return linesValue(text.split('\n'));
  try {
    return {value: JSON.parse(text)};
  } catch {
    return {reason: 'the record is not valid JSON'};
  }
}

/** What the text of a record says; else why it is none, for the operator. */
export function parseEvidence(text: string): EvidenceRecord | {reason: string} {
  const json = jsonOf(text);
  if ('reason' in json) return json;
  const {value} = json;
  const parsed = recordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const given = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (typeof given === 'string' && !schemaNames.some((each) => each === given))
    return {
      reason: `the record is of the kind ${given.slice(0, 100)}, which this program does not know: a newer one may`,
    };
  const [issue] = parsed.error.issues;
  return notRight(issue?.path.join('.') || 'the top');
}
