import path from 'node:path';
import {file} from '../datasets/file.ts';
import type {ConfiguredDataset} from '../datasets/type.ts';
import type {Setting} from './configuration.ts';
import {ownFileName} from './own-file.ts';
import {type Origin, toNumber, type Value, valueAt} from './php-value.ts';

/** What counts where nothing is configured (FORMAT.md, "Configuration"). */
export const defaults = {
  path: 'storage/backups',
  algorithm: 'sha256',
  auditLog: 'storage/logs/audit.log',
  metrics: 'storage/telemetry/metrics.prom',
  dataset: {name: 'kernel_state', source: 'storage/state/system.json'},
};

/** Reads settings out of the merged PHP configuration, each with where it stands. */
export class Settings {
  readonly #root: string;
  readonly #merged: Value;

  constructor(root: string, merged: Value) {
    this.#root = root;
    this.#merged = merged;
  }

  readonly origin = ({file, line}: Origin): string => `${path.relative(this.#root, file) || file}:${line}`;

  absolute = (file: string): string => path.resolve(this.#root, file);

  /** A setting at a path of keys; `fallback` where there is none, or where it cannot be used. */
  read<T>(keys: string[], fallback: T, accept: (value: Value) => T | undefined): Setting<T> {
    const found = valueAt(this.#merged, keys);
    if (!found || (found.kind === 'scalar' && found.value === null))
      return {value: fallback, from: 'default', problem: null};
    const from = this.origin(found);
    if (found.kind === 'unknown') {
      const advice = keys[1] === 'backup' ? `. Set it in ${ownFileName}` : '';
      const problem = `cannot be told without running PHP: ${found.expression.slice(0, 80)}${advice}`;
      return {value: fallback, from, problem};
    }
    const value = accept(found);
    return value === undefined
      ? {value: fallback, from, problem: `${keys.join('.')} is not valid; the default is used`}
      : {value, from, problem: null};
  }
}

export const textIn = (value: Value): string | undefined =>
  value.kind === 'scalar' && typeof value.value === 'string' && value.value !== '' ? value.value : undefined;

/** PHP has one array type, and keys and names may be numbers in it. */
const wholeNumber = (value: Value): string | undefined =>
  value.kind === 'scalar' && Number.isSafeInteger(value.value) ? String(value.value) : undefined;

/** PHP's count: unset or not positive keeps all (FORMAT.md, "Retention"). */
export function countIn(value: Value): number | null | undefined {
  if (value.kind !== 'scalar') return undefined;
  if (typeof value.value === 'string' && !/^\s*[+-]?\d|^$/.test(value.value)) return undefined;
  const number = Math.trunc(toNumber(value.value));
  return number > 0 ? number : null;
}

/** Of two datasets with one name the last wins; an entry without a name or a source cannot be backed up. */
export function readDatasets(settings: Settings): {datasets: Setting<ConfiguredDataset[]>; notes: string[]} {
  const problems: string[] = [];
  const notes: string[] = [];
  const found = settings.read<ConfiguredDataset[]>(['magds', 'backup', 'datasets'], [], (value) => {
    if (value.kind !== 'array') return undefined;
    const byName = new Map<string, ConfiguredDataset>();
    for (const [key, entry] of value.items) {
      const field = (name: string) => valueAt(entry, [name]);
      const [name, source, type] = [field('name'), field('source'), field('type')];
      const plain = {name: name && (textIn(name) ?? wholeNumber(name)), source: source && textIn(source)};
      if (!plain.name || !plain.source) {
        const hidden = [name, source, entry].find((each) => each?.kind === 'unknown');
        const why =
          hidden?.kind === 'unknown'
            ? `cannot be told without running PHP: ${hidden.expression.slice(0, 80)}`
            : 'has no name or no source';
        problems.push(`dataset ${key} (${settings.origin(entry)}) ${why}`);
        continue;
      }
      if (type && textIn(type) !== file.name)
        notes.push(`dataset ${plain.name} is of type "${textIn(type) ?? '?'}": PHP's run aborts on it`);
      const first = byName.get(plain.name);
      if (first)
        notes.push(
          `two datasets are called ${plain.name} (${first.from}, ${settings.origin(entry)}): only the last is backed up`,
        );
      byName.set(plain.name, {
        name: plain.name,
        source: settings.absolute(plain.source),
        type: file,
        from: settings.origin(entry),
      });
    }
    return [...byName.values()];
  });
  const fallback = {
    ...defaults.dataset,
    source: settings.absolute(defaults.dataset.source),
    type: file,
    from: 'default',
  };
  const told = problems.length === 0 && !found.problem?.startsWith('cannot be told');
  const value = found.value.length === 0 && told ? [fallback] : found.value;
  return {datasets: {...found, value, problem: problems.join('; ') || found.problem}, notes};
}
