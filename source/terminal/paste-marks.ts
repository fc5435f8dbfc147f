const start = '\u001b[200~';
const end = '\u001b[201~';
/** No key: whatever comes before it ends at it. */
const separator = end;
/** Escape in a sequence of its own, which does not run into the one after it. */
const escapeKey = '\u001b[27u';

/**
 * Keeps the marks around pasted text whole, so that no part of it is ever taken for keys. A link may cut the mark anywhere:
 * Ink takes what it has for keys after 20 ms, then the rest of the mark, then the text. And an Escape right before the mark
 * would make it one key with it, and keys of the text.
 * @returns what to give Ink for each chunk that arrived; '' while a mark may still become whole
 */
export function keepPasteMarks(): (chunk: string) => string {
  let held = '';
  /** The last that was given is an Escape, which Ink has taken for a key, or not yet. */
  let escaped = false;
  let isPasting = false;
  /** The last of the pasted text: its end may be cut too. */
  let tail = '';

  /** As much of it as is pasted. */
  function pasted(text: string): string {
    const all = tail + text;
    const at = all.indexOf(end);
    if (at === -1) {
      tail = all.slice(1 - end.length);
      return text;
    }
    isPasting = false;
    const taken = text.slice(0, at + end.length - tail.length);
    tail = '';
    return taken;
  }

  return (chunk) => {
    let text = held + chunk;
    let given = '';
    held = '';
    if (escaped && !isPasting && text !== '') {
      const rest = start.slice(1);
      if (rest.startsWith(text)) {
        held = text;
        return '';
      }
      if (text.startsWith(rest)) text = `${separator}\u001b${text}`;
      else if (text.startsWith(start)) text = `${separator}${text}`;
    }
    for (;;) {
      if (isPasting) {
        const taken = pasted(text);
        given += taken;
        text = text.slice(taken.length);
      }
      const at = text.indexOf(start);
      if (isPasting || at === -1) break;
      given += text.slice(0, at).replace(/\u001b+$/, (all) => escapeKey.repeat(all.length)) + start;
      text = text.slice(at + start.length);
      isPasting = true;
    }
    if (!isPasting) {
      const part = [5, 4, 3, 2].map((length) => start.slice(0, length)).find((each) => text.endsWith(each));
      held = part ?? '';
      given += text.slice(0, text.length - held.length);
    }
    if (given !== '') escaped = !isPasting && given.endsWith('\u001b');
    return given;
  };
}

/** The keyboard as Ink wants it, its pastes kept whole. */
export function keyInput(stream: NodeJS.ReadStream): NodeJS.ReadStream {
  const keep = keepPasteMarks();
  const read = (size?: number): string | null => {
    // Ink has set an encoding.
    const chunk = stream.read(size) as string | null;
    return chunk === null ? null : keep(String(chunk));
  };
  return new Proxy(stream, {
    get(target, name) {
      if (name === 'read') return read;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
