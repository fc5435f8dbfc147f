import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {parseDuration} from '../engine/base/format.ts';
import {exitCode, Problem} from '../engine/base/problem.ts';
import type {Check} from '../engine/doctor/check.ts';
import {type DoctorEvent, examine} from '../engine/doctor/examine.ts';
import type {TerminalFacts} from '../engine/doctor/subject.ts';
import {writeLine} from '../terminal/standard-output.ts';
import {placeOf, type Run} from './command.ts';
import {checkLines, groupLines, headLine, summaryLines} from './doctor-text.ts';

/** Seconds: a night without a backup shows, one that took longer does not. */
const usualAge = 26 * 3600;

function terminalFacts(): TerminalFacts | null {
  const {stdout} = process;
  return stdout.isTTY
    ? {columns: stdout.columns ?? 0, rows: stdout.rows ?? 0, colours: stdout.getColorDepth()}
    : null;
}

function maxAgeOf(given: string | undefined): number {
  if (given === undefined) return usualAge;
  const seconds = parseDuration(given);
  if (seconds !== null) return seconds;
  throw new Problem(exitCode.usage, `--max-age=${escapeText(given)} is no age: write 30m, 12h, 7d or 2w.`);
}

export const doctor: Run = async (invocation) => {
  const {flags, cwd, signal} = invocation;
  const maxAge = maxAgeOf(flags.maxAge);
  const place = placeOf(invocation);
  const terminal = terminalFacts();
  const events = examine({
    place,
    from: flags.root === undefined && flags.backups === undefined ? cwd : null,
    environment: flags.env,
    env: process.env,
    maxAge,
    terminal,
    signal,
  });
  const last = flags.json ? await asJson(events, place) : await asText(events, place, terminal);
  return last === null ? exitCode.cancelled : last.exit;
};

type Finished = Extract<DoctorEvent, {type: 'finished'}>;
type Where = ReturnType<typeof placeOf>;

/** One object: a monitor wants the whole of it, and it takes a second. */
async function asJson(events: AsyncIterable<DoctorEvent>, {root, backups}: Where): Promise<Finished | null> {
  const checks: (Check & {group: string})[] = [];
  let group = '';
  for await (const event of events) {
    if (event.type === 'group') group = event.title;
    else if (event.type === 'check') checks.push({...event.check, group});
    else {
      const {counts, exit} = event;
      await writeLine(asciiJson({command: 'doctor', root, backups, checks, counts, exit}));
      return event;
    }
  }
  return null;
}

async function asText(
  events: AsyncIterable<DoctorEvent>,
  {root, backups}: Where,
  terminal: TerminalFacts | null,
): Promise<Finished | null> {
  const columns = Math.min(100, Math.max(60, terminal?.columns || 80));
  const write = async (lines: string[]): Promise<void> => {
    for (const line of lines) await writeLine(line);
  };
  await write(headLine(root ?? backups, columns));
  const checks: Check[] = [];
  for await (const event of events) {
    if (event.type === 'group') await write(groupLines(event.title));
    else if (event.type === 'check') {
      checks.push(event.check);
      await write(checkLines(event.check, columns));
    } else {
      await write(summaryLines(event.counts, checks, event.exit, columns));
      return event;
    }
  }
  return null;
}
