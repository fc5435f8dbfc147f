import {copiesOf, datasetOf} from '../catalog/copies.ts';
import {readRows} from '../catalog/read-all.ts';
import type {Row} from '../catalog/row.ts';
import {mayPrecede} from '../catalog/suggest.ts';
import {backupTime} from '../storage/backup-id.ts';
import {directoryOf, heldDirectory} from '../storage/held.ts';
import {recentVerifications, type ToldVerification} from '../storage/verifications.ts';
import {mostVerifications, toldOf} from './backup-facts.ts';
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

const timeOf = (id: string): string | null => {
  const time = backupTime(id);
  return time === null ? null : new Date(time * 1000).toISOString();
};

/** Of one backup, copies of the datasets that were restored; of one without a manifest that it cannot be told. */
function* candidatesIn(
  row: Row,
  wanted: ReadonlySet<string>,
  {configured}: Choosing,
  chosen: Row | undefined,
  known: (dataset: string | null) => Candidate['known'],
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
    const same = copy.content !== null && copy.content === ours?.get(dataset)?.content;
    yield {
      ...backup,
      dataset,
      state: copy.state === 'unaltered' && flaw !== null ? 'flawed' : copy.state,
      reason: copy.reason ?? flaw,
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
  const candidates: Candidate[] = [];
  let more = 0;
  for (const row of all) {
    if (row.id <= id || !mayPrecede(row, Date.parse(until ?? ''))) continue;
    const verifications = told(row);
    const known = (dataset: string | null) =>
      knownThen(
        verifications,
        (failed) => dataset === null || failed.some((name) => datasetOf(name, configured) === dataset),
        opened,
      );
    for (const candidate of candidatesIn(row, wanted, choosing, rows.get(id), known))
      if (candidates.length < mostNamed) candidates.push(candidate);
      else more++;
  }
  const from = times.bad_since ?? times.noticed ?? times.declared ?? opened_at;
  const since = all
    .flatMap((row) => told(row).map((each) => ({id: row.id, ...toldOf(each)})))
    .filter(({at}) => Date.parse(at) >= Date.parse(from ?? ''))
    .sort((a, b) => Number(a.result === 'passed') - Number(b.result === 'passed') || (a.at < b.at ? 1 : -1));
  return {
    until,
    candidates,
    more_candidates: more,
    from,
    verifications: since.slice(0, mostNamed),
    more_verifications: Math.max(0, since.length - mostNamed),
  };
}
