import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {isMeantBy} from '../engine/config/own-file.ts';
import {type LoggedLine, ours} from '../engine/events/log/logged-line.ts';
import {AuditLog, type LogEvent, type OlderLines} from '../engine/events/log/read-log.ts';
import {checkBackupId} from '../engine/storage/backup-id.ts';
import {eventNames} from '../engine/storage/events.ts';
import {markOf, secondOf} from '../presenters/activity-view.ts';
import {isRead, say, writeJson, writeLine} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openProject, wrongUsage} from './command.ts';
import {id, text, yes} from './flags.ts';

const flags = {
  id,
  event: text('NAME', 'only this event, or these (backup.*); "all" for all actions of the site'),
  limit: text('N', 'show at most this many lines, the newest'),
  follow: yes('keep printing what is appended, oldest first, until Ctrl+C'),
};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'what the audit log says of backups and restores, newest first',
  task: 'Look',
  operands: ['[ID]'],
  flags,
  run,
};

/** Lines that are shown unless another number is asked for: of a log that is followed as many as tail(1) shows. */
const shown = 100;
const shownBefore = 10;
const mostShown = 100_000;
/** Lines that are read back at once. */
const page = 2000;

/** What is given as `--event` for all that the site does. */
const everything = 'all';

type Wanted = {onlyOurs: boolean; limit: number; passes(line: LoggedLine): boolean};

function limitOf({limit, follow}: Call['flags']): number {
  if (limit === undefined) return follow ? shownBefore : shown;
  if (/^[1-9]\d{0,5}$/.test(limit) && Number(limit) <= mostShown) return Number(limit);
  wrongUsage(`--limit=${escapeText(limit)}: a number from 1 to ${mostShown}.`);
}

/** An event of ours may be named without what begins them all; in a name `*` stands for any text, as in hooks. */
function eventOf(given: string | undefined): string | null {
  if (given === undefined || given === everything) return null;
  if (given.startsWith('*')) return given;
  const known = [given, ours + given].find((each) => eventNames.some((name) => isMeantBy(each, name)));
  if (known !== undefined) return known;
  // The site has events of its own, with names of its own.
  const isOurs = given.startsWith(ours) && given.includes('*');
  if (
    given.includes('.') &&
    !isOurs &&
    !eventNames.some((name) => name.split('.')[1] === given.split('.')[0])
  )
    return given;
  wrongUsage(
    `--event=${escapeText(given)}: there is no such event. The events are: ${eventNames.join(', ')}; ${everything} shows every action of the site.`,
  );
}

function wantedOf(flags: Call['flags']): Wanted {
  const event = eventOf(flags.event);
  const id = flags.id === undefined ? null : checkBackupId(flags.id);
  return {
    onlyOurs: event === null ? flags.event !== everything : event.startsWith(ours),
    limit: limitOf(flags),
    passes: ({action, backup}) =>
      (event === null || isMeantBy(event, action)) && (id === null || backup === id),
  };
}

/** The newest lines that are wanted, newest first, why there are none before them, and whether there is no line at all. */
async function newest(
  log: AuditLog,
  {limit, passes}: Wanted,
  signal: AbortSignal,
): Promise<OlderLines & {none: boolean}> {
  const lines: LoggedLine[] = [];
  let none = true;
  for (;;) {
    const older = await log.older(page, signal);
    none &&= older.lines.length === 0;
    lines.push(...older.lines.filter(passes));
    if (lines.length > limit) return {lines: lines.slice(0, limit), end: null, none};
    if (older.end !== null || signal.aborted) return {lines, end: older.end, none};
  }
}

/** What the audit log says of backups and restores; exit 10 where there is no log. */
async function run(invocation: Call): Promise<ExitCode> {
  const {flags, signal} = invocation;
  const wanted = wantedOf(flags);
  const {root, configuration} = await openProject(invocation);
  const file = configuration.auditLog.value;
  const log = await AuditLog.open({root, file, onlyOurs: wanted.onlyOurs});
  try {
    const {state, reason} = log.state;
    if (state === 'unreadable')
      throw new Problem(exitCode.failed, `The audit log ${escapeText(file)} cannot be read: ${reason}.`);
    const {lines, end, none} = await newest(log, wanted, signal);
    if (signal.aborted) return exitCode.cancelled;
    if (flags.follow) return await goOn(log, lines.toReversed(), wanted, invocation, file);
    if (state === 'missing' && none)
      throw new Problem(
        exitCode.notFound,
        `There is no audit log ${escapeText(file)}: the first backup, verification or restore begins it.`,
      );
    if (flags.json) {
      await writeJson({command: 'activity', root, log: file, events: lines.map(jsonOf), end});
      return exitCode.done;
    }
    for (const text of textOf(lines)) await writeLine(text);
    const found =
      lines.length === 0
        ? 'No matching event'
        : `${lines.length} line${lines.length === 1 ? '' : 's'}, newest first`;
    const more = escapeText(end ?? '--limit shows more');
    say(`${found}: ${more}.`);
    return exitCode.done;
  } finally {
    log.close();
  }
}

/** Oldest first, as logs are, until it is stopped. */
async function goOn(
  log: AuditLog,
  before: LoggedLine[],
  {passes}: Wanted,
  {flags, signal}: Call,
  file: string,
): Promise<ExitCode> {
  const write = async (lines: LoggedLine[]): Promise<void> => {
    for (const line of lines)
      await writeLine(
        flags.json ? asciiJson({message_type: 'event', ...jsonOf(line)}) : textOf([line]).join(''),
      );
  };
  const missing = ({state, reason}: Extract<LogEvent, {type: 'log'}>): string =>
    state === 'missing'
      ? `! There is no audit log ${escapeText(file)}`
      : `x The audit log ${escapeText(file)} cannot be read: ${reason}`;
  await write(before);
  for await (const event of log.follow(signal)) {
    if (!isRead()) break;
    if (event.type === 'appended') await write(event.lines.filter(passes));
    else if (event.state !== 'there') say(`${missing(event)}; waiting for it.`);
  }
  return signal.aborted ? exitCode.cancelled : exitCode.done;
}

/** Columns that the names of these lines fit in: that most names fit in, and more where some are longer. */
const widthOf = (lines: LoggedLine[], of: (line: LoggedLine) => string | null, usual: number): number =>
  Math.min(40, Math.max(usual, ...lines.map((line) => escapeText(of(line) ?? '-').length)));

/** Lines of the audit log as text: `2026-11-23 02:00:03Z + magdb.backup.completed …`. */
function textOf(lines: LoggedLine[]): string[] {
  const widths = {
    event: widthOf(lines, ({action}) => action, 29),
    backup: widthOf(lines, ({backup}) => backup, 23),
    operator: widthOf(lines, ({operator}) => operator, 10),
  };
  return lines.map((line) => {
    const {at, action, backup, operator, result, broken} = line;
    const head = `${(at === null ? '?' : secondOf(at)).padEnd(20)} ${markOf(line)}`;
    if (broken !== null) return `${head} ${escapeText(broken)}`;
    const cells = [
      escapeText(action).padEnd(widths.event),
      escapeText(backup ?? '-').padEnd(widths.backup),
      escapeText(operator ?? '-').padEnd(widths.operator),
      escapeText(result.text),
    ];
    return `${head} ${cells.join('  ')}`.trimEnd();
  });
}

/** Brackets of a line that is written again as JSON: many more than any has, and fewer than the stack has room for. */
const mostBrackets = 3000;

/** A line for a script: `line` is what the log has, as text where it may be nested too deep, null where it is none. */
function jsonOf({at, action, backup, operator, result, broken, text}: LoggedLine) {
  const isDeep = text.split(/[[{]/, mostBrackets + 1).length > mostBrackets;
  return {
    at: at === null ? null : new Date(at).toISOString(),
    event: broken === null ? action : null,
    id: backup,
    operator,
    result: result.text,
    broken,
    line: broken === null ? (isDeep ? text : (JSON.parse(text) as unknown)) : null,
  };
}
