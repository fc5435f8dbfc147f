import * as z from 'zod/mini';

/** Datasets that an event lists; of more it says how many there are. */
export const mostListed = 100;

const text = z.string();
const count = z.int().check(z.nonnegative());
const seconds = z.number().check(z.nonnegative());
const optional = z.nullable(text);
const session = z.int().check(z.positive());

const failedDataset = z.object({
  name: text,
  status: text,
  algorithm: optional,
  expected: optional,
  actual: optional,
  reason: optional,
});

/** What every restore's event says. */
const restore = {
  /** Of the backup. */
  id: text,
  session,
  /** Into a directory of its own: no live file is touched. */
  drill: z.boolean(),
  /** The session that it takes back; null for an ordinary restore. */
  undoes: z.nullable(session),
};

const define = <Shape extends z.core.$ZodShape>(summary: string, fields: Shape) => ({
  summary,
  fields: z.object(fields),
});

/**
 * Every event of ours: its name, as it goes into the site's action catalog, when it happens, and the fields that its
 * payload has beside those of every event (`audit-line.ts`). FORMAT.md, "Events and metrics of the runbook".
 */
export const registry = {
  'magdb.backup.completed': define('a backup is there', {
    id: text,
    label: text,
    datasets: count,
    /** Names of the datasets that are not in it although they are configured. */
    missing: z.array(text),
    bytes: count,
    /** SHA-256 over what the manifest says, whatever a verification adds to it later. */
    manifest_digest: optional,
    seconds,
  }),
  'magdb.backup.failed': define('a backup was to be made, and was not', {
    id: optional,
    label: text,
    reason: text,
  }),
  'magdb.backup.pruned': define('retention removed a backup', {id: text, reason: text}),
  'magdb.backup.verify_completed': define('a backup was verified, with whatever result', {
    id: text,
    success: z.boolean(),
    datasets: count,
  }),
  'magdb.backup.verify_failed': define('a backup was verified, and did not pass', {
    id: text,
    reason: text,
    /** Those that did not match, at most 100. */
    datasets: z.array(failedDataset),
    /** How many did not match. */
    failed: count,
  }),
  'magdb.restore.started': define('a restore begins; nothing has been written yet', {
    ...restore,
    purpose: optional,
    ticket: optional,
    authorised_by: optional,
    /** Hash of the plan that was agreed to. */
    plan: text,
    /** Those that are to change, at most 100. */
    datasets: z.array(text),
    /** In which it goes another way than it should. */
    deviations: z.array(text),
  }),
  'magdb.restore.completed': define('the files are those of the backup', {
    ...restore,
    /** How many files were changed. */
    files: count,
    /** Null where a restore was finished that had stopped halfway. */
    seconds: z.nullable(seconds),
  }),
  'magdb.restore.failed': define('a restore ended before it changed a file, or stopped halfway', {
    ...restore,
    outcome: z.enum(['refused', 'cancelled', 'needs-recovery']),
    reason: text,
  }),
  'magdb.restore.rolled_back': define('a restore was taken back: the files are those from before', {
    ...restore,
    reason: text,
  }),
  'magdb.evidence.exported': define('an evidence file was written', {
    /** Of the backup, where it is about one. */
    id: optional,
    session: z.nullable(session),
    file: text,
    sha256: text,
    record: text,
    kind: text,
    /** Fingerprint of the key; null where it is unsigned. */
    signed_by: optional,
  }),
  'magdb.checklist.completed': define('a restore was signed off', {
    id: text,
    session,
    /** How many steps were answered so. */
    done: count,
    failed: count,
    skipped: count,
  }),
};

export type EventName = keyof typeof registry;
export const eventNames = Object.keys(registry) as [EventName, ...EventName[]];

export type Payload<Name extends EventName> = z.infer<(typeof registry)[Name]['fields']>;
/** Something that others must learn of: its name, and what its payload says of it. */
export type Happening = {[Name in EventName]: {action: Name; payload: Payload<Name>}}[EventName];

const typeText = (schema: z.core.$ZodType): string => {
  const {def} = schema._zod;
  if (def.type === 'nullable')
    return `${typeText((def as z.core.$ZodNullableDef<z.core.$ZodType>).innerType)} or null`;
  if (def.type === 'array') {
    const {element} = def as z.core.$ZodArrayDef<z.core.$ZodType>;
    const inner = element._zod.def;
    if (inner.type !== 'object') return `list of ${typeText(element)}s`;
    const names = Object.keys((inner as z.core.$ZodObjectDef).shape).map((name) => `\`${name}\``);
    return `list of objects: ${names.join(', ')}`;
  }
  if (def.type === 'enum')
    return Object.values((def as z.core.$ZodEnumDef).entries)
      .map((each) => `\`${each}\``)
      .join(', ');
  if (def.type === 'number') return 'format' in def ? 'integer' : 'number';
  return def.type;
};

export type DescribedEvent = {action: EventName; summary: string; fields: {name: string; type: string}[]};

/** Every event with its fields: for the site's action catalog, and the documentation. */
export const describeEvents = (): DescribedEvent[] =>
  eventNames.map((action) => {
    const {summary, fields} = registry[action];
    const shape: Record<string, z.core.$ZodType> = fields.def.shape;
    return {
      action,
      summary,
      fields: Object.entries(shape).map(([name, schema]) => ({name, type: typeText(schema)})),
    };
  });

/** Where events are told: the root, its backups directory, and the audit log that its configuration names. */
/** @property metrics the file of ours, where it is not beside the kernel's usual place */
export type EventPlace = {root: string; backups: string; auditLog: string; metrics?: string};
