import {counted} from '../../base/format.ts';
import {dataOf, isLine, metricsMoments} from '../../session/lines.ts';
import {bewareText, code, facts, fence, notRecorded, paragraph, table} from '../markdown.ts';
import type {EvidenceRecord, EvidenceSession} from '../schema.ts';
import {measured, unknown} from './loss.ts';
import {clockTime, isFirst, isMany, moment, mostRows, ranges, rowsOf, short, tally} from './words.ts';

type Line = EvidenceSession['lines'][number];

function* eventsPart(lines: Line[], rows = rowsOf): Iterable<string> {
  const events = lines.filter(isLine('event')).flatMap((line) => dataOf(line) ?? []);
  if (events.length === 0) return;
  const most = rows(events.length);
  const unlogged = events.filter(({logged}) => !logged).length;
  yield* paragraph(
    `Events of the session: ${events.length}, each with its id in the audit log; their payloads are in the record.`,
  );
  if (unlogged > 0)
    yield* paragraph(bewareText(`${counted(unlogged, 'event')} could not be written to the audit log.`));
  yield* table(
    ['Time', 'Event', 'In the audit log', 'Id'],
    events
      .slice(0, most)
      .map(({created_at, action, id, logged}) => [
        moment(created_at),
        code(action),
        logged ? 'yes' : '**no**',
        code(id),
      ]),
  );
  if (events.length > most)
    yield* paragraph(`Then ${counted(events.length - most, 'event')} more, in the record.`);
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

/** Of the second schema those that a restore moved. */
function* metricsPart(lines: Line[], areAll = false): Iterable<string> {
  const all = lines.filter(isLine('metrics')).flatMap((line) => dataOf(line) ?? []);
  // The last word of each counts.
  const read = metricsMoments.flatMap((each) => all.findLast(({moment: when}) => when === each) ?? []);
  if (read.length === 0) return;
  const columns = read.map(({text}) => samplesOf(text));
  const names = [...new Set(columns.flatMap((samples) => [...samples.keys()]))];
  if (names.length === 0) return yield* paragraph('Metrics of the root: there were none that could be read.');
  const telling = names.filter((name) =>
    areAll
      ? columns.some((samples) => (samples.get(name) ?? '0') !== '0')
      : columns.some((samples) => samples.get(name) !== columns[0]?.get(name)),
  );
  yield* paragraph(
    `Metrics of the root as they were read at the start and the end of the restore, and at the sign-off; \`-\` is not there. Those that ${areAll ? 'were 0' : 'stayed the same'} all along are in the record only.`,
  );
  yield* table(
    ['Metric', ...read.map(({moment: when}) => code(when))],
    telling
      .slice(0, mostRows)
      .map((name) => [code(name), ...columns.map((samples) => short(samples.get(name) ?? null))]),
  );
}

/** Where the audit log has them: what a copy of it elsewhere is compared with. */
function* auditPart(audit: EvidenceRecord['audit'], rows = rowsOf): Iterable<string> {
  if (!audit || audit.events.length === 0) return;
  const {path, reason, events} = audit;
  const most = rows(events.length);
  if (reason !== null)
    return yield* paragraph(`Lines of the audit log ${code(path)}: ${notRecorded}; ${code(reason)}.`);
  yield* paragraph(
    `Lines of the audit log ${code(path)} when this was exported: number, SHA-256 of the line without its line break, id. \`evidence check --log=FILE\` follows them in a copy of it.`,
  );
  yield* fence(
    events
      .slice(0, most)
      .map(({line, sha256, id}) => `${line ?? notRecorded} ${sha256 ?? notRecorded} ${id}`),
  );
  if (events.length > most)
    yield* paragraph(`Then ${counted(events.length - most, 'line')} more, in the record.`);
}

/** Records that others keep too: what a reader asks them for. */
export function* independentSection({session, audit, previous, sessions}: EvidenceRecord): Iterable<string> {
  yield* paragraph(
    `All of this is ${measured}. That the audit log has the digest of this file itself is ${unknown} here: its line \`magdb.evidence.exported\` is written once the file is there. \`evidence check --log=FILE\` looks for it.`,
  );
  yield* facts({
    'Evidence file before this one': previous
      ? `${code(previous.file)}; \`evidence check\` follows it where it is at hand`
      : 'none: this is the first of this root',
    'SHA-256 of that file': previous && code(previous.sha256),
    'Sessions of this root': sessions.all.length === 0 ? 'none' : ranges(sessions.all),
    'Sessions that no evidence file is about':
      sessions.never_exported.length === 0 ? 'none' : `**${ranges(sessions.never_exported)}**`,
  });
  if (!session) return;
  yield* eventsPart(session.lines);
  yield* auditPart(audit);
}

/** What others were told of a session, and what its metrics said; nothing where a record is from before there were any. */
export const toldPart = ({lines}: EvidenceSession, audit?: EvidenceRecord['audit']): string[] => [
  ...eventsPart(lines, () => mostRows),
  ...auditPart(audit, () => mostRows),
  ...metricsPart(lines, true),
];

/** Columns of a line; values that do not fit are left to the record, never cut. */
const width = 79;
/** How many lines are all shown, and how many at the beginning and at the end of more. */
const edges = {first: {all: 300, edge: 150}, later: {all: 60, edge: 6}, many: {all: 8, edge: 2}};

function lineText({sequence, at, operator, type, data}: Line): string {
  let line = `${clockTime(at) ?? at} ${String(sequence).padStart(3)} ${operator} ${type}`;
  let isWhole = true;
  // In the order in which the file's record has them: a reader of the file has no other.
  for (const [key, value] of Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (value === null) continue;
    const pair =
      typeof value === 'object'
        ? null
        : ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
    if (pair === null || line.length + pair.length > width - 4) isWhole = false;
    else line += pair;
  }
  return isWhole ? line : `${line} ...`;
}

export function* trailSection(record: EvidenceRecord): Iterable<string> {
  const {session, audit} = record;
  if (!session) return yield* paragraph(`Trail: ${notRecorded}.`);
  const {lines, broken, torn} = session;
  const {all, edge} = edges[isFirst(record) ? 'first' : isMany(record) ? 'many' : 'later'];
  if (!isFirst(record))
    yield* paragraph(`All of this is ${measured}; what operators typed stands in it too.`);
  yield* facts({
    'SHA-256 of the session record': code(session.record_sha256),
    'Its chain':
      broken === null ? 'every line names the hash of the one before it' : `**broken**: ${code(broken)}`,
    'Its last line': torn ? 'was cut short' : null,
  });
  if (broken !== null) yield* paragraph(bewareText('what follows cannot be relied on.'));
  yield* isFirst(record) ? toldPart(session, audit) : metricsPart(lines);
  yield* paragraph(
    `Lines of the session's record: ${lines.length}. Time, number, operator, type, and what fits of the rest; \`...\` says that the record has more.`,
  );
  if (lines.length === 0) return;
  if (lines.length <= all) return yield* fence(lines.map(lineText));
  const between = lines.slice(edge, -edge);
  yield* fence(lines.slice(0, edge).map(lineText));
  yield* paragraph(
    `Then ${between.length} lines that are in the record: ${tally(between.map(({type}) => code(type)))}. Then:`,
  );
  yield* fence(lines.slice(-edge).map(lineText));
}
