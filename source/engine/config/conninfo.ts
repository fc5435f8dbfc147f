/** A pair as `conninfo_parse` of libpq reads it: what follows `=` may stand behind blanks, and a quoted value may end at once. */
const pair =
  /[ \t-\r]*([^= \t-\r]*)[ \t-\r]*=[ \t-\r]*(?:'((?:[^'\\]|\\.)*)'|((?!')(?:[^\\ \t-\r]|\\.)*)\\?)[ \t-\r]*/sy;

/** What a connection string of libpq says, of two with one key the last; null where libpq would refuse it. */
export function parseConninfo(text: string): Map<string, string> | null {
  const values = new Map<string, string>();
  pair.lastIndex = 0;
  const end = text.trimEnd().length;
  while (pair.lastIndex < end) {
    const found = pair.exec(text);
    if (!found) return null;
    const [, key = '', quoted, bare = ''] = found;
    values.set(key, (quoted ?? bare).replace(/\\(.)/gs, '$1'));
  }
  return values;
}
