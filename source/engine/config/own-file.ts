import fs, {type Stats} from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import {Directory} from '../base/directory.ts';
import {type ReadResult, readSmallFile} from '../base/files.ts';
import {JsonChecker} from '../base/json-checker.ts';
import {userNameOf} from '../base/owner.ts';
import {describeError, errorCode} from '../base/problem.ts';
import {datasetTypes, entrySchema} from '../datasets/all.ts';
import {runbookSteps} from '../session/checklist.ts';
import {eventNames} from '../storage/events.ts';
import type {Fault} from './configuration.ts';

/** Our own settings of a root, over the PHP configuration. */
export const ownFileName = 'storage/runbook/config.json';

/** Bytes of it that are read. */
const largest = 1024 * 1024;

/** A command and its arguments, never a line for a shell. */
const command = z.array(z.string()).check(z.minLength(1));

const commands = z.optional(z.array(command));

/** One that may fail: what it is for, such as a ping, matters less than what it tells of. */
const hook = z.union([command, z.strictObject({command, may_fail: z.optional(z.boolean())})]);
const hooks = z.optional(z.array(hook));

/** Whether an event is meant by a name in which `*` stands for any text. */
export function isMeantBy(pattern: string, event: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return first === event;
  if (!event.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = event.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return event.length - last.length >= at && event.endsWith(last);
}

/** An event, or several: `magdb.*.failed`. */
const events = z.union([
  z.enum(eventNames),
  z.string().check(
    z.regex(/\*/),
    z.refine((pattern) => eventNames.some((name) => isMeantBy(pattern, name))),
  ),
]);

export type Hook = {command: string[]; mayFail: boolean};

export const hookOf = (given: z.infer<typeof hook>): Hook =>
  Array.isArray(given)
    ? {command: given, mayFail: false}
    : {command: given.command, mayFail: given.may_fail ?? false};

/** Of two with one name one would be lost without a word. */
const namedOnce = <T>(nameOf: (each: T) => string): z.core.$ZodCheck<T[]> =>
  z.superRefine((list, context) => {
    const names = list.map(nameOf);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) context.addIssue(`two are called ${twice}, and only one of them would count`);
  });

const ownSchema = z.strictObject({
  version: z.literal(1),
  backup: z.optional(
    z.strictObject({
      enabled: z.optional(z.boolean()),
      path: z.optional(z.string().check(z.minLength(1))),
      datasets: z.optional(z.array(entrySchema(datasetTypes)).check(namedOnce(({name}) => name))),
      algorithm: z.optional(z.string().check(z.minLength(1))),
      max_count: z.optional(z.nullable(z.int())),
    }),
  ),
  hooks: z.optional(
    z.strictObject({
      /** Run around a restore, to stop and start what writes to the live files. */
      before_restore: commands,
      after_restore: commands,
      /** Run around a backup, to have what writes hold still. */
      before_backup: hooks,
      after_backup: hooks,
      /** Run when something has happened, to tell others of it. */
      on: z.optional(z.record(events, z.array(hook))),
      /** Seconds that each may take. */
      seconds: z.optional(z.int().check(z.minimum(1), z.maximum(3600))),
    }),
  ),
  /** Days that the safety backup of a restore stays once its session is signed off; null keeps all. */
  safety_days: z.optional(z.nullable(z.int().check(z.minimum(1), z.maximum(36500)))),
  /** Days that a backup stays held once the restore of it is signed off: it may be needed again. */
  hold_days: z.optional(z.int().check(z.minimum(0), z.maximum(36500))),
  /** Steps of a site's own after the runbook's, to be answered after a restore. */
  checklist: z.optional(
    z
      .array(
        z.strictObject({
          id: z.string().check(z.regex(/^[a-z0-9-]{1,40}$/)),
          title: z.string().check(z.minLength(1)),
          help: z.optional(z.string()),
          command: z.optional(command),
        }),
      )
      .check(
        namedOnce(({id}) => id),
        z.superRefine((steps, context) => {
          const taken = steps.find(({id}) => runbookSteps.some((step) => step.id === id));
          if (taken) context.addIssue(`${taken.id} is a step of every restore already: take another id`);
        }),
      ),
  ),
  /** What evidence files say beside what is recorded, and against which they judge. */
  evidence: z.optional(
    z.strictObject({
      /** What the root is called in the inventory; else machine id and root. */
      asset: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
      /** The control that such a file is evidence for. */
      control: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
      /** Objectives, in seconds. */
      rto_seconds: z.optional(z.number().check(z.positive())),
      rpo_seconds: z.optional(z.number().check(z.positive())),
      /** The runbook's own file, of which the digest is recorded; a path below the root, or absolute. */
      runbook: z.optional(z.string().check(z.minLength(1))),
    }),
  ),
  /** Names of datasets that change all the time, so that a change of them stops no restore. */
  volatile: z.optional(z.array(z.string())),
});

export type OwnFile = z.infer<typeof ownSchema>;

/** The published JSON schema of the file. */
export const ownJsonSchema = (): unknown => z.toJSONSchema(ownSchema);

/**
 * Who may write what we obey decides what we do. As ssh does with its files, one that another user may write is
 * not obeyed (RESTORE.md, "Where a restore may write, and whom it obeys").
 * @param opened the directory and the file as they were opened, whatever lies there now
 * @returns why not, or null
 */
function whyNotObeyed(file: string, opened: {directory: Stats; file: Stats}): string | null {
  const me = process.getuid?.() ?? 0;
  for (const each of ['file', 'directory'] as const) {
    const stats = opened[each];
    const what = each === 'file' ? 'it' : 'its directory';
    if (stats.uid !== 0 && stats.uid !== me)
      return `${what} belongs to ${userNameOf(stats.uid)}, not to you or root: run as ${userNameOf(stats.uid)}, or give it to root`;
    if ((stats.mode & 0o022) !== 0)
      return `others may write ${what}: chmod go-w ${each === 'file' ? file : path.dirname(file)}`;
  }
  return null;
}

/** Who may write to the directories above could swap what lies in them between two looks: all is done with one. */
function readObeyed(file: string): ReadResult {
  let directory: Directory;
  try {
    directory = Directory.open(path.dirname(file));
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return {missing: true};
    // What is no directory, or a link to one without the file, is for those to say who write there.
    if (code === 'ENOTDIR' || code === 'ELOOP')
      return fs.existsSync(file) ? {reason: 'is ignored: its directory is a link'} : {missing: true};
    return {reason: `cannot be read: ${describeError(error)}`};
  }
  using _ = directory;
  const read = readSmallFile(`${directory.path}/${path.basename(file)}`, largest);
  if (!('data' in read)) return read;
  const untrusted = whyNotObeyed(file, {directory: directory.stats, file: read.stats});
  return untrusted === null ? read : {reason: `is ignored: ${untrusted}`};
}

/** Faults of it that are told. */
const mostFaults = 20;

/** What is wrong at one place of it, and where. */
function whyUnfit(issue: z.core.$ZodIssue): string {
  const where = issue.path.join('.') || 'the top';
  if (issue.code === 'invalid_key')
    return `hooks.on: there is no event ${String(issue.path.at(-1))}; there are ${eventNames.join(', ')}`;
  if (issue.code === 'custom' && issue.message !== '') return `${where}: ${issue.message}`;
  return issue.code === 'unrecognized_keys'
    ? `${where}: unknown key ${issue.keys.join(', ')}`
    : `${where}: see "magds config --schema"`;
}

/** Reads `storage/runbook/config.json`; null where there is none, or where it must not or cannot be used. */
export function readOwnFile(root: string, faults: Fault[]): OwnFile | null {
  const file = path.join(root, ownFileName);
  const fault = (message: string, line = 0): null => {
    faults.push({file, line, message});
    return null;
  };
  const read = readObeyed(file);
  if ('missing' in read) return null;
  if ('reason' in read) return fault(read.reason);
  const checker = new JsonChecker();
  checker.write(read.data);
  const flaw = checker.end();
  if (flaw) return fault(`is not valid JSON: ${flaw.message}, column ${flaw.column}`, flaw.line);
  const {twice} = checker;
  if (twice) return fault(`has the key "${twice.key}" twice: only the last would count`, twice.line);
  const value: unknown = JSON.parse(read.data.toString('utf8'));
  const parsed = ownSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  // All of them: who mends one at a time has the nightly backup stand still for each.
  const {issues} = parsed.error;
  for (const issue of issues.slice(0, mostFaults)) fault(`is not what it should be at ${whyUnfit(issue)}`);
  const more = issues.length - mostFaults;
  return more > 0 ? fault(`is not what it should be at ${more} more places`) : null;
}
