import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {Directory} from '../base/directory.ts';
import {describeError, exitCode, Problem} from '../base/problem.ts';
import {removeFile} from '../base/remove-file.ts';
import {spareMemory} from '../base/spare-memory.ts';
import {recordAnswer} from '../checklist/answer.ts';
import type {Announcer} from '../events/announcer.ts';
import type {Writer} from '../retention/writer.ts';
import {evidenceStep} from '../session/checklist.ts';
import {type Who, whyWatching} from '../session/owner.ts';
import {readSession} from '../session/sessions.ts';
import {stories, writtenByOthers} from '../session/story.ts';
import {goOn} from '../session/take-over.ts';
import {checkNotAmong} from '../storage/backups-directory.ts';
import type {Happening} from '../storage/events.ts';
import {type Collecting, collectEvidence, exporterOf, type GivenFacts} from './collect.ts';
import {knownEvidence, whatIsLost} from './known.ts';
import {pageName, pageParts} from './page.ts';
import {largestFile} from './parse-file.ts';
import {
  addToIndex,
  type Bytes,
  evidenceFileName,
  evidenceName,
  inPieces,
  notWritten,
  sha256Of,
  tidyTemporaries,
  writeNew,
} from './place.ts';
import {evidenceParts} from './render.ts';
import type {EvidenceRecord} from './schema.ts';
import {sign, signerOf} from './ssh-keygen.ts';

type Exporting = Omit<Collecting, 'state' | 'given'> & {
  writer: Pick<Writer, 'state'>;
  /** Is told of it; the caller lets its hooks run. */
  announcer: Announcer;
  given: Omit<GivenFacts, 'signer'>;
  /** Absolute path of the file; null for the root's own place. */
  out: string | null;
  /** Key file, or the `.pub` of one that an agent holds; null leaves it unsigned. */
  key: string | null;
  /** Whether a passphrase may be asked for on the terminal. */
  terminal?: boolean;
  /** Whether a page of it is written beside it. */
  html?: boolean;
};

export type Exported = {
  /** Absolute. */
  file: string;
  sha256: string;
  /** Absolute; null where none was asked for. */
  page: string | null;
  record: EvidenceRecord;
  /** What is to be known although it was written. */
  beware: string[];
};

const aboutOf = ({kind, session, backups}: EvidenceRecord): string =>
  kind === 'restore'
    ? `session-${session?.number}`
    : kind === 'verification'
      ? (backups[0]?.id ?? 'backup')
      : 'all-backups';

/** @throws Problem where `sha256sum -c` could not be told of a file with this name */
function checkName(name: string): void {
  if (/[\p{Cc}\\]/u.test(name) || name === '-')
    throw new Problem(
      exitCode.usage,
      `--out: sha256sum cannot check a file with the name ${name}: give one without a line break or a backslash. Nothing was written.`,
    );
}

/**
 * The SHA-256 of a file that is not written yet.
 * @throws Problem where so large a one would not be read again
 */
function digestOf(file: Iterable<Uint8Array>): string {
  const records = 'the record of the session, or the manifest, is larger than any that this program writes';
  const tooLarge = (): never => {
    throw new Problem(
      exitCode.failed,
      `Nothing was written: the file would be too large to be read: ${records}.`,
    );
  };
  const hash = createHash('sha256');
  let length = 0;
  try {
    for (const piece of file) {
      hash.update(piece);
      length += piece.length;
      if (length > largestFile) tooLarge();
    }
  } catch (error) {
    // A part is longer than a text can be.
    if (error instanceof RangeError) tooLarge();
    throw error;
  }
  return hash.digest('hex');
}

/** The root's own name for a file; another one where two are written in one second. */
function freeName(directory: string, record: EvidenceRecord): string {
  const about = aboutOf(record);
  const at = new Date(record.exported.at);
  for (let number = 1; ; number++) {
    const name = evidenceFileName(at, number === 1 ? about : `${about}_${number}`);
    const isTaken = [name, `${name}.sha256`, `${name}.sig`, pageName(name)].some((each) =>
      fs.lstatSync(`${directory}/${each}`, {throwIfNoEntry: false}),
    );
    if (!isTaken) return name;
  }
}

/** Writes the file and what belongs to it: all of them, or none. */
function writeAll(directory: string, shown: string, files: [string, Bytes][]): void {
  const written: string[] = [];
  try {
    for (const [name] of files)
      if (fs.lstatSync(`${directory}/${name}`, {throwIfNoEntry: false}))
        throw new Problem(
          exitCode.failed,
          `${shown}/${name} was not written: something of that name exists already, and is left as it is.`,
        );
    for (const [name, data] of files) {
      writeNew(directory, name, data, shown);
      written.push(name);
    }
  } catch (error) {
    // Never a digest or a signature without its file.
    for (const name of written.reverse()) removeFile(`${directory}/${name}`);
    throw error;
  }
}

/** The directory that the file goes to, for system calls and for the operator. */
function placeFor(
  state: Directory,
  root: string,
  out: string | null,
): {directory: string; shown: string; close(): void} {
  if (out !== null) {
    const shown = path.dirname(out);
    try {
      // All that belongs together goes to one directory, whatever is put in its place meanwhile.
      const fd = fs.openSync(shown, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
      const opened = new Directory(fd, shown);
      return {directory: opened.path, shown, close: () => opened.close()};
    } catch (error) {
      throw notWritten(path.basename(out), shown, error);
    }
  }
  const made = state.make(evidenceName);
  return {directory: made.path, shown: `${root}/storage/runbook/${evidenceName}`, close: () => made.close()};
}

/**
 * Answers the step that asks for evidence, where it is open and the session is the exporter's; the session may be told of long after it was closed.
 */
function answerStep(
  state: Directory,
  record: EvidenceRecord,
  me: Who,
  file: string,
  sha256: string,
): string[] {
  const story = stories(state).find(({number}) => number === record.session?.number);
  const step = story?.steps.find(({id}) => id === evidenceStep);
  if (!story || story.closed || !step || step.answer !== null) return [];
  // What a restore that stopped halfway left is no end that could be ticked off: the file says so, and stays true.
  if (story.state !== 'done') return [`step ${step.id} is still open: the restore has not come to its end`];
  const why = whyWatching(story.number, story.owners, me, Date.now());
  if (why !== null) return [`step ${step.id} is still open: ${why}`];
  const note = `${file}, SHA-256 ${sha256}${record.signer ? `, signed by ${record.signer.fingerprint}` : ', unsigned'}`;
  try {
    // It is his: where he comes back in a new terminal, it goes on there.
    goOn(state, story, me, '');
    recordAnswer(state, story, {answer: {step: step.id, state: 'done', machine: true, note}, output: null});
    return [];
  } catch (error) {
    return [`step ${step.id} is still open: ${describeError(error)}`];
  }
}

/** A file, and its digest for `sha256sum -c`. */
const withDigest = (name: string, data: Bytes, sha256 = sha256Of(data)): [string, Bytes][] => [
  [name, data],
  [`${name}.sha256`, Buffer.from(`${sha256}  ${name}\n`)],
];

/**
 * Collects, renders, signs and writes an evidence file, with its digest and signature beside it; adds it to the root's
 * list, and answers the session's step. The caller holds the lock.
 * @throws Problem where it cannot be written; nothing of it is left then
 */
export async function exportEvidence({
  writer,
  out,
  key,
  terminal = false,
  html = false,
  given,
  me,
  announcer,
  ...collecting
}: Exporting): Promise<Exported> {
  using _ = spareMemory();
  const {state} = writer;
  if (out !== null) {
    checkName(path.basename(out));
    checkNotAmong(collecting.backups, out);
  }
  const signer = key === null ? null : await signerOf(key);
  const {root, configuration} = collecting;
  const known = await knownEvidence(state, root, configuration.auditLog.value);
  const record = await collectEvidence({...collecting, state, known, given: {...given, signer}});
  // Rendered anew wherever it is needed: a file about 20,000 datasets has 60 MB.
  const data = inPieces(() => evidenceParts(record));
  const sha256 = digestOf(data);
  const signature = key === null ? null : await sign(key, data, {terminal});
  const place = placeFor(state, collecting.root, out);
  let name: string;
  try {
    name = out === null ? freeName(place.directory, record) : path.basename(out);
    tidyTemporaries(place.directory, Date.now());
    writeAll(place.directory, place.shown, [
      ...withDigest(name, data, sha256),
      ...(signature === null ? [] : ([[`${name}.sig`, signature]] as [string, Bytes][])),
      ...(html
        ? withDigest(
            pageName(name),
            inPieces(() => pageParts(record, {name, sha256})),
          )
        : []),
    ]);
  } finally {
    place.close();
  }
  const file = `${place.shown}/${name}`;
  // The digest of the last file is where the one who deletes that file does not reach (EVIDENCE.md).
  await announcer.announce([ofExport({file, sha256, record})], true);
  const beware = whatIsLost(root, known);
  try {
    const {exported, kind, session, id} = record;
    const listed = out === null ? name : file;
    // A kill right after it was told, or a change of the list, has kept them from it.
    for (const entry of known.unlisted.toReversed()) addToIndex(state, entry);
    addToIndex(state, {
      at: exported.at,
      file: listed,
      sha256,
      record: id,
      kind,
      session: session?.number ?? null,
    });
  } catch (error) {
    beware.push(
      `it is not in the list of this root's evidence (${evidenceName}/index.jsonl): ${describeError(error)}`,
    );
  }
  const broken = record.session?.broken ?? null;
  if (broken !== null)
    beware.push(`the session's record cannot be relied on, and a check of the file says so: ${broken}`);
  const read = record.session && readSession(state, record.session.number, 'head')?.read;
  if (read?.state === 'read' && read.untrusted !== null) beware.push(writtenByOthers(read.untrusted));
  const noted = out === null ? `${evidenceName}/${name}` : file;
  beware.push(...answerStep(state, record, exporterOf(collecting), noted, sha256));
  const page = html ? `${place.shown}/${pageName(name)}` : null;
  return {file, sha256, page, record, beware};
}

const ofExport = ({file, sha256, record}: Pick<Exported, 'file' | 'sha256' | 'record'>): Happening => ({
  action: 'magdb.evidence.exported',
  payload: {
    id: record.kind === 'catalog' ? null : (record.backups[0]?.id ?? null),
    session: record.session?.number ?? null,
    file,
    sha256,
    record: record.id,
    kind: record.kind,
    signed_by: record.signer?.fingerprint ?? null,
  },
});
