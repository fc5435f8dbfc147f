import * as z from 'zod/mini';
import {asciiJson} from '../../base/escape.ts';
import {
  initialValues,
  type MetricName,
  type MetricValues,
  metricNames,
  metricOf,
  type PresentState,
  presentMetric,
} from './metric-table.ts';

/** How many backups there are in each state; null where that could not be found out. */
export type Present = ReadonlyMap<PresentState, number> | null;

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
  for (const name of metricNames) {
    const {type, help} = metricOf(name);
    const value = values.get(name);
    if (type === 'counter') new Counter({name, help, labelNames, registers}).inc(labels, value);
    else {
      const gauge = new Gauge({name, help, labelNames, registers});
      if (value !== undefined) gauge.set(labels, value);
    }
  }
  if (present) {
    const gauge = new Gauge({...presentMetric, labelNames: [...labelNames, 'state'], registers});
    for (const [state, count] of present) gauge.set({...labels, state}, count);
  }
  return `${firstLine(tree)}\n${await registry.metrics()}${lastLine}\n`;
}

const kept = new Map<string, MetricName>(
  metricNames.filter((name) => !metricOf(name).seen).map((name) => [name, name]),
);
const number = z.number().check(z.nonnegative(), z.maximum(Number.MAX_SAFE_INTEGER));
/** Labels are not asked: the same tree may be called otherwise today. */
const sample = /^(magdb_[a-z_]+)\{.*\} (\S+)$/s;

/**
 * What a file of metrics stands at, as far as it can be told.
 * @returns `flaw`: why that may not be all; null where it is, or where the file is about another tree
 */
export function readValues(text: string, tree: string): {values: MetricValues; flaw: string | null} {
  const values = initialValues();
  const lines = text.split('\n');
  const first = lines[0] ?? '';
  if (first.startsWith('# magds "') && first !== firstLine(tree)) return {values, flaw: null};
  let flaw = first === firstLine(tree) ? null : 'it is not what this program left there';
  if (lines.at(-2) !== lastLine || lines.at(-1) !== '') flaw ??= 'it was cut short';
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', value = ''] = sample.exec(line) ?? [];
    const parsed = number.safeParse(Number(value));
    const known = kept.get(name);
    if (!parsed.success) flaw ??= 'a line of it is no metric';
    else if (known) values.set(known, parsed.data);
  }
  return {values, flaw};
}
