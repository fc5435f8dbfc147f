import type {OnEntry} from './scan-json.ts';
import type {Window} from './window.ts';

const newline = 0x0a;
const quote = 0x22;

/**
 * Finds the lines of a text. @param isQuoted whether a line goes on within quotes, as those of CSV do (RFC 4180)
 * @returns false where the last quote is never closed: all behind it is one line
 * @throws CutShort
 */
export function scanLines(window: Window, on: OnEntry, isQuoted: boolean): boolean {
  let from = 0;
  let at = 0;
  let inQuotes = false;
  const emit = (to: number): void => {
    const {buffer, start} = window;
    const last = to > from && buffer[to - 1] === 0x0d ? to - 1 : to;
    const skips = start + from === 0 && buffer[0] === 0xef && buffer[1] === 0xbb ? 3 : 0;
    const bytes = buffer.subarray(from + skips, Math.max(from + skips, last));
    on({under: null, isMap: false, key: null, at: start + from + skips, bytes});
  };
  for (;;) {
    if (isQuoted) {
      for (; at < window.end; at++) {
        const byte = window.buffer[at];
        if (byte === quote) inQuotes = !inQuotes;
        else if (byte === newline && !inQuotes) {
          emit(at);
          from = at + 1;
        }
      }
    } else {
      for (;;) {
        const end = window.buffer.subarray(0, window.end).indexOf(newline, at);
        at = end === -1 ? window.end : end + 1;
        if (end === -1) break;
        emit(end);
        from = at;
      }
    }
    const kept = from;
    const more = window.more(kept);
    from = 0;
    at -= kept;
    if (!more) break;
  }
  if (window.end > from) emit(window.end);
  return !inQuotes;
}

/** The fields of a line of CSV. */
export function fieldsOf(line: string, separator: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at <= line.length; ) {
    if (line[at] === '"') {
      let field = '';
      for (at++; at < line.length; at++) {
        if (line[at] !== '"') field += line[at];
        else if (line[at + 1] === '"') field += line[at++];
        else break;
      }
      fields.push(field);
      const next = line.indexOf(separator, at);
      if (next === -1) break;
      at = next + 1;
    } else {
      const next = line.indexOf(separator, at);
      fields.push(line.slice(at, next === -1 ? undefined : next));
      if (next === -1) break;
      at = next + 1;
    }
  }
  return fields;
}

/** What parts the fields of a head line: most often a comma. */
export const separatorOf = (head: string): string =>
  [',', ';', '\t', '|'].reduce((best, each) =>
    head.split(each).length > head.split(best).length ? each : best,
  );
