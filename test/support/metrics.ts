import fs from 'node:fs';
import path from 'node:path';
import {metricsFile} from '../../source/engine/config/metrics-file.ts';
import {type AuditLine, auditLine} from '../../source/engine/events/log/audit-line.ts';
import {type EventPlace, recordMetrics} from '../../source/engine/events/metrics/metrics.ts';
import type {Happening} from '../../source/engine/storage/events.ts';
import {makeRoot} from './backups.ts';

/** When what is told here happened: seconds since the epoch. */
export const happenedAt = 1_795_000_000.25;

export const placeOf = (root: string): EventPlace => ({
  root,
  backups: `${root}/storage/backups`,
  auditLog: `${root}/storage/logs/audit.log`,
});

/** A root with no backups. */
export const emptyPlace = (): EventPlace => placeOf(makeRoot().root);

export const linesOf = (place: EventPlace, ...happenings: Happening[]): AuditLine[] =>
  happenings.map((each) => auditLine(each, place.root, {}, new Date(happenedAt * 1000)));

/** Counts what happens. @returns what `recordMetrics` has to say */
export const count = async (place: EventPlace, ...happenings: Happening[]): Promise<string | null> =>
  (await recordMetrics(place, linesOf(place, ...happenings))).problem;

export const textOf = ({root}: {root: string}): string => fs.readFileSync(metricsFile(root), 'utf8');

const escapes: Record<string, string> = {'\\\\': '\\', '\\"': '"', '\\n': '\n'};

export type Sample = {name: string; labels: Record<string, string>; value: number};

/** Reads text of metrics as the format's specification says. @throws where a line is none */
export const samplesOf = (text: string): Sample[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name, inner = '', value] =
        /^([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`no metric: ${line}`);
      const labels = [...inner.matchAll(/([a-z]+)="((?:[^"\\]|\\.)*)"/g)].map(
        ([, label = '', quoted = '']) => [
          label,
          quoted.replace(/\\[\\"n]/g, (each) => escapes[each] ?? each),
        ],
      );
      return {name, labels: Object.fromEntries(labels), value: Number(value)};
    });

/** Each metric of a root with its value, but for the one that is about the program; with a state, as `name state`. */
export const valuesOf = (place: {root: string}): Record<string, number> =>
  Object.fromEntries(
    samplesOf(textOf(place))
      .filter(({name}) => name !== 'magds_build_info')
      .map(({name, labels, value}) => [
        labels['state'] === undefined ? name : `${name} ${labels['state']}`,
        value,
      ]),
  );

/** The backups of a root by their state, those states left out that none is in. */
export const presentOf = (place: {root: string}): Record<string, number> =>
  Object.fromEntries(
    samplesOf(textOf(place))
      .filter(({name, value}) => name === 'magdb_backups_present' && value > 0)
      .map(({labels, value}) => [labels['state'], value]),
  );

export const prunedOf = (place: {root: string}): number | undefined =>
  valuesOf(place)['magdb_backups_pruned_total'];

export const telemetry = ({root}: {root: string}): string => `${root}/storage/telemetry`;

const events = path.resolve(import.meta.dirname, '../../source/engine/events');

/** What another process runs to count a pruned backup again and again. */
export const counting = ({root}: EventPlace, times: string): string[] => [
  '--input-type=module',
  '-e',
  `import {recordMetrics} from ${JSON.stringify(`${events}/metrics/metrics.ts`)};
   import {auditLine} from ${JSON.stringify(`${events}/log/audit-line.ts`)};
   const root = ${JSON.stringify(root)};
   const payload = {id: 'x', reason: 'too old'};
   for (let left = ${times}; left > 0; left--) {
     const line = auditLine({action: 'magdb.backup.pruned', payload}, root, {}, new Date());
     const {problem} = await recordMetrics({root, backups: root + '/storage/backups', auditLog: ''}, [line]);
     if (problem) throw new Error(problem);
   }`,
];
