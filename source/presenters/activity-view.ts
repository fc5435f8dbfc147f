import {escapeText} from '../engine/base/escape.ts';
import type {LoggedLine} from '../engine/events/log/logged-line.ts';
import {wrap, wrapWords} from './graphemes.ts';
import {prettyJson} from './pretty-json.ts';

const marks = {good: '+', bad: 'x', beware: '!', none: '-'} as const;

/** What became of it; never by colour alone. */
export const markOf = ({result}: Pick<LoggedLine, 'result'>): string => marks[result.tone];

/** `backup.verify_failed`: what begins all of ours is left out. Escaped. */
export const eventName = ({action, broken}: LoggedLine): string =>
  broken === null ? escapeText(action.replace(/^magdb\./, '')) : '(broken)';

/** A time in UTC to the second, with its day: `2026-11-23 03:06:38Z`. */
export function secondOf(at: number | null): string {
  const date = new Date(at ?? Number.NaN);
  if (Number.isNaN(date.getTime())) return 'at an unknown time';
  return `${date.toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** Characters of one name or value that are shown. */
const mostOfValue = 20_000;

/** The whole line as the log has it, in lines of the screen, escaped. */
export function eventLines({broken, text}: LoggedLine, columns: number): string[] {
  const width = columns - 3;
  const wrapped = (each: string): string[] => {
    const more = each.length - mostOfValue;
    const kept = more > 0 ? `${each.slice(0, mostOfValue)} ... ${more} more characters in the log` : each;
    const indent = /^ */.exec(kept)?.[0] ?? '';
    const inner = wrap([escapeText(kept.slice(indent.length))], Math.max(10, width - indent.length - 2));
    return inner.map((part, index) => `${indent}${index === 0 ? '' : '  '}${part}`);
  };
  if (broken === null) return prettyJson(text).flatMap(wrapped);
  const why = wrapWords(escapeText(`! ${broken}`), width);
  return text === '' ? why : [...why, '', ...wrapped(text)];
}
