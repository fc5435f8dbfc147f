import {copiesOf, datasetOf} from '../catalog/copies.ts';
import {readRows} from '../catalog/read-all.ts';
import type {Row} from '../catalog/row.ts';
import {isBefore, isSafety, mayPrecede} from '../catalog/suggest.ts';
import {directoryOf, heldDirectory} from '../storage/held.ts';
import {recentVerifications, type ToldVerification} from '../storage/verifications.ts';
import {mostVerifications, timeOf, toldOf} from './backup-facts.ts';
import type {EvidenceChoice, EvidenceSession} from './schema.ts';

type Choosing = {
  root: string;
  backups: string;
  configured: readonly string[];
  /** The chosen backup. */
  id: string;
  session: EvidenceSession;
};

type Candidate = EvidenceChoice['candidates'][number];

/** Copies, and verifications, that a record names; the others are counted. */
const mostNamed = 1000;

/** What a verification that ended before the session was opened had said: that alone could be known then. */
function knownThen(
  all: ToldVerification[],
  isFailed: (failed: string[]) => boolean,
  opened: number,
): Candidate['known'] {
  const last = all.find(({at}) => Date.parse(at) < opened);
  if (!last) return null;
  // Where it does not say of which dataset, none can be relied on.
  const hasFailed = last.result === 'failed' && (last.failed.length === 0 || isFailed(last.failed));
  return {at: last.at, result: hasFailed ? 'failed' : 'passed'};
}

const failedTexts = new Map([
  ['mismatch', 'it is not what its manifest recorded'],
  ['missing', 'the copy is missing'],
]);

/** How the last verification failed of a dataset; empty where it does not tell. */
function failedText(
  dataset: string,
  configured: readonly string[],
  last: ToldVerification | undefined,
): string {
  const bad = last?.datasets.find(
    ({name, status}) => failedTexts.has(status) && datasetOf(name, configured) === dataset,
  );
  return failedTexts.get(bad?.status ?? '') ?? '';
}

/** Of one backup, copies of the datasets that were restored; of one without a manifest that it cannot be told. */
function* candidatesIn(
  row: Row,
  wanted: ReadonlySet<string>,
  {configured}: Choosing,
  chosen: Row | undefined,
  known: (dataset: string | null) => Candidate['known'],
  failed: ToldVerification | undefined,
): Iterable<Candidate> {
  const {id, state, reason} = row;
  const backup = {id, time: timeOf(id)};
  if (state !== 'complete') {
    yield {...backup, dataset: null, state, reason, same: false, known: known(null)};
    return;
  }
  const ours = chosen && copiesOf(chosen, configured);
  for (const [dataset, copy] of copiesOf(row, configured)) {
    if (!wanted.has(dataset)) continue;
    const flaw = copy.broken ?? (copy.torn ? 'it changed while it was read' : copy.partial);
    // Of a damaged one it is the manifest alone that still says so.
    const same =
      copy.state !== 'damaged' && copy.content !== null && copy.content === ours?.get(dataset)?.content;
    yield {
      ...backup,
      dataset,
      state: copy.state === 'unaltered' && flaw !== null ? 'flawed' : copy.state,
      reason:
        copy.state === 'damaged'
          ? failedText(dataset, configured, failed) || copy.reason
          : (flaw ?? copy.reason),
      same,
      known: known(dataset),
    };
  }
}

/**
 * Every copy of the restored datasets that is newer than the chosen one and from before the incident, and what was
 * verified since that began: from what lies beside the backups now.
 */
export function choiceFacts(choosing: Choosing): EvidenceChoice {
  const {root, backups, configured, id, session} = choosing;
  const {times, opened_at, restored} = session;
  const {rows} = readRows({root, backups});
  const told = (row: Row): ToldVerification[] =>
    recentVerifications(directoryOf(backups, heldDirectory(root), row.id), mostVerifications);
  const opened = Date.parse(opened_at ?? '');
  const until = times.bad_since ?? opened_at;
  const wanted = new Set(
    restored
      .filter(({role, action}) => role === 'dataset' && action !== 'remove')
      .map(({dataset}) => datasetOf(dataset, configured)),
  );
  const all = [...rows.values()];
  const named = {candidates: [] as Candidate[], later: [] as Candidate[]};
  const more = {candidates: 0, later: 0};
  for (const row of all) {
    // What is made while this is under way is no choice.
    if (row.id <= id || isSafety(row.id, row) || (opened_at !== null && !isBefore(row.id, opened))) continue;
    const kind = mayPrecede(row, Date.parse(until ?? '')) ? 'candidates' : 'later';
    const verifications = told(row);
    const known = (dataset: string | null) =>
      knownThen(
        verifications,
        (failed) => dataset === null || failed.some((name) => datasetOf(name, configured) === dataset),
        opened,
      );
    for (const candidate of candidatesIn(row, wanted, choosing, rows.get(id), known, verifications[0]))
      if (named[kind].length < mostNamed) named[kind].push(candidate);
      else more[kind]++;
  }
  const from = times.bad_since ?? times.noticed ?? times.declared ?? opened_at;
  const since = all
    .flatMap((row) => {
      const recent = told(row).filter(({at}) => Date.parse(at) >= Date.parse(from ?? ''));
      if (recent.length === 0) return [];
      const broken = [...copiesOf(row, configured)].flatMap(([dataset, copy]) =>
        wanted.has(dataset) && copy.broken !== null ? [{dataset, detail: copy.broken}] : [],
      );
      return recent.map((each) => ({
        id: row.id,
        ...toldOf(each),
        ...(broken.length > 0 && {broken}),
      }));
    })
    .sort((a, b) => Number(a.result === 'passed') - Number(b.result === 'passed') || (a.at < b.at ? 1 : -1));
  return {
    until,
    candidates: named.candidates,
    more_candidates: more.candidates,
    later: named.later,
    more_later: more.later,
    from,
    verifications: since.slice(0, mostNamed),
    more_verifications: Math.max(0, since.length - mostNamed),
  };
}
