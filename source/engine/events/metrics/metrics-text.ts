import * as z from 'zod/mini';
import {asciiJson} from '../../base/escape.ts';
import {commit, packageKind, runtime, version} from '../../base/version.ts';
import {eventNames, registry} from '../../storage/events.ts';

/** When the newest backup that passed was made. */
export const newestVerified = 'magdb_last_verified_backup_epoch';

/** What is looked up; the others go on from what the file says. */
const lookedUp = [
  {
    place: 13,
    name: newestVerified,
    help: 'Unix timestamp at which the newest MagDB backup that passed its last verification was made.',
  },
  {place: 26, name: 'magdb_sessions_open', help: 'Restore sessions that are open.'},
  {
    place: 27,
    name: 'magdb_session_opened_epoch',
    help: 'Unix timestamp at which the oldest open restore session began (0 where none is open).',
  },
].map((metric) => ({...metric, kind: 'seen' as const}));

const moved = new Map(eventNames.flatMap((name) => registry[name].metrics.map((each) => [each.name, each])));

/** Every metric of ours, but the one that has a label of its own. */
export const metrics = [...moved.values(), ...lookedUp].toSorted((a, b) => a.place - b.place);

/** What the metrics stand at; one that is not in it has nothing to say. */
type MetricValues = Map<string, number>;

/** Before anything has happened. */
export const initialValues = (): MetricValues =>
  new Map(metrics.filter(({kind}) => kind !== 'measure').map(({name}) => [name, 0]));

/** Of backups: how the last verification stands, or why there is none. */
export const presentStates = [
  'verified',
  'failed',
  'stale',
  'unknown',
  'never',
  'interrupted',
  'unreadable',
] as const;
export type PresentState = (typeof presentStates)[number];

/** How many backups there are in each state; null where that could not be found out. */
export type Present = ReadonlyMap<PresentState, number> | null;

const buildInfo = 'magds_build_info';
const backupsPresent = 'magdb_backups_present';

/** The last line: a file without it was cut short. To whatever reads metrics it is a comment, as is the first. */
const lastLine = '# EOF';
const firstLine = (tree: string): string => `# magds ${asciiJson(tree)}`;

/**
 * The metrics as node_exporter reads them.
 * @param root as the label says it
 * @param tree real path of its `storage/`: what a copy of the file in another tree says is not about that
 */
export async function metricsText(
  values: MetricValues,
  present: Present,
  root: string,
  tree: string,
): Promise<string> {
  // What writes them is no part of what starts up.
  const {default: Registry} = await import('prom-client/lib/registry.js');
  const {default: Counter} = await import('prom-client/lib/counter.js');
  const {default: Gauge} = await import('prom-client/lib/gauge.js');
  const registry = new Registry();
  const labels = {tool: 'magds', root: root.toWellFormed()};
  const labelNames = Object.keys(labels);
  const registers = [registry];
  for (const {name, kind, help} of metrics) {
    const value = values.get(name);
    if (kind === 'counter') new Counter({name, help, labelNames, registers}).inc(labels, value);
    else {
      const gauge = new Gauge({name, help, labelNames, registers});
      if (value !== undefined) gauge.set(labels, value);
    }
  }
  if (present) {
    const gauge = new Gauge({
      name: backupsPresent,
      help: 'MagDB backups present, by state.',
      labelNames: [...labelNames, 'state'],
      registers,
    });
    for (const [state, count] of present) gauge.set({...labels, state}, count);
  }
  const build = {version, commit, runtime, package: packageKind()};
  new Gauge({
    name: buildInfo,
    help: 'The build of magds that wrote this file; always 1.',
    labelNames: [...labelNames, ...Object.keys(build)],
    registers,
  }).set({...labels, ...build}, 1);
  return `${firstLine(tree)}\n${await registry.metrics()}${lastLine}\n`;
}

const number = z.number().check(z.nonnegative(), z.maximum(Number.MAX_SAFE_INTEGER));
/** Labels are not asked: the same tree may be called otherwise today. */
const sample = /^(magd[bs]_[a-z_]+)\{.*\} (\S+)$/s;
/** A quotation mark of another label's value has a backslash before it. */
const stateLabel = /,state="([a-z]+)"\}/;

/**
 * What a file of metrics stands at, as far as it can be told.
 * @returns `flaw`: why that may not be all; null where it is, or where the file is about another tree. `present`: null
 * where not every state is there
 */
export function readValues(
  text: string,
  tree: string,
): {values: MetricValues; present: Present; flaw: string | null} {
  const values = initialValues();
  const present = new Map<PresentState, number>();
  const lines = text.split('\n');
  const first = lines[0] ?? '';
  if (first.startsWith('# magds "') && first !== firstLine(tree)) return {values, present: null, flaw: null};
  let flaw = first === firstLine(tree) ? null : 'it is not what this program left there';
  if (lines.at(-2) !== lastLine || lines.at(-1) !== '') flaw ??= 'it was cut short';
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', value = ''] = sample.exec(line) ?? [];
    const parsed = number.safeParse(Number(value));
    if (!parsed.success) flaw ??= 'a line of it is not a metric';
    else if (moved.has(name) || name === newestVerified) values.set(name, parsed.data);
    else if (name === backupsPresent) {
      const state = presentStates.find((each) => each === stateLabel.exec(line)?.[1]);
      if (state) present.set(state, parsed.data);
    }
  }
  return {values, present: present.size === presentStates.length ? present : null, flaw};
}
