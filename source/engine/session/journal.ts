import fs from 'node:fs';
import * as z from 'zod/mini';
import {asciiJson} from '../base/escape.ts';
import {readSmallFile, seenAt} from '../base/files.ts';
import {userNameOf} from '../base/owner.ts';
import {describeError} from '../base/problem.ts';
import {removeFile} from '../base/remove-file.ts';
import {syncDirectory} from '../base/replace-file.ts';
import {writeWhole} from '../base/write-all.ts';
import {databaseSchema} from './database-item.ts';

const stamp = z.object({dev: z.string(), ino: z.string(), size: z.number(), mtimeNs: z.string()});
/** A name in a directory, and nothing that leads out of it. */
const name = z.string().check(z.regex(/^(?!\.{1,2}$)[^/\0]+$/));

const itemSchema = z.object({
  dataset: z.string(),
  /** What lies beside a database goes with it. */
  role: z.enum(['dataset', 'sidecar']),
  /** It changes all the time: another content than the old one is still the old one. */
  volatile: z.boolean(),
  place: z.object({
    path: z.string(),
    base: z.string().check(z.startsWith('/')),
    segments: z.array(name).check(z.minLength(1)),
  }),
  algorithm: z.string(),
  /** As it was when the transaction began. */
  old: z.discriminatedUnion('kind', [
    z.object({kind: z.literal('absent'), missing: z.array(name)}),
    z.object({kind: z.literal('file'), stamp, hash: z.string(), mode: z.int(), uid: z.int(), gid: z.int()}),
  ]),
  /** What it becomes, `stamp` once it is staged; null where the file is removed. */
  new: z.nullable(
    z.object({
      copy: z.array(name),
      hash: z.string(),
      bytes: z.number(),
      mode: z.int(),
      /** Whose the source was, where only root and we could have written that. */
      owner: z.optional(z.int()),
      stamp: z.nullable(stamp),
      /** Whose it is and its mode, where they are those of the copy. */
      given: z.optional(z.object({uid: z.int(), gid: z.int(), mode: z.int()})),
    }),
  ),
  /** Names beside the target: what is staged, and the second name of the old file. */
  temporary: name,
  aside: name,
  /** Name in the safety backup's manifest; null where it is not in it. */
  safety: z.nullable(z.string()),
});

const directorySchema = z.object({
  mode: z.int(),
  uid: z.int(),
  gid: z.int(),
  attributes: z.array(z.tuple([z.string(), z.string()])),
});

export const phases = ['prepare', 'commit', 'back', 'done', 'rolled-back'] as const;

const journalSchema = z.object({
  version: z.literal(1),
  session: z.int(),
  root: z.string(),
  /** Real path of the root's state: a copy of the tree brings this journal along, and it is not about its files. */
  state: z.string(),
  /** The backup's id, and where it lay. */
  id: z.string(),
  directory: z.string(),
  phase: z.enum(phases),
  drill: z.boolean(),
  /** Session that this one takes back; null for an ordinary restore. */
  undoes: z.nullable(z.int()),
  /** Id of the safety backup; null where there is none. */
  safety: z.nullable(z.string()),
  /** The hooks before the restore have been run, so those after it are due. */
  hooked: z.boolean(),
  /** What was kept for the way back has been released. */
  closed: z.boolean(),
  /** Who is at work, so that it can be told whether he still is. */
  process: z.object({pid: z.int(), started: z.string(), host: z.string()}),
  /** Directories of directory datasets by their paths, and what each was; null where it is not known. */
  directories: z.optional(
    z.object({
      /** Who else could have written that; null where only root and we could. */
      by: z.nullable(z.object({uid: z.int(), gid: z.int()})),
      records: z.record(z.string(), z.nullable(directorySchema)),
    }),
  ),
  /** Databases of servers; older journals have none. */
  databases: z.optional(z.array(databaseSchema)),
  items: z.array(itemSchema),
});

export type JournalItem = z.infer<typeof itemSchema>;
export type Journal = z.infer<typeof journalSchema>;
export type Directories = NonNullable<Journal['directories']>;
export const noDirectories: Directories = {by: null, records: {}};
export type Phase = (typeof phases)[number];

/** Where a restore stopped that waits for a decision: only one that was switching files can be finished. */
export const stoppedWhere = (phase: Phase): string =>
  phase === 'prepare'
    ? 'before it changed anything'
    : phase === 'back'
      ? 'while it was rolled back'
      : 'halfway';

export const journalName = 'journal.json';
const largest = 64 * 1024 * 1024;

function writeTo(file: string, text: Buffer): void {
  removeFile(file);
  // The user who runs this owns it: only he and root may say what is done. Others may know.
  writeWhole(file, text, (fd) => fs.fchmodSync(fd, 0o644));
}

/** The journal of a session on the disk. Each step is durable before it returns. */
export class JournalFile {
  readonly #directory: string;
  journal: Journal;
  #foreseen = new Set<Phase>();
  /** As they were written last: of 20,000 files they are 16 MB, and the same in most phases. */
  #items: {are: JournalItem[]; text: Buffer} | null = null;

  /** @param directory of the session, as a path that stays what it is */
  constructor(directory: string, journal: Journal) {
    this.#directory = directory;
    this.journal = journal;
  }

  /** For a journal that another process left: what it had foreseen was durable before it got beyond `prepare`. */
  static reopen(directory: string, journal: Journal): JournalFile {
    const file = new JournalFile(directory, journal);
    for (const phase of journal.phase === 'prepare' ? [] : phases)
      if (seenAt(file.#fileOf(phase))?.isFile()) file.#foreseen.add(phase);
    return file;
  }

  #fileOf = (phase: Phase): string => `${this.#directory}/.journal.${phase}.new`;

  /** The items come last, for a caller that only asks how far it is (`Extent`). */
  #textOf({items, ...head}: Journal): Buffer {
    if (this.#items?.are !== items) this.#items = {are: items, text: Buffer.from(asciiJson(items))};
    const before = `${asciiJson(head).slice(0, -1)},"items":`;
    return Buffer.concat([Buffer.from(before), this.#items.text, Buffer.from('}\n')]);
  }

  /** Replaces the journal by what it is now. */
  write(): void {
    const file = this.#fileOf(this.journal.phase);
    writeTo(file, this.#textOf(this.journal));
    fs.renameSync(file, `${this.#directory}/${journalName}`);
    syncDirectory(this.#directory);
  }

  /** Writes what the journal will be in other phases, so that getting there takes no space any more. */
  foresee(...coming: Phase[]): void {
    for (const phase of coming) {
      writeTo(this.#fileOf(phase), this.#textOf({...this.journal, phase}));
      this.#foreseen.add(phase);
    }
  }

  advance(phase: Phase): void {
    this.journal = {...this.journal, phase};
    if (!this.#foreseen.delete(phase)) {
      this.write();
      return;
    }
    fs.renameSync(this.#fileOf(phase), `${this.#directory}/${journalName}`);
    syncDirectory(this.#directory);
  }

  /** Removes what was foreseen and did not come. What cannot be removed keeps nothing from having been done. */
  tidy(stays?: Phase): void {
    for (const phase of phases) {
      if (phase === stays) continue;
      this.#foreseen.delete(phase);
      try {
        removeFile(this.#fileOf(phase));
      } catch {
        // It goes when the session is closed.
      }
    }
  }
}

/** Removes the very first journal of a process that was killed before it was one: nothing follows from it. */
export const removeUnbegun = (directory: string): void => removeFile(`${directory}/.journal.prepare.new`);

export type JournalRead =
  /** `untrusted`: why it may not be acted on; null where it may. */
  | {state: 'read'; journal: Journal; untrusted: string | null}
  | {state: 'none'}
  | {state: 'unreadable'; reason: string};

/**
 * Who may say what is written where: root, or the user who runs this, and no other (RESTORE.md, "Whom it obeys").
 * @param directory as a path that stays what it is
 */
function whyUntrusted(directory: string): string | null {
  const me = process.getuid?.() ?? 0;
  for (const file of [`${directory}/.`, `${directory}/${journalName}`]) {
    const stats = fs.lstatSync(file);
    if (stats.uid !== 0 && stats.uid !== me) {
      const owner = userNameOf(stats.uid);
      return `it belongs to ${owner}, not to you or root: run as ${owner} (sudo -u ${owner} magds …)`;
    }
    if ((stats.mode & 0o022) !== 0) return 'others than its owner may write it';
  }
  return null;
}

/** Bytes of a journal from which on it takes long to parse: one of 20,000 files is 16 MB, and takes half a second. */
const long = 256 * 1024;

/** Nothing more is done by it, unless it is asked for by its number. */
const isSettled = ({phase, closed}: Journal): boolean =>
  phase === 'rolled-back' || (phase === 'done' && closed);

/** The last long journal that was told of: a restore that is at work is looked at again and again. */
let lastLong: {stamp: string; journal: Journal} | null = null;

/**
 * How much of a journal is wanted. `told`: for a caller that only tells of it; one that is long, and settled, then has no items.
 * `head`: for a caller that asks how far it is; one that is long never has items.
 */
export type Extent = 'whole' | 'told' | 'head';

/** A long journal for a caller that does not act on it. @returns undefined where it is none */
function partOfJournal(
  {data, stats}: {data: Buffer; stats: fs.Stats},
  extent: 'told' | 'head',
): Journal | undefined {
  if (data.length < long) return journalSchema.safeParse(JSON.parse(data.toString('utf8'))).data;
  // The items are the last of what this program writes.
  const items = data.subarray(0, long).indexOf('"items":[{');
  if (items !== -1 && data.subarray(-4).toString('latin1') === '}]}\n') {
    const parsed = journalSchema.safeParse(
      JSON.parse(`${data.subarray(0, items).toString('utf8')}"items":[]}`),
    );
    if (parsed.success && (extent === 'head' || isSettled(parsed.data))) return parsed.data;
  }
  const stamp = [stats.dev, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join();
  if (lastLong?.stamp === stamp) return lastLong.journal;
  const journal = journalSchema.safeParse(JSON.parse(data.toString('utf8'))).data;
  lastLong = journal ? {stamp, journal} : null;
  return journal;
}

/**
 * @param number of the session, which the journal has to be about
 */
export function readJournal(directory: string, number: number, extent: Extent = 'whole'): JournalRead {
  const read = readSmallFile(`${directory}/${journalName}`, largest);
  if ('missing' in read) return {state: 'none'};
  if ('reason' in read) return {state: 'unreadable', reason: `${journalName} ${read.reason}`};
  try {
    const journal =
      extent === 'whole'
        ? journalSchema.safeParse(JSON.parse(read.data.toString('utf8'))).data
        : partOfJournal(read, extent);
    if (journal?.session !== number)
      return {state: 'unreadable', reason: `${journalName} is not a journal of this session`};
    return {state: 'read', journal, untrusted: whyUntrusted(directory)};
  } catch (error) {
    return {state: 'unreadable', reason: `${journalName}: ${describeError(error)}`};
  }
}
