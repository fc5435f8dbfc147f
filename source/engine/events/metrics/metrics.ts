import type {Directory} from '../../base/directory.ts';
import {closing, seenAt} from '../../base/files.ts';
import {describeError, isFull, Problem, withAdvice} from '../../base/problem.ts';
import {metricsFile, metricsName} from '../../config/metrics-file.ts';
import {registry} from '../../storage/events.ts';
import {storagePath} from '../../storage/runbook/way.ts';
import type {AuditLine} from '../log/audit-line.ts';
import {BackupsPresent} from './backups-present.ts';
import {largestMetrics, lockMetrics, openMetrics, readMetricsIn} from './metrics-place.ts';
import {initialValues, metricsText, newestVerified, type Present, readValues} from './metrics-text.ts';
import {sessionsOpen} from './sessions-open.ts';

/**
 * Where events are told: the root, its backups directory, and the audit log that its configuration names.
 * @property metrics the file of ours, where it is not beside the kernel's usual place
 */
export type EventPlace = {root: string; backups: string; auditLog: string; metrics?: string};

const fileOf = ({root, metrics}: EventPlace): string => metrics ?? metricsFile(root);

/** What the file stands at. @throws where something else has its place, or it cannot be read: it is not written then */
function readKept(directory: Directory, tree: string): ReturnType<typeof readValues> {
  const read = readMetricsIn(directory);
  if ('missing' in read) return {values: initialValues(), present: null, flaw: null};
  if ('data' in read) return readValues(read.data.toString('utf8'), tree);
  const stats = seenAt(`${directory.path}/${metricsName}`);
  if (!stats?.isFile() || stats.size <= largestMetrics) throw new Error(`it ${read.reason}: move it away`);
  return {values: initialValues(), present: null, flaw: `it ${read.reason}`};
}

/** Of each place what is known of its backups. */
const catalogs = new Map<string, BackupsPresent>();

function catalogOf(place: EventPlace): BackupsPresent {
  const key = JSON.stringify([place.root, place.backups]);
  const known = catalogs.get(key) ?? new BackupsPresent(place);
  catalogs.set(key, known);
  return known;
}

/** What is not counted but looked up. @returns why it could not be */
async function look(place: EventPlace, ids: string[]): Promise<{present: Present; problem: string | null}> {
  const catalog = catalogOf(place);
  try {
    await catalog.look(ids);
    return {present: catalog.counts, problem: null};
  } catch (error) {
    return {present: null, problem: `the backups could not be counted: ${describeError(error)}`};
  }
}

/**
 * Whether other backups may be there than the file says, or in another state. To look at them takes minutes where there
 * are many large ones, and a restore that begins changes none of them.
 */
const isAboutBackups = (lines: AuditLine[]): boolean =>
  lines.length === 0 || lines.some(({action}) => action.startsWith('magdb.backup.'));

/** @returns what there is to say although they were written */
async function update(place: EventPlace, lines: AuditLine[], directory: Directory): Promise<string | null> {
  const ids = lines.flatMap(({payload: {id}}) => (typeof id === 'string' ? [id] : []));
  const changed = isAboutBackups(lines);
  // The first time it takes long where there are many; no process waits for the lock meanwhile.
  if (changed) await look(place, ids);
  const held = await lockMetrics(directory);
  using _ = closing(held);
  const tree = storagePath(place.root);
  const {values, present: kept, flaw} = readKept(directory, tree);
  for (const {action, payload} of lines)
    for (const {name, kind, moves} of registry[action].metrics) {
      const by = moves(payload);
      if (by !== null) values.set(name, kind === 'counter' ? (values.get(name) ?? 0) + by : by);
    }
  const isKnown = !changed && flaw === null && kept !== null;
  const {present, problem} = isKnown ? {present: kept, problem: null} : await look(place, ids);
  const {count, since} = sessionsOpen(place.root);
  values.set('magdb_sessions_open', count);
  values.set('magdb_session_opened_epoch', since);
  // Where it is not known, 0 would say that there is none.
  if (!present) values.delete(newestVerified);
  else if (!isKnown) values.set(newestVerified, catalogOf(place).newestVerified);
  directory.write(metricsName, await metricsText(values, present, place.root, tree));
  const lost = flaw && `${flaw}: what could be told of it was gone on from, the rest counts from 0 again`;
  const told = [lost, problem].filter((each) => each !== null);
  return told.length === 0 ? null : `the metrics ${fileOf(place)}: ${told.join('; ')}`;
}

type Recorded = {written: boolean; problem: string | null};

/**
 * Counts events in the root's metrics, which are made if need be; processes that do so at once lose nothing. With no
 * events, what can be looked up is brought up to date. Never throws.
 *
 * What is gone on from is the file itself: it is replaced whole, and a second one could say something else than what was
 * scraped. A verification then needs nothing of `storage/runbook/`.
 * @returns whether they were counted; why they were not, or not all could be gone on from; null where all is well
 */
export async function recordMetrics(place: EventPlace, lines: AuditLine[]): Promise<Recorded> {
  try {
    using directory = openMetrics(place.root, fileOf(place), true);
    if (directory === null) throw new Error('its directory is not there');
    return {written: true, problem: await update(place, lines, directory)};
  } catch (error) {
    // That room is to be made is said by what needs it more.
    const words = isFull(error) ? describeError(error) : withAdvice(error);
    const why = error instanceof Problem ? error.message : words;
    return {written: false, problem: `the metrics ${fileOf(place)} were not written: ${why}`};
  }
}
