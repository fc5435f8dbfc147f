import {escapeText} from '../engine/base/escape.ts';
import {formatBytes, formatDuration} from '../engine/base/format.ts';
import type {RestorePlan} from '../engine/restore/action.ts';
import type {RestoreEvent} from '../engine/restore/follow.ts';
import type {Finished} from '../engine/restore/request.ts';
import {dataOf, isLine, said} from '../engine/session/lines.ts';
import type {RestoreProgress} from '../engine/session/progress.ts';
import type {RecordLine} from '../engine/session/record.ts';
import {noteOf} from '../presenters/followed-restore.ts';
import {restoreEnding} from '../presenters/restore-outcome.ts';
import {say, writeEscaped, writeJson, writeLine} from '../terminal/standard-output.ts';
import {type EvidenceOutcome, toldLines} from './make-evidence.ts';
import {statusEvery, statusJson} from './progress.ts';
import {summaryJson} from './restore-plan.ts';

type Printer = (event: RestoreEvent) => Promise<void>;
/** Tells of a restore in a file, once it is over; null where nobody wants it to. */
type Teller = (() => Promise<EvidenceOutcome>) | null;

/** One JSON object a line; the summary last (DESIGN.md, "Command line"). */
export function jsonRestorePrinter(plan: RestorePlan, session: number, teller: Teller): Printer {
  const due = statusEvery();
  return async (event) => {
    if (event.type === 'progress' && due()) {
      const {done, total} = event.progress;
      const amount = {doneBytes: done, totalBytes: total, seconds: 0};
      await writeLine(statusJson(total > 0 ? done / total : 0, amount, null));
    }
    if (event.type !== 'finished') return;
    const {outcome, reason, beware, commands} = event.finished;
    const evidence = await teller?.();
    const summary = summaryJson(plan, {
      session,
      outcome: outcome === 'cancelled' ? 'rolled-back' : outcome,
      reason,
      beware,
      commands,
    });
    await writeJson(evidence ? {...summary, evidence} : summary);
    tell(event.finished);
  };
}

/** What went wrong goes to stderr too. */
function tell({outcome, reason}: Finished): void {
  if (outcome !== 'done') say(`magds: ${outcome}: ${escapeText(reason ?? '')}`);
}

/** What is told of a line as it comes; null where that is nothing. */
function lineText(line: RecordLine, {into}: RestorePlan): string | null {
  const note = noteOf(line);
  if (isLine('hook')(line)) return note && `  ${note}${indent(said(line, 'output') ?? '')}`;
  if (isLine('prepare')(line)) return '  - prepare: nothing changes yet';
  if (isLine('saved')(line)) return `  ${note}, ${formatBytes(said(line, 'bytes') ?? Number.NaN)}`;
  if (isLine('loaded')(line)) {
    const {database, tables, rows, seconds} = dataOf(line) ?? {};
    if (database === undefined) return null;
    const counted = rows == null ? 'not counted' : `${rows} rows in ${tables} tables, as the manifest says`;
    return `  + loaded beside ${escapeText(database)} in ${Math.round(seconds ?? 0)}s, ${counted}`;
  }
  if (isLine('staged')(line))
    return `  + staged and verified, ${formatBytes(said(line, 'bytes') ?? Number.NaN)}`;
  if (isLine('switched')(line))
    return `  + switched in ${formatDuration(said(line, 'seconds') ?? Number.NaN)}; the ${into === null ? 'live' : 'new'} files are what the manifest says`;
  if (isLine('failed')(line)) return `  x ${said(line, 'reason')}`;
  return note && `  ${note}`;
}

/** A hook's own words, each on a line of its own below. */
const indent = (output: string): string =>
  output
    .trimEnd()
    .replace(/^(?=.)/, '\n')
    .replaceAll('\n', '\n      ');

const progressText = ({stage, done, total}: RestoreProgress): string =>
  total > 1
    ? `\r\u001b[K  ${stage} ${Math.floor((done / total) * 100)}% of ${formatBytes(total)}`
    : `\r\u001b[K  ${stage}`;

/** What can be done next. */
function nextLines({into, safety}: RestorePlan, session: number, {outcome, commands}: Finished): string[] {
  if (outcome === 'needs-recovery')
    return ['See: magds restore status', ...(commands.length > 0 ? ['By hand, to go back:'] : [])];
  if (outcome !== 'done' || into !== null) return [];
  return [
    ...(safety ? [`Undo: magds restore --undo=${session}`] : []),
    `Now the checklist: magds session show ${session}; then sign it off: magds session close ${session}`,
    'Until then the old files are kept beside the live ones.',
  ];
}

function resultLines(plan: RestorePlan, session: number, finished: Finished): string[] {
  const {outcome, beware} = finished;
  const {said, means} = restoreEnding({
    ...finished,
    isDrill: plan.into !== null,
    isUndo: plan.undoes !== null,
    isPart: plan.partial.length > 0,
  });
  const of = outcome === 'done' ? `, session ${session}` : '';
  const why = said.text === '' ? '' : `: ${said.text}`;
  return [
    `${said.mark} ${said.word}${of}${why}.`,
    ...beware.map((line) => `! ${line}`),
    ...(means === '' ? [] : [means]),
    ...nextLines(plan, session, finished),
  ];
}

/** Text for people and logs. */
export function textRestorePrinter(plan: RestorePlan, session: number, teller: Teller): Printer {
  const live = process.stderr.isTTY === true;
  return async (event) => {
    if (event.type === 'progress') {
      if (live) process.stderr.write(progressText(event.progress));
      return;
    }
    if (live) process.stderr.write('\r\u001b[K');
    if (event.type === 'record') {
      const text = lineText(event.line, plan);
      if (text) for (const line of text.split('\n')) await writeEscaped(line);
      return;
    }
    const lines = resultLines(plan, session, event.finished).map(escapeText);
    if (event.finished.outcome === 'done') for (const line of lines) await writeLine(line);
    else {
      say(lines.join('\n'));
      // To be copied as they are.
      for (const each of event.finished.commands) process.stderr.write(`  ${escapeText(each)}\n`);
    }
    const told = await teller?.();
    if (told) for (const line of toldLines(told, session)) await writeEscaped(line);
  };
}
