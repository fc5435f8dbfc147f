import {dataOf, isLine, type LineData, metricsMoments} from '../../session/lines.ts';
import {beware, code, count, paragraph, table} from '../markdown.ts';
import type {EvidenceSession} from '../schema.ts';
import {moment, mostRows} from './words.ts';

type Lines = EvidenceSession['lines'];

function eventsPart(lines: Lines): string[] {
  const told = lines.filter(isLine('event')).flatMap((line) => dataOf(line) ?? []);
  if (told.length === 0) return [];
  const unlogged = told.filter(({logged}) => !logged).length;
  const shown = told.slice(0, mostRows);
  const row = ({created_at, action, id, logged}: LineData<'event'>): string[] => [
    moment(created_at),
    code(action),
    logged ? 'yes' : '**no**',
    code(id),
  ];
  return [
    ...paragraph(
      `Events of the session: ${told.length}, each with its id in the audit log; their payloads are in the record.`,
    ),
    ...(unlogged === 0
      ? []
      : paragraph(beware(`${count(unlogged, 'event')} could not be written to the audit log.`))),
    ...table(['Time', 'Event', 'In the audit log', 'Id'], shown.map(row)),
    ...(told.length > shown.length
      ? paragraph(`Then ${count(told.length - shown.length, 'event')} more, in the record.`)
      : []),
  ];
}

/** A sample in Prometheus' text format: its name and labels, then its value. */
const sample = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
/** The only label in which samples of one name differ; the others are the same in the whole file. */
const stateLabel = /(?:^|,)state="([^"\\]*)"/;

function samplesOf(text: string | null): Map<string, string> {
  const samples = new Map<string, string>();
  for (const line of text?.split('\n') ?? []) {
    const [, name, labels = '', value] = sample.exec(line) ?? [];
    const state = stateLabel.exec(labels)?.[1];
    if (name !== undefined && value !== undefined)
      samples.set(state === undefined ? name : `${name} ${state}`, value);
  }
  return samples;
}

function metricsPart(lines: Lines): string[] {
  const all = lines.filter(isLine('metrics')).flatMap((line) => dataOf(line) ?? []);
  // The last word of each counts.
  const read = metricsMoments.flatMap((each) => all.findLast(({moment: when}) => when === each) ?? []);
  if (read.length === 0) return [];
  const columns = read.map(({text}) => samplesOf(text));
  const names = [...new Set(columns.flatMap((samples) => [...samples.keys()]))];
  const telling = names.filter((name) => columns.some((samples) => (samples.get(name) ?? '0') !== '0'));
  if (names.length === 0) return paragraph('Metrics of the root: there were none that could be read.');
  return [
    ...paragraph(
      'Metrics of the root as they were read at the start and the end of the restore, and at the sign-off; `-` is not there. Those that were 0 all along are in the record only.',
    ),
    ...table(
      ['Metric', ...read.map(({moment: when}) => code(when))],
      telling
        .slice(0, mostRows)
        .map((name) => [code(name), ...columns.map((samples) => cellOf(samples.get(name)))]),
    ),
  ];
}

const cellOf = (value: string | undefined): string => (value === undefined ? '-' : code(value));

/** What others were told of a session, and what its metrics said; nothing where a record is from before there were any. */
export const toldPart = ({lines}: EvidenceSession): string[] => [...eventsPart(lines), ...metricsPart(lines)];
