import type {HeldEntry} from '../../source/engine/catalog/list.ts';
import type {Row, RowDataset} from '../../source/engine/catalog/row.ts';
import {noIncident} from '../../source/engine/session/incident.ts';
import {backupTime} from '../../source/engine/storage/backup-id.ts';
import type {DatasetResult} from '../../source/engine/storage/dataset.ts';
import type {VerifyEvent} from '../../source/engine/verify/verify.ts';
import {openCatalog} from '../../source/presenters/catalog.ts';
import {openApp, reduce} from '../../source/ui/reduce.ts';
import type {AppAction, AppState} from '../../source/ui/state.ts';

/** 2026-11-23, noon in UTC: the present of every test that needs one. */
export const noon = Date.UTC(2026, 10, 23, 12);

const hour = 3_600_000;

/** The id of a backup made so many hours before noon. */
export function idAt(hoursAgo: number, label = ''): string {
  const time = new Date(noon - hoursAgo * hour).toISOString();
  return time.slice(0, 19).replace(/[-:]/g, '').replace('T', '_') + (label ? `_${label}` : '');
}

export function aDataset(name: string, changes: Partial<RowDataset> = {}): RowDataset {
  return {name, content: `sha256:${name}`, bytes: 1000, flaw: null, ...changes};
}

/** A complete backup that was never verified, unless told otherwise. */
export function aRow(id: string, changes: Partial<Row> = {}): Row {
  const datasets = changes.datasets ?? [aDataset('tenants'), aDataset('ledger')];
  return {
    id,
    state: 'complete',
    label: 'nightly',
    createdAt: '2026-11-23T00:00:00+00:00',
    time: backupTime(id),
    datasets,
    bytes: datasets.reduce((sum, {bytes}) => sum + (bytes ?? 0), 0),
    verification: {state: 'never', at: null, failed: [], reason: null, changed: false},
    reason: null,
    hiddenFromPhp: null,
    notes: [],
    brokenInside: [],
    soundInside: [],
    partial: [],
    origin: {backups: null, sources: []},
    ...changes,
  };
}

export function verification(
  state: Row['verification']['state'],
  changes: Partial<Row['verification']> = {},
): Row['verification'] {
  const at = new Date(noon - 2 * hour).toISOString();
  return {state, at, failed: [], reason: null, changed: false, ...changes};
}

/** A backup that amira holds; `only`: PHP has deleted the original. */
export const aHold = (id: string, changes: Partial<HeldEntry> = {}): HeldEntry => ({
  version: 1,
  id,
  at: '2026-11-23T04:00:00+00:00',
  reason: 'INC-4711',
  by: 'amira',
  host: 'db-01',
  only: false,
  counted: !changes.only,
  ...changes,
});

export const listing = (ids: string[]) => ({ids, strays: [], held: [], exists: true});

/** The app as it opens on these rows, given newest first. */
export function anApp(rows: Row[] = [], changes: Partial<Parameters<typeof openApp>[0]> = {}): AppState {
  return openApp({
    place: {root: '/srv/magmoboce', backups: '/srv/magmoboce/storage/backups'},
    readOnly: false,
    host: 'db-01',
    size: {columns: 80, rows: 24},
    now: noon,
    catalog: openCatalog(listing(rows.map(({id}) => id)), rows),
    ...changes,
  });
}

/** Bad since is given, or taken back. */
export function badSinceGiven(at: number | null, by = 'amira'): AppAction {
  const badSince =
    at === null ? null : {value: new Date(at).toISOString(), by, at: new Date(noon).toISOString()};
  return {type: 'incident told', incident: {...noIncident, badSince}};
}

export const reduceAll = (state: AppState, ...actions: AppAction[]): AppState =>
  actions.reduce(reduce, state);

export function aResult(name: string, changes: Partial<DatasetResult> = {}): DatasetResult {
  const hash = 'ab'.repeat(32);
  return {
    name,
    status: 'match',
    algorithm: 'sha256',
    expected: hash,
    actual: hash,
    bytes: 1000,
    mtimeMs: 0,
    reason: null,
    ...changes,
  };
}

export const started = (id: string, names: string[], bytes = 1000): VerifyEvent => ({
  type: 'started',
  backups: [{id, datasets: names.map((name) => ({name, bytes}))}],
  totalBytes: bytes * names.length,
});

export function finished(id: string, datasets: DatasetResult[]): VerifyEvent {
  const wrong = datasets.find(({status}) => status !== 'match');
  const result = !wrong ? 'passed' : wrong.status === 'cancelled' ? 'cancelled' : 'failed';
  const reason = wrong ? `${wrong.name}: ${wrong.status}` : null;
  return {type: 'finished', seconds: 3, results: [{id, result, reason, datasets, recorded: null}]};
}
