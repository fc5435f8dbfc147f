import {isBelow} from '../storage/dataset.ts';
import {type Interval, intervalsOf, momentOf} from './intervals.ts';
import type {EvidenceRecord} from './schema.ts';

/** A span of time: from the first millisecond of it to the first one after it, since the epoch. UTC. */
type Period = {from: number; to: number};

const months: Record<string, [number, number]> = {
  Q1: [0, 3],
  Q2: [3, 3],
  Q3: [6, 3],
  Q4: [9, 3],
  H1: [0, 6],
  H2: [6, 6],
};

/** `2026`, `2026Q4` (also `2026-Q4`), `2026H2` or `2026-11`; null for anything else. */
export function parsePeriod(text: string): Period | null {
  const [, year, part, month] = /^(\d{4})(?:-?(Q[1-4]|H[12])|-(\d\d))?$/i.exec(text) ?? [];
  if (year === undefined) return null;
  const number = month === undefined ? null : Number(month);
  if (number !== null && (number < 1 || number > 12)) return null;
  const [first, length] = part
    ? (months[part.toUpperCase()] as [number, number])
    : number
      ? [number - 1, 1]
      : [0, 12];
  return {from: Date.UTC(Number(year), first), to: Date.UTC(Number(year), first + length)};
}

type Drill = {
  file: string;
  session: number;
  /** When it was: the switch, else when it was opened; UTC, ISO 8601. */
  at: string;
  passed: boolean;
  /** Why it did not pass; null where it did. */
  reason: string | null;
  rto: Interval;
  rpo: Interval;
  /** Datasets that it restored. */
  datasets: string[];
  /** What is still to be done, as it was typed. */
  exceptions: Exception[];
};

/** A corrective action as it was typed, `what; who; until when`; null for what was left out. */
type Exception = {what: string; owner: string | null; due: string | null};

/** Against the objectives: of the last drill that restored it and passed; `missing` where none did. */
type DatasetReport = {name: string; state: 'met' | 'missed' | 'unknown' | 'no objective' | 'missing'};

export type AssetReport = {
  id: string;
  state: 'passed' | 'failed' | 'missing';
  drills: Drill[];
  datasets: DatasetReport[];
};

export type Report = {
  assets: AssetReport[];
  /** Assets of the list with a drill that passed. */
  covered: number;
  /** Drills of assets that are not in the list. */
  others: {id: string; file: string}[];
  /** Files that are about no drill, or about one of another time. */
  notCounted: {file: string; reason: string}[];
};

/** Why a drill did not pass; null where it did: it is done, and each file was at the switch what the manifest says. */
function whyNot({session}: EvidenceRecord): string | null {
  if (!session) return 'it is about no session';
  if (session.state !== 'done') return session.reason ?? `it ended as ${session.state}`;
  if (session.broken !== null) return `its record is broken: ${session.broken}`;
  const written = session.restored.filter(({action}) => action !== 'refused');
  const not = written.filter(({result}) => result === 'not restored' || result === 'not recorded');
  if (not.length > 0) return `not proven to be restored: ${not.map(({dataset}) => dataset).join(', ')}`;
  if (written.length === 0) return 'it restored nothing';
  const failed = session.checklist.filter(({state}) => state === 'failed');
  if (failed.length > 0) return `failed: ${failed.map(({id}) => id).join(', ')}`;
  const commands = session.commands.filter(({what, exit}) => what === 'check' && exit !== 0);
  return commands.length > 0 ? `a check of the application failed: ${commands[0]?.command.join(' ')}` : null;
}

const exceptionOf = (text: string): Exception => {
  const [what = '', owner, due] = text.split(';').map((each) => each.trim());
  return {what, owner: owner || null, due: due || null};
};

/** The worst of them: what is missed in one is missed. */
function worst(verdicts: Interval['verdict'][]): DatasetReport['state'] {
  return (['missed', 'unknown', 'met'] as const).find((each) => verdicts.includes(each)) ?? 'no objective';
}

/** Every dataset that is configured, by the newest file, or was restored. */
function datasetsOf(drills: Drill[], configured: string[]): DatasetReport[] {
  const names = new Set([...configured, ...drills.flatMap(({datasets}) => datasets)]);
  return [...names].map((name) => {
    const last = drills.findLast(({passed, datasets}) => passed && datasets.includes(name));
    return {name, state: last ? worst([last.rto.verdict, last.rpo.verdict]) : 'missing'};
  });
}

/** A file of a directory dataset counts for the dataset. */
const ownerOf = (name: string, configured: string[]): string =>
  configured.find((each) => isBelow(name, each)) ?? name;

const isDrill = ({purpose, session}: EvidenceRecord): boolean =>
  session !== null && (session.drill || purpose === 'drill');

const timeOf = ({session}: EvidenceRecord): string | null =>
  session?.times.restored ?? session?.opened_at ?? null;

/** Of several files about one session, the one that was written last. */
function latest(files: {file: string; record: EvidenceRecord}[]): {file: string; record: EvidenceRecord}[] {
  const found = new Map<string, {file: string; record: EvidenceRecord}>();
  for (const each of files) {
    const key = JSON.stringify([each.record.asset.id, each.record.session?.number, timeOf(each.record)]);
    const other = found.get(key);
    if (!other || other.record.exported.at < each.record.exported.at) found.set(key, each);
  }
  return [...found.values()];
}

/**
 * Counts the drills of a period for each asset of a list.
 * @param files those whose own checks hold
 */
export function report(
  files: {file: string; record: EvidenceRecord}[],
  population: string[],
  period: Period,
): Report {
  const drills = new Map<string, Drill[]>(population.map((id) => [id, []]));
  const configured = new Map<string, {at: string; names: string[]}>();
  const others: Report['others'] = [];
  const notCounted: Report['notCounted'] = [];
  const about = files.filter(({file, record}) => {
    if (isDrill(record)) return true;
    notCounted.push({file, reason: 'it is about no drill'});
    return false;
  });
  const counted = latest(about);
  for (const each of about)
    if (!counted.includes(each))
      notCounted.push({file: each.file, reason: 'a later file is about the same session'});
  for (const {file, record} of counted) {
    const at = timeOf(record);
    const moment = momentOf(at);
    const intervals = intervalsOf(record);
    if (at === null || moment === null || !record.session || !intervals) {
      notCounted.push({file, reason: 'it does not say when the drill was'});
      continue;
    }
    if (moment < period.from || moment >= period.to) {
      notCounted.push({file, reason: `the drill was on ${at.slice(0, 10)}`});
      continue;
    }
    const reason = whyNot(record);
    const of = drills.get(record.asset.id);
    if (!of) others.push({id: record.asset.id, file});
    else {
      const {rto, rpo} = intervals;
      const names = record.asset.datasets?.map(({name}) => name) ?? [];
      const {restored, number} = record.session;
      const put = restored.filter(({action}) => action !== 'refused');
      const datasets = [...new Set(put.map(({dataset}) => ownerOf(dataset, names)))];
      const exceptions = record.corrective.map(exceptionOf);
      of.push({file, session: number, at, passed: reason === null, reason, rto, rpo, datasets, exceptions});
      if ((configured.get(record.asset.id)?.at ?? '') <= at) configured.set(record.asset.id, {at, names});
    }
  }
  const assets = [...drills].map(([id, all]): AssetReport => {
    all.sort((a, b) => (a.at < b.at ? -1 : 1));
    const state = all.some(({passed}) => passed) ? 'passed' : all.length > 0 ? 'failed' : 'missing';
    return {id, state, drills: all, datasets: datasetsOf(all, configured.get(id)?.names ?? [])};
  });
  return {assets, covered: assets.filter(({state}) => state === 'passed').length, others, notCounted};
}

/** Whether an objective was missed by what counts: the last drill of a dataset that passed. */
export const isMissed = ({assets}: Report): boolean =>
  assets.some(({datasets}) => datasets.some(({state}) => state === 'missed'));

/** Bytes of a list of assets that are read. */
export const largestPopulation = 16 * 1024 * 1024;

/** The ids of a list: one a line; empty lines and those that begin with `#` are none. Each once. */
export const populationOf = (text: string): string[] => [
  ...new Set(
    text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#')),
  ),
];
