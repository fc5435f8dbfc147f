import {nounOf} from '../differences/counts.ts';
import {readDifference} from '../differences/difference.ts';
import type {Part} from '../differences/sides.ts';
import type {Difference} from '../differences/texts.ts';
import {looksLikeBackupId} from '../storage/backup-id.ts';
import {directoryOf, heldDirectory} from '../storage/held.ts';
import {locateCopy, namesOf} from '../storage/manifest/copy-path.ts';
import type {ManifestContent} from '../storage/manifest/schema.ts';
import type {EvidenceBackup, EvidenceContent, EvidenceDatabase, EvidenceSession} from './schema.ts';

/** Milliseconds for all that is counted: a sign-off waits for it, with the lock. */
const longest = 10_000;
/** Datasets that are counted, and bytes of the copy of each. */
const mostDatasets = 20;
const largest = 512 * 1024 * 1024;

type Counting = {
  root: string;
  backups: string;
  /** Where safety backups lie. */
  safety: string;
  /** What the manifest of the session's one says; null where that cannot be read. */
  saved: ManifestContent | null;
  session: EvidenceSession;
  backup: EvidenceBackup;
};

const part = (directory: string, segments: string[], recorded: Part['recorded']): Part => ({
  file: {directory, segments},
  reason: null,
  absent: false,
  recorded,
  madeAt: null,
});

/** What a safety backup has of a dataset: where its old file is, and of a database how many rows its tables had. */
type Saved = {part: Part; rows: ReadonlyMap<string, number> | null};

function savedIn(directory: string, id: string, manifest: ManifestContent | null): Map<string, Saved> {
  if (!manifest) return new Map();
  return new Map(
    manifest.datasets.flatMap(({name, algorithm, hash, backup, facts}) => {
      const located = backup === null ? null : locateCopy(backup, namesOf(id, manifest.id));
      if (!located || !('segments' in located)) return [];
      const saved = {
        part: part(directory, located.segments, {algorithm, hash}),
        rows: facts?.rows ?? null,
      };
      return [[name, saved] as const];
    }),
  );
}

/** Rows of each table of a database; what stands in them was not compared. */
function rowsOf({rows: after}: EvidenceDatabase, saved: Saved | undefined): Omit<EvidenceContent, 'dataset'> {
  const before = saved?.rows;
  if (!before) return notCounted('no safety backup counts the rows of the old one');
  if (after === null) return notCounted('the manifest counts no rows');
  const names = [...new Set([...before.keys(), ...Object.keys(after)])].sort();
  const tables = names.map((name) => ({
    name,
    before: before.get(name) ?? null,
    after: after[name] ?? null,
    only_before: null,
    only_after: null,
    differ: null,
  }));
  return {of: 'rows', tables, whole: false, reason: null};
}

/** What a comparison of the copy (`one`) with the old file (`other`) comes to. */
function countsOf(difference: Difference): Omit<EvidenceContent, 'dataset'> {
  const of = nounOf(difference);
  switch (difference.kind) {
    case 'same':
    case 'formatting':
      return {of, tables: [], whole: true, reason: null};
    case 'tables': {
      const tables = difference.tables.map(({name, one, other, onlyOne, onlyOther, differ}) => ({
        name,
        before: other,
        after: one,
        only_before: onlyOther,
        only_after: onlyOne,
        differ,
      }));
      return {of, tables, whole: difference.isWhole, reason: null};
    }
    case 'lines': {
      const all = difference.entries.map(({at, onlyOne, onlyOther, differ}) => ({
        name: at,
        only_before: onlyOther.count,
        only_after: onlyOne.count,
        differ: differ.count,
      }));
      const lines = {name: '', only_before: difference.added, only_after: difference.removed, differ: 0};
      const tables = (all.length > 0 ? all : [lines]).map((each) => ({before: null, after: null, ...each}));
      return {of, tables, whole: true, reason: null};
    }
    case 'bytes':
    case 'none':
      return {of, tables: [], whole: false, reason: difference.why};
  }
}

const notCounted = (reason: string): Omit<EvidenceContent, 'dataset'> => ({
  of: null,
  tables: [],
  whole: false,
  reason,
});

async function compared(one: Part, other: Part, root: string, signal: AbortSignal) {
  try {
    for await (const event of readDifference({one, other}, {root, readOnly: false, limit: longest}, signal))
      if (event.type === 'finished') return countsOf(event.difference);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return notCounted(`counting took longer than ${longest / 1000} s`);
}

/**
 * What was inside each file that gave way, against what took its place: rows, entries or lines on both sides, counted in
 * the safety backup's file and in the copy whose hash was live at the switch.
 * @returns undefined where there is nothing to compare with
 */
export async function contentFacts(counting: Counting): Promise<EvidenceContent[] | undefined> {
  const {root, backups, safety, session, backup} = counting;
  const id = session.safety?.id;
  if (session.state !== 'done' || session.drill || session.undoes !== null) return undefined;
  if (id === undefined || !session.safety?.kept || !looksLikeBackupId(id)) return undefined;
  const saved = savedIn(`${safety}/${id}`, id, counting.saved);
  const directory = directoryOf(backups, heldDirectory(root), backup.id);
  const copies = new Map(backup.datasets.map((each) => [each.name, each]));
  const signal = AbortSignal.timeout(longest);
  const found: EvidenceContent[] = [];
  const taken = session.restored.filter(({role, action}) => role === 'dataset' && action === 'overwrite');
  const beside = new Set(session.restored.filter(({role}) => role === 'sidecar').map(({dataset}) => dataset));
  for (const {dataset} of taken.slice(0, mostDatasets)) {
    const copy = copies.get(dataset);
    const database = session.databases?.find((each) => each.dataset === dataset);
    if (database) {
      found.push({dataset, ...rowsOf(database, saved.get(dataset))});
      continue;
    }
    const other = saved.get(dataset)?.part;
    const segments = copy?.copy?.split('/');
    const why = !other
      ? 'the safety backup does not have it'
      : !copy || !segments
        ? 'where its copy lies is not known'
        : (copy.bytes ?? 0) > largest
          ? `it is larger than ${largest / 1024 / 1024} MiB`
          : null;
    const counts =
      why !== null || !other || !copy || !segments
        ? notCounted(why ?? '')
        : await compared(
            part(directory, segments, {algorithm: copy.algorithm, hash: copy.expected}),
            other,
            root,
            signal,
          );
    // What a database's last writers had left beside it is not in its file alone.
    found.push({dataset, ...counts, whole: counts.whole && !beside.has(dataset)});
  }
  return found;
}
