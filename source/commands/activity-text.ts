import {escapeText} from '../engine/escape.ts';
import type {LoggedLine} from '../engine/events/logged-line.ts';
import {markOf, secondOf} from '../state/activity-view.ts';

/** Columns that most names fit in; a longer one moves what follows. */
const columns = {event: 29, backup: 23, operator: 10};

/** A line of the audit log as a line of text: `2026-11-23 02:00:03Z + magdb.backup.completed …`. */
export function eventText(line: LoggedLine): string {
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

/** What a line says; its text where that is nested deeper than can be written again. */
function asLogged(text: string): unknown {
  const value: unknown = JSON.parse(text);
  try {
    JSON.stringify(value);
    return value;
  } catch (error) {
    if (error instanceof RangeError) return text;
    throw error;
  }
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
