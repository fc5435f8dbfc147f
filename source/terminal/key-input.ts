const start = '\u001b[200~';
const end = '\u001b[201~';
/** Escape in a sequence of its own, which does not run into the one after it. */
const escapeKey = '\u001b[27u';

/** A key, or an answer of the terminal: also as the Linux console and rxvt send them. */
const sequence = /^\u001b(?:\[(?:\[[A-E]|[235678]\$|[0-?]*[ -/]*[@-Z\\-~])|O[\d;]*[@-~])/;
const begun = /^\u001b(?:\[(?:\[|[0-?]*[ -/]*)|O[\d;]*|[\]P_])?$/;
/** An answer that is a string: OSC, DCS, APC. Escape and a letter that was typed right after it are none. */
const stringStart = /^\u001b(?:\]\d|P[\d;>$+!=|]|_G)/;
/** Its end; or what is in none, and ends it too. */
const stringEnd = /\u0007|\u009c|\u001b\\|(?=[\0-\u0006\u0008-\u001a\u001c-\u001f]|\u001b[^\\])/;
/** How the rest of an Escape that came too late begins. */
const lateRest = /^(?:\[|O[A-DFHP-S]|\]\d)/;

/** Milliseconds that the rest of a sequence may take, where it can be nothing else. */
const patience = 1000;

type KeySequences = {
  /** @returns what to give Ink of a chunk that arrived */
  push(chunk: string): string;
  /** Milliseconds after which `expire` is to be asked, unless more arrives; null where nothing is waited for. */
  waiting(): number | null;
  /** What to give Ink when nothing more has arrived. */
  expire(): string;
};

/**
 * Gives Ink whole sequences only. A link cuts anywhere: Ink takes what it has for keys after 20 ms, and then the rest of an
 * arrow, of a pasted text's mark, or of an answer that the terminal gives late, for letters.
 * @param wait milliseconds after which an Escape is a key: longer over a link
 */
function keySequences(wait: number): KeySequences {
  let mode: 'keys' | 'string' | 'paste' = 'keys';
  let held = '';
  /** An Escape was taken for a key: its rest may follow, and does nothing then. */
  let late = false;
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
    mode = 'keys';
    const taken = text.slice(0, at + end.length - tail.length);
    tail = '';
    return taken;
  }

  /** How much of it belongs to a string. */
  function stringLength(text: string): number {
    const found = stringEnd.exec(text);
    if (!found) {
      held = text.endsWith('\u001b') ? '\u001b' : '';
      return text.length;
    }
    mode = 'keys';
    return found.index + found[0].length;
  }

  /** What begins with an Escape: what to give of it, and how much it is. */
  function escaped(text: string): [string, number] {
    const [whole] = sequence.exec(text) ?? [];
    const isLate = late;
    if (stringStart.test(text)) {
      mode = 'string';
      return ['', 2];
    }
    if (whole === undefined && begun.test(text)) {
      held = text;
      return ['', text.length];
    }
    late = false;
    if (whole === start) mode = 'paste';
    if (whole !== undefined) return [isLate && whole !== start ? '' : whole, whole.length];
    // What cannot become whole any more is dropped, unless it was Escape and a key after it.
    const broken = /^\u001b(?:\[[ -?[]+|\[)/.exec(text)?.[0].length;
    return broken === undefined ? [isLate ? '' : escapeKey, 1] : ['', broken];
  }

  function push(chunk: string): string {
    let text = held + chunk;
    if (late && held === '') {
      if (lateRest.test(text)) text = `\u001b${text}`;
      else late = false;
    }
    held = '';
    let given = '';
    while (text !== '') {
      let length: number;
      if (mode === 'paste') {
        const taken = pasted(text);
        given += taken;
        length = taken.length;
      } else if (mode === 'string') length = stringLength(text);
      else if (text.startsWith('\u001b')) {
        const [piece, taken] = escaped(text);
        given += piece;
        length = taken;
      } else {
        const at = text.indexOf('\u001b');
        length = at === -1 ? text.length : at;
        given += text.slice(0, length);
      }
      text = text.slice(length);
    }
    return given;
  }

  /** Escape, and perhaps the key after it. */
  const isShort = (): boolean => /^\u001b[O\]P_]?$/.test(held) && !late;

  return {
    push,
    waiting() {
      if (held !== '' && mode === 'keys') return isShort() ? wait : patience;
      return mode === 'string' || late ? patience : null;
    },
    expire() {
      const given = mode === 'keys' && isShort() ? escapeKey + held.slice(1) : '';
      late = given === escapeKey;
      if (mode === 'string') mode = 'keys';
      held = '';
      return given;
    },
  };
}

/** Milliseconds after which an Escape is a key. */
const atHand = 25;
const overLink = 100;

/** The keyboard as Ink wants it. */
export function keyInput(stream: NodeJS.ReadStream, env: NodeJS.ProcessEnv): NodeJS.ReadStream {
  const isLink = Boolean(env['SSH_CONNECTION'] || env['SSH_TTY']);
  const sequences = keySequences(isLink ? overLink : atHand);
  let timer: NodeJS.Timeout | undefined;
  let expired = '';
  function waitOn(): void {
    clearTimeout(timer);
    const milliseconds = sequences.waiting();
    if (milliseconds === null) return;
    timer = setTimeout(() => {
      expired += sequences.expire();
      waitOn();
      // Ink reads when it is told that there is something.
      if (expired !== '') stream.emit('readable');
    }, milliseconds);
    timer.unref();
  }
  const read = (size?: number): string | null => {
    if (expired !== '') {
      const given = expired;
      expired = '';
      return given;
    }
    // Ink has set an encoding.
    const chunk = stream.read(size) as string | null;
    if (chunk === null) return null;
    const given = sequences.push(String(chunk));
    waitOn();
    return given;
  };
  return new Proxy(stream, {
    get(target, name) {
      if (name === 'read') return read;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
