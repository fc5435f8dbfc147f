import {markBlank} from '../catalog/blank.ts';
import {listBackups} from '../catalog/list.ts';
import {otherRoots} from '../catalog/other-roots.ts';
import {emptyRow, type Row, type RowDataset, readRow} from '../catalog/row.ts';
import type {Configuration} from '../config/configuration.ts';
import type {RunPlace} from '../config/project.ts';
import type {PlannedSources} from '../datasets/type.ts';
import {incidentHoldsBack, knownIncident} from '../session/incident.ts';
import {openSessions} from '../session/sessions.ts';
import {readVerdicts, statePath} from '../storage/content-verdicts.ts';
import {heldDirectory, listHeld} from '../storage/held.ts';
import {isLoss} from '../storage/manifest/partial.ts';
import {inState} from '../storage/runbook/state-directory.ts';
import {linkInside, type PhpForecast, phpForecast} from './php-forecast.ts';
import {goingIds, judgeRetention, type Verdict} from './retention.ts';

/** A backup that is about to be made. */
type Coming = {
  id: string;
  /** What it will hold; without it all that is configured, whole. */
  sources?: PlannedSources;
};

/** What a backup that is about to be made will look like to retention. */
const future = ({id, sources}: Coming, configured: string[]): Row => ({
  ...emptyRow(id),
  state: 'complete',
  datasets: sources ? comingDatasets(sources) : configured.map((name) => aComing(name, null)),
  partial: sources
    ? [...sources.missing, ...sources.leftOut].flatMap(({name: dataset, reason}) =>
        isLoss(reason) ? [{dataset, reason}] : [],
      )
    : [],
});

const aComing = (name: string, bytes: number | null): RowDataset => ({
  name,
  content: null,
  bytes,
  flaw: null,
});

const comingDatasets = ({datasets}: PlannedSources): RowDataset[] =>
  datasets.flatMap(({files}) => files.map(({name, bytes}) => aComing(name, bytes)));

/**
 * Why nothing is removed now (DESIGN.md, "Backup and retention"): a restore keeps its way back until it is closed, and an
 * incident the copies from before it until that is settled.
 */
function whyHeldBack(root: string): string | null {
  const session = inState(root, openSessions)[0]?.number ?? null;
  if (session !== null)
    return `session ${session} is open: nothing is removed before "magds session close ${session}"`;
  return incidentHoldsBack(knownIncident(root));
}

function readAll({root, backups}: RunPlace): Row[] {
  const now = Date.now();
  const verdicts = readVerdicts(statePath(root));
  return listBackups(backups).ids.map((id) => readRow(backups, id, now, verdicts));
}

/** Backups of another project that lie in this directory too, with its root (`otherRoots`). */
export const othersIn = ({root, backups, configuration}: RunPlace, rows: Row[]): Map<string, string> =>
  otherRoots(root, backups, new Set(configuration.datasets.value.map(({source}) => source)), rows);

/** The configuration, with what is wrong where another project keeps its backups in this directory. */
export function withOthers(place: RunPlace, rows: Row[]): Configuration {
  const {configuration} = place;
  const others = othersIn(place, rows);
  if (others.size === 0) return configuration;
  const theirs = `${[...new Set(others.values())].join(', ')} keeps its backups here too (${others.size} of them): give each project a directory of its own. Retention here leaves them alone, that of PHP counts and deletes those of both`;
  const {path} = configuration;
  return {...configuration, path: {...path, problem: [path.problem, theirs].filter(Boolean).join('; ')}};
}

/**
 * What retention does with the backups there are, and with one that is about to be made.
 * @param rows of the backups directory, newest first, where they were read already
 */
export function planRetention(place: RunPlace, next: Coming | null, rows: Row[] = readAll(place)): Verdict[] {
  const {root, backups, configuration} = place;
  const names = configuration.datasets.value.map(({name}) => name);
  const configured = new Set(names);
  const others = othersIn(place, rows);
  const looked = rows.filter(({id}) => !others.has(id)).map((row) => markBlank(backups, row, configured));
  const heldIn = heldDirectory(root);
  const held = listHeld(heldIn);
  const pins = new Map(held.map(({id, reason}) => [id, reason]));
  const here = new Set(rows.map(({id}) => id));
  const onlyHeld =
    heldIn === null ? [] : held.flatMap(({id}) => (here.has(id) ? [] : [readRow(heldIn, id, Date.now())]));
  const verdicts = judgeRetention(
    next === null ? looked : [future(next, names), ...looked],
    configuration.maxCount.value,
    pins,
    names,
    onlyHeld,
  );
  const theirs = [...others].map(([id, other]): Verdict => {
    const reason = `it is of ${other}, which keeps its backups here too: not counted, never deleted here`;
    return {id, stays: true, reason, datasets: []};
  });
  if (theirs.length > 0) {
    const places = new Map(rows.map(({id}, index) => [id, index]));
    verdicts.push(...theirs);
    verdicts.sort((a, b) => (places.get(a.id) ?? -1) - (places.get(b.id) ?? -1));
  }
  const reason = whyHeldBack(root);
  if (reason === null) return verdicts;
  return verdicts.map(({lastCopies: _, ...verdict}) =>
    verdict.stays ? verdict : {...verdict, stays: true, reason, waits: true},
  );
}

/**
 * What PHP's own next run would do, once retention has done this.
 * @param coming a backup that is about to be made
 */
export function phpAfter(
  {root, backups, configuration}: RunPlace,
  verdicts: Verdict[],
  coming: string[] = [],
): PhpForecast {
  const going = new Set(goingIds(verdicts));
  const listing = listBackups(backups, heldDirectory(root));
  const linkIn = (name: string) => (coming.includes(name) ? null : linkInside(backups, name));
  return phpForecast(configuration, backups, {...listing, coming, going}, Date.now(), linkIn);
}
