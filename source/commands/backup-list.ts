import {escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {dayOf, writeTime} from '../engine/base/time-text.ts';
import {type Copy, copiesOf} from '../engine/catalog/copies.ts';
import {type HeldEntry, whyOnlyHeld} from '../engine/catalog/list.ts';
import {holdSomething, knownContents, type LiveBytes, liveAmong} from '../engine/catalog/live.ts';
import {readRows, safetyRows} from '../engine/catalog/read-all.ts';
import type {RecordedDump, Row} from '../engine/catalog/row.ts';
import {lacks, suggest, whyBeware} from '../engine/catalog/suggest.ts';
import type {Configuration} from '../engine/config/configuration.ts';
import {configuredNames} from '../engine/config/effective.ts';
import {restoreSettings} from '../engine/config/own-settings.ts';
import {safetyUntil} from '../engine/retention/old-safety.ts';
import {badSinceIn, knownIncident} from '../engine/session/incident.ts';
import {heldDirectory, safetyDirectory} from '../engine/storage/held.ts';
import {sourceNames} from '../engine/storage/manifest/lying.ts';
import type {Place} from '../engine/storage/root.ts';
import {openCatalog} from '../presenters/catalog.ts';
import {knownCopies} from '../presenters/known-copies.ts';
import {suggestionSentences} from '../presenters/suggestion.ts';
import {say, writeJson, writeText} from '../terminal/standard-output.ts';
import {badSinceOf, tellTaken} from './about.ts';
import {holdsLiveBytes, listText, suggestedOf, type VersionsAndLive} from './backup-list-text.ts';
import {type Command, type Invocation, openConfigured} from './command.ts';
import {badSince} from './flags.ts';

import {tell} from './tell.ts';

const flags = {badSince};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'the backups, newest first, with what is known of each',
  task: 'Look',
  flags,
  examples: ['magds backup list --bad-since=01:10'],
  endsAtOnce: true,
  run,
};

const dumpJson = ({database, server, serverVersion, at, tables, rows}: RecordedDump) => ({
  database,
  server,
  server_version: serverVersion,
  snapshot_at: at,
  tables,
  rows,
});

const copyJson = (copy: Copy, id: string, {versions, live}: VersionsAndLive) => {
  const {dataset, state, reason, broken, torn, partial, dump} = copy;
  return {
    dataset,
    state,
    reason,
    // The same number is the same bytes, in whichever backup; null where the manifest records no hash.
    version: versions.get(id)?.get(dataset) ?? null,
    // Whether the live file holds these bytes; null where that would have to be read, or cannot be told.
    live: holdsLiveBytes(copy, live),
    // What the newest content check found broken.
    inside: broken,
    torn,
    partial,
    // Of a database: what was dumped, and what was counted in the dump's own snapshot.
    database: dump && dumpJson(dump),
  };
};

export function rowJson(
  row: Row,
  configuration: Configuration | null,
  hold?: Omit<HeldEntry, 'counted'>,
  told: VersionsAndLive | null = null,
) {
  const configured = configuration && configuredNames(configuration);
  return {
    id: row.id,
    state: row.state,
    label: row.label,
    created_at: row.createdAt,
    datasets: row.datasets.length,
    // Which configured datasets are not in it; null where no configuration tells.
    lacks: configured && lacks(row, configured),
    bytes: row.bytes,
    verification: {state: row.verification.state, at: row.verification.at},
    pinned: hold !== undefined,
    reason: row.reason,
    // What the newest content check found broken, although the bytes are what was backed up.
    broken_inside: row.brokenInside,
    // What its manifest says that it does not hold as it should.
    partial: row.partial,
    ...(told && {
      copies: [...copiesOf(row, configured ?? []).values()].map((copy) => copyJson(copy, row.id, told)),
    }),
    // Who pinned it, when and why; `only`: PHP has deleted the other, it lies in storage/runbook/held.
    // `until`: where it is not pinned, but held for some days after its restore was signed off.
    pin: hold
      ? {
          reason: hold.reason,
          at: hold.at,
          by: hold.by,
          host: hold.host,
          only: hold.only,
          until: hold.until ?? null,
        }
      : null,
  };
}

/** What is live now of each configured dataset that is a file. */
async function liveContents(
  rows: Row[],
  configuration: Configuration | null,
): Promise<VersionsAndLive['live']> {
  const live = new Map<string, LiveBytes | null>();
  for (const dataset of configuration?.datasets.value ?? []) {
    const {name, type} = dataset;
    const [file, ...beside] = type.live(dataset);
    // What lies in the log of a database is in no hash of its file.
    if (!file || type.isTree || type.whyNotComparable !== null || holdSomething(beside)) continue;
    live.set(name, await liveAmong(file, knownContents(rows, name)));
  }
  return live;
}

/** Days that a safety backup stays; undefined where that cannot be told. */
function safetyDaysOf({root}: Place): number | null | undefined {
  try {
    return root === null ? undefined : restoreSettings(root).safetyDays;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

const safetyJson = (id: string, {root}: Place, days: number | null | undefined) => {
  const until = days === undefined ? null : safetyUntil(id, days);
  return {
    path: `${safetyDirectory(heldDirectory(root) ?? '')}/${id}`,
    // It stays until then at least; null for ever, or where that cannot be told.
    until: until === null ? null : dayOf(until),
  };
};

/** Where what restores have saved of the live files lies, and until when; a line each. */
function safetyText(place: Place, saved: Row[]): string[] {
  const days = safetyDaysOf(place);
  return saved.map(({id}) => {
    const {path, until} = safetyJson(id, place, days);
    return `= ${id} is a safety backup: ${path}${until === null ? '' : `, until ${until} at least`}`;
  });
}

/** Since when things are bad as was said before, which is told; null where nobody has said. */
function saidBadSince(root: string | null): number | null {
  const incident = knownIncident(root);
  tellTaken(incident, ['badSince']);
  return badSinceIn(incident)?.at ?? null;
}

async function run(invocation: Call): Promise<ExitCode> {
  const given = badSinceOf(invocation.flags, Date.now());
  const {place, configuration} = await openConfigured(invocation);
  const at = given ?? saidBadSince(place.root);
  const now = Date.now();
  const {listing, rows: read} = readRows(place);
  const rows = [...read.values()];
  const holds = new Map(listing.held.map((each) => [each.id, each]));
  const since = at === null ? null : {at, suggestion: suggest({ids: listing.ids, rows: read}, at)};
  const suggested = read.get(suggestedOf(since) ?? '');
  const configured = configuration && configuredNames(configuration);
  const lacking = suggested ? lacks(suggested, configured) : [];
  const beware = suggested ? whyBeware(suggested, configured) : null;
  const saved = safetyRows(place);
  const safety = new Map(saved.map((row) => [row.id, row]));
  const known = knownCopies({...openCatalog(listing, rows), safety, complete: true}, configured, at);
  const versions = known.versions ?? new Map();
  const copies = {versions, live: await liveContents(rows, configuration)};
  if (invocation.flags.json) {
    const told = since && {
      bad_since: new Date(since.at).toISOString(),
      suggested: suggestedOf(since),
      suggested_lacks: lacking,
      // The backup with the newest good copy of each dataset from before that time.
      suggested_copies: Object.fromEntries(known.good),
      passed_over: since.suggestion.state === 'reading' ? [] : since.suggestion.passed,
    };
    const days = safetyDaysOf(place);
    const safetyBackups = saved.map((row) => ({
      ...rowJson(row, configuration, undefined, copies),
      ...safetyJson(row.id, place, days),
    }));
    const strays = listing.strays.map(({name}) => name);
    await writeJson({
      command: 'backup:list',
      root: place.root,
      ...told,
      backups: rows.map((row) => rowJson(row, configuration, holds.get(row.id), copies)),
      safety_backups: safetyBackups,
      strays,
    });
    return exitCode.done;
  }
  await writeText(
    await listText({
      directory: place.backups,
      rows,
      now,
      known,
      ...copies,
      configured,
      sources: sourceNames(configuration?.datasets.value ?? []),
      held: listing.held,
      since,
    }),
  );
  const beside = safetyText(place, saved).map((line) => `${escapeText(line)}\n`);
  if (beside.length > 0) await writeText(beside.join(''));
  if (since && rows.length > 0 && since.suggestion.state !== 'reading')
    tell(
      suggestionSentences(
        since.suggestion,
        beware,
        writeTime(since.at),
        (id) => `magds backup verify --id=${id}`,
      ),
    );
  for (const stray of listing.strays) {
    say(`! ${escapeText(stray.name)}: ${stray.reason}. PHP's retention counts it as a backup: move it away.`);
  }
  const onlyHeld = whyOnlyHeld(listing, place.backups);
  if (onlyHeld !== null) say(`! ${escapeText(onlyHeld)}.`);
  if (rows.length === 0) {
    const why = listing.exists ? 'holds no backups' : 'does not exist yet: nothing has been backed up';
    say(`${escapeText(place.backups)} ${why}.`);
  }
  return exitCode.done;
}
