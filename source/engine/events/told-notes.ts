import type {metricsMoments, Note} from '../session/lines.ts';
import type {ToldEvent} from './log/audit-line.ts';
import {readMetrics} from './metrics/metrics-place.ts';

export type MetricsMoment = (typeof metricsMoments)[number];

/** What a session's record keeps of an event. */
export const eventNote = ({line, logged}: ToldEvent): Note<'event'> => ['event', {...line, logged}];

/** The samples alone: what each metric is stands in the documentation. */
const samplesOf = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n');

/** The root, and where it is configured to keep them. */
type MetricsPlace = {root: string; configuration: {metrics: {value: string}}};

/** What a session's record keeps of the metrics; `text` is null where there are none that could be read. */
export function metricsNote({root, configuration}: MetricsPlace, moment: MetricsMoment): Note<'metrics'> {
  const text = readMetrics(root, configuration.metrics.value);
  return ['metrics', {moment, text: text === null ? null : samplesOf(text)}];
}
