const token =
  /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<&]*(?:&(?:amp|lt|gt|quot|#39);[^"<&]*)*")*)\s*(\/?)>/y;
const text = /(?:[^<&]|&(?:amp|lt|gt|quot|#39);)+/y;

/**
 * Reads XML as plain as pictures need it: elements, attributes in double quotes, text with the five entities.
 * @returns the texts of all elements, as written
 * @throws where it is not well-formed, saying what stands there
 */
export function textsOf(xml: string): string[] {
  const open: string[] = [];
  const texts: string[] = [];
  let at = 0;
  const fail = (what: string): never => {
    throw new Error(`${what}: ${xml.slice(at, at + 80)}`);
  };
  while (at < xml.length) {
    token.lastIndex = at;
    text.lastIndex = at;
    const tag = token.exec(xml);
    const found = tag ?? text.exec(xml) ?? fail('neither a tag nor text');
    if (tag) {
      const [, closing, name = '', , empty] = tag;
      if (closing && open.pop() !== name) fail('closes what is not open');
      if (!closing && !empty) open.push(name);
    } else if (open.length === 0 && found[0].trim() !== '') fail('text outside of the picture');
    else texts.push(found[0]);
    at += found[0].length;
  }
  if (open.length > 0) fail(`never closed: ${open.join(', ')}`);
  return texts.filter((each) => each.trim() !== '');
}

/** What a reader makes of it. */
export const readable = (written: string): string =>
  written
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
