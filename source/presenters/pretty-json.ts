/** Levels that are set in; what lies deeper goes on in the line. */
const deepest = 24;
/** Lines that are made; the rest of the text is the last one. */
const mostLines = 5000;

const opening = '{[';
const closing = '}]';

/** Where a string ends that begins at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

const space = /[ \t\r\n]/;

/**
 * JSON in lines, set in by two columns a level: every name and value as it stands in the text, numbers of any size and
 * names that are there twice included.
 * @param json that can be parsed; not escaped, and neither are the lines
 */
export function prettyJson(json: string): string[] {
  const lines: string[] = [];
  let line = '';
  let depth = 0;
  const next = (): void => {
    lines.push(line);
    line = ' '.repeat(2 * depth);
  };
  const isBroken = (): boolean => depth <= deepest;
  for (let at = 0; at < json.length; ) {
    if (lines.length >= mostLines) return [...lines, line + json.slice(at)];
    const character = json[at] as string;
    if (character === '"') {
      const end = stringEnd(json, at);
      line += json.slice(at, end);
      at = end;
      continue;
    }
    at++;
    if (space.test(character)) continue;
    if (opening.includes(character)) {
      while (at < json.length && space.test(json[at] as string)) at++;
      line += character;
      if (closing.includes(json[at] ?? ' ')) line += json[at++];
      else {
        depth++;
        if (isBroken()) next();
      }
    } else if (closing.includes(character)) {
      const broken = isBroken();
      depth--;
      if (broken) next();
      line += character;
    } else {
      line += character === ':' ? ': ' : character;
      if (character === ',' && isBroken()) next();
    }
  }
  return [...lines, line];
}
