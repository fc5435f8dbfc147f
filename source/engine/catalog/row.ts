import {notRegular, seenAt, stampOf} from '../base/files.ts';
import {describeError} from '../base/problem.ts';
import {sum} from '../base/sum.ts';
import {backupTime} from '../storage/backup-id.ts';
import type {ContentKind} from '../storage/content.ts';
import {brokenOf, noVerdicts, soundOf, type Verdicts} from '../storage/content-verdicts.ts';
import {locateCopy, namesOf} from '../storage/manifest/copy-path.ts';
import type {CopyFacts} from '../storage/manifest/facts.ts';
import {finishedText} from '../storage/manifest/finished.ts';
import type {Shortfall} from '../storage/manifest/partial.ts';
import {phpSays} from '../storage/manifest/php-says.ts';
import {type Manifest, readManifest} from '../storage/manifest/read.ts';
import {lastVerification, recordName} from '../storage/verifications.ts';
import {describeMissing} from './cut-off.ts';
import {judge, type Proof, proofs, type SeenCopy, type Verification} from './verification.ts';

type RowState = 'complete' | 'interrupted' | 'unreadable';

/** What a backup records of a database as it was dumped. */
export type RecordedDump = {
  database: string;
  /** Where it was: `db.example:5432`. */
  server: string | null;
  serverVersion: string | null;
  /** The time that all of it is of. */
  at: string | null;
  tables: number;
  rows: number;
};

const dumpOf = ({database, server, server_version, snapshot_at, rows}: CopyFacts): RecordedDump | null =>
  database === undefined
    ? null
    : {
        database,
        server: server ?? null,
        serverVersion: server_version ?? null,
        at: snapshot_at ?? null,
        tables: rows?.size ?? 0,
        rows: sum(rows?.values() ?? []),
      };

export type RowDataset = {
  name: string;
  /** `algorithm:hash` in lower case, to compare contents by; null where the manifest records none. */
  content: string | null;
  /** Bytes of the copy; null when there is none to be seen. */
  bytes: number | null;
  /** Why there is no usable copy; null when there is one. */
  flaw: string | null;
  /** What the last verification that is recorded still says of it; absent where it says nothing. */
  proof?: Proof;
  /** What the manifest says of a dump of a database; only of one. */
  dump?: RecordedDump;
  /** It holds nothing, white space and an empty list or map aside; only where that was looked for (`markBlank`). */
  blank?: boolean;
};

export type Row = {
  id: string;
  state: RowState;
  label: string | null;
  createdAt: string | null;
  /** Seconds since the epoch, from the id; null where the id holds no time. */
  time: number | null;
  datasets: RowDataset[];
  bytes: number;
  verification: Verification;
  /** Why it is interrupted or unreadable, or what a complete one lacks. */
  reason: string | null;
  /** Why PHP cannot use it although we can; null when it can. */
  hiddenFromPhp: string | null;
  /** Facts worth knowing that are no fault: finished later, moved, renamed, BOM. */
  notes: string[];
  /** Datasets whose recorded bytes the newest content check found broken, and what it said. */
  brokenInside: {name: string; detail: string}[];
  /** Datasets whose recorded bytes it found sound, and as what. */
  soundInside: {name: string; kind: ContentKind}[];
  /** What its manifest says that it does not hold as it should; empty for a whole one. */
  partial: Shortfall[];
  /** Of one without a manifest: the files that lie in it, by their names, where they are few. */
  lying?: string[];
  /** Where it was made, as its manifest records it: the backups directory, and some of the live files. */
  origin: {backups: string | null; sources: string[]};
};

/** What is said of a backup of which nothing has been read. */
export const emptyRow = (id: string): Row => ({
  id,
  state: 'unreadable',
  label: null,
  createdAt: null,
  time: backupTime(id),
  datasets: [],
  bytes: 0,
  verification: {state: 'never', at: null, failed: [], reason: null, changed: false},
  reason: null,
  hiddenFromPhp: null,
  notes: [],
  brokenInside: [],
  soundInside: [],
  partial: [],
  origin: {backups: null, sources: []},
});

/** The plainest flaw a copy can have. */
export const missingCopy = 'the copy is missing';

/** Of one whose hash is another one. */
export const alteredCopy = 'the copy is not what the manifest recorded';

/** Looks at the copies without opening them; never through a link, also not in a directory on the way. */
function lookAtCopies(
  directory: string,
  id: string,
  manifest: Manifest,
): {copies: SeenCopy[]; recorded: string | null} {
  const realDirectories = new Map<string, string | null>();
  let recorded: string | null = null;
  const ids = namesOf(id, manifest.id);
  const parentFlaw = (path: string): string | null => {
    const known = realDirectories.get(path);
    if (known !== undefined) return known;
    const stats = seenAt(path);
    const why = stats?.isSymbolicLink() ? 'a directory on the way to the copy is a link' : missingCopy;
    const flaw = stats?.isDirectory() ? null : why;
    realDirectories.set(path, flaw);
    return flaw;
  };
  const copies = manifest.datasets.map(({name, backup, flaw: entryFlaw}): SeenCopy => {
    const none = (flaw: string): SeenCopy => ({name, bytes: null, mtimeMs: null, flaw});
    if (backup === null) return none(entryFlaw ?? 'no copy is recorded');
    const located = locateCopy(backup, ids);
    if ('unsafe' in located) return none(located.unsafe);
    recorded ??= located.recordedBackups;
    try {
      let path = directory;
      for (const segment of located.segments.slice(0, -1)) {
        path += `/${segment}`;
        const flaw = parentFlaw(path);
        if (flaw) return none(flaw);
      }
      const stats = seenAt(`${path}/${located.segments.at(-1)}`);
      if (!stats) return none(missingCopy);
      const kind = notRegular(stats);
      if (kind) return none(`the copy is ${kind}`);
      return {name, bytes: stats.size, mtimeMs: stats.mtimeMs, flaw: entryFlaw};
    } catch (error) {
      return none(`the copy cannot be looked at: ${describeError(error)}`);
    }
  });
  return {copies, recorded};
}

/** Cheap to take, differs when the row would: the manifest, our record, and the list of copies. */
export function rowSignature(directory: string): string {
  return `${stampOf(`${directory}/manifest.json`)} ${stampOf(`${directory}/${recordName}`)} ${stampOf(`${directory}/datasets`)}`;
}

/**
 * Everything the catalog shows of one backup. A broken backup is a row with a reason, never a crash.
 * @param backupsDirectory absolute path
 * @param now milliseconds since the epoch
 * @param verdicts of content checks, as far as they are known
 */
export function readRow(
  backupsDirectory: string,
  id: string,
  now: number,
  verdicts: Verdicts = noVerdicts,
): Row {
  const directory = `${backupsDirectory}/${id}`;
  const row = emptyRow(id);
  try {
    const result = readManifest(directory);
    if (result.state === 'missing') return {...row, ...describeMissing(directory, now)};
    if (result.state === 'unreadable') return {...row, reason: result.reason};
    return {...row, ...fromManifest(backupsDirectory, id, result.manifest, now, verdicts)};
  } catch (error) {
    return {...row, reason: `the directory cannot be read: ${describeError(error)}`};
  }
}

/** Live files that are enough to tell the project that a backup is of. */
const mostSources = 20;

const sourcesOf = ({datasets}: Manifest): string[] =>
  datasets
    .slice(0, mostSources)
    .flatMap(({source}) => (source?.startsWith('/') && !source.includes('\0') ? [source] : []));

function fromManifest(
  backupsDirectory: string,
  id: string,
  manifest: Manifest,
  now: number,
  verdicts: Verdicts,
): Partial<Row> {
  const directory = `${backupsDirectory}/${id}`;
  const {copies, recorded} = lookAtCopies(directory, id, manifest);
  const record = lastVerification(directory);
  const proved = proofs(record, manifest.datasets, copies, now);
  const datasets = manifest.datasets.map((dataset, index): RowDataset => {
    const copy = copies[index] as SeenCopy;
    const proof = proved[index];
    const content =
      dataset.algorithm && dataset.hash ? `${dataset.algorithm}:${dataset.hash}`.toLowerCase() : null;
    const dump = dataset.facts ? dumpOf(dataset.facts) : null;
    return {
      name: dataset.name,
      content,
      bytes: copy.bytes,
      flaw: copy.flaw,
      ...(proof && {proof}),
      ...(dump && {dump}),
    };
  });
  const flawed = datasets.filter((dataset) => dataset.flaw);
  const asked = datasets.map((dataset, index) => ({
    ...dataset,
    copy: manifest.datasets[index]?.backup ?? null,
  }));
  const finished = finishedText(manifest.finishedAt);
  const notes: string[] = finished === null ? [] : [`${finished}.`];
  if (manifest.hasBom)
    notes.push(
      'The manifest begins with a byte order mark: PHP cannot read it, and its verify would replace it.',
    );
  if (manifest.id !== null && manifest.id !== id)
    notes.push(`The manifest calls itself ${manifest.id}: the directory was renamed.`);
  if (recorded !== null && recorded !== backupsDirectory)
    notes.push(`Made in ${recorded}: the tree was moved or copied.`);
  notes.push(...phpSays(manifest.tree, manifest.datasets));
  return {
    state: 'complete',
    hiddenFromPhp: manifest.hasBom ? 'PHP cannot read it' : null,
    label: manifest.label,
    createdAt: manifest.createdAt,
    datasets,
    bytes: datasets.reduce((sum, dataset) => sum + (dataset.bytes ?? 0), 0),
    verification: judge(record, manifest, copies, now),
    reason:
      datasets.length === 0
        ? 'it holds no datasets'
        : flawed.length > 0
          ? flawed.map((dataset) => `${dataset.name}: ${dataset.flaw}`).join('; ')
          : null,
    notes,
    brokenInside: brokenOf(asked, verdicts),
    soundInside: soundOf(asked, verdicts),
    partial: manifest.partial,
    origin: {backups: recorded, sources: sourcesOf(manifest)},
  };
}
