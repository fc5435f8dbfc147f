import {escapeText} from '../engine/base/escape.ts';
import type {LoggedLine} from '../engine/events/log/logged-line.ts';
import {markOf, secondOf} from '../presenters/activity-view.ts';

/** Columns that names are given. */
type Columns = {event: number; backup: number; operator: number};

/** Columns that most names fit in; a longer one moves what follows. */
const usual: Columns = {event: 29, backup: 23, operator: 10};
/** No name takes more from the others, whatever it is. */
const widest = 40;

/** Columns that the names of all these lines fit in, as far as they are of a usual length. */
export function columnsOf(lines: LoggedLine[]): Columns {
  const most = (least: number, textOf: (line: LoggedLine) => string | null): number =>
    Math.min(widest, Math.max(least, ...lines.map((line) => escapeText(textOf(line) ?? '-').length)));
  return {
    event: most(usual.event, ({action, broken}) => (broken === null ? action : null)),
    backup: most(usual.backup, ({backup}) => backup),
    operator: most(usual.operator, ({operator}) => operator),
  };
}

/** A line of the audit log as a line of text: `2026-11-23 02:00:03Z + magdb.backup.completed …`. */
export function eventText(line: LoggedLine, columns = usual): string {
  const {at, action, backup, operator, result, broken} = line;
  const time = (at === null ? '?' : secondOf(at)).padEnd(20);
  if (broken !== null) return `${time} ${markOf(line)} ${escapeText(broken)}`;
  const cells = [
    escapeText(action).padEnd(columns.event),
    escapeText(backup ?? '-').padEnd(columns.backup),
    escapeText(operator ?? '-').padEnd(columns.operator),
    escapeText(result.text),
  ];
  return `${time} ${markOf(line)} ${cells.join('  ')}`.trimEnd();
}

/** Levels of a value that are written as JSON: many more than anything has, and fewer than the stack has room for. */
const deepest = 500;

function isDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth < deepest; depth++) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
    if (level.length === 0) return false;
  }
  return true;
}

/** What a line says; its text where that is nested too deep to be written again. */
function asLogged(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return isDeep(value) ? text : value;
}

/** The same for a script: `line` is what the log has, null where it is no line of one. */
export function eventJson({at, action, backup, operator, result, broken, text}: LoggedLine) {
  return {
    at: at === null ? null : new Date(at).toISOString(),
    event: broken === null ? action : null,
    id: backup,
    operator,
    result: result.text,
    broken,
    line: broken === null ? asLogged(text) : null,
  };
}
