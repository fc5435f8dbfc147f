import type {Note} from '../session/note.ts';
import type {ToldEvent} from './log/audit-line.ts';
import {readMetrics} from './metrics/metrics-place.ts';

/** Type of a session's lines that keep what was told to others. */
export const eventLine = 'event';
/** Type of those that keep what the site's hooks on events said. */
export const eventHookLine = 'event-hook';
/** Type of those that keep what the root's metrics said. */
export const metricsLine = 'metrics';

/** When they said so: as the session began, as its restore ended, and as it was signed off. */
export const metricsMoments = ['start', 'end', 'sign-off'] as const;
export type MetricsMoment = (typeof metricsMoments)[number];

/** What a session's record keeps of an event. */
export const eventNote = ({line, logged}: ToldEvent): Note => [eventLine, {...line, logged}];

/** The samples alone: what each metric is stands in the documentation. */
const samplesOf = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n');

/** The root, and where it is configured to keep them. */
export type MetricsPlace = {root: string; configuration: {metrics: {value: string}}};

/** What a session's record keeps of the metrics; `text` is null where there are none that could be read. */
export function metricsNote({root, configuration}: MetricsPlace, moment: MetricsMoment): Note {
  const text = readMetrics(root, configuration.metrics.value);
  return [metricsLine, {moment, text: text === null ? null : samplesOf(text)}];
}
