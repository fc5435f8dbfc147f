import type {Key} from 'ink';
import {graphemes} from '../presenters/graphemes.ts';

/**
 * A key as the bindings name it: a grapheme as typed (`j`, `G`, `/`), or a word (`up`, `enter`, `ctrl+c`).
 * @param input and key as Ink's useInput gives them; characters that arrive in one chunk come as one input, which is
 *   taken apart here, so that none is lost (TERMINAL.md, "Keys get lost if handled naively")
 */
export function toKeys(input: string, key: Key): string[] {
  const named = namedKey(key);
  // Alt and an arrow has a sequence of its own; these have none.
  const split = key.meta && (key.return || key.escape || key.backspace || key.delete);
  if (named) return split ? ['escape', named] : [named];
  if (key.ctrl && input.length === 1) return [`ctrl+${input.toLowerCase()}`];
  if (key.super || key.hyper) return [];
  const characters = graphemes(input).flatMap(characterKey);
  // On a slow link Escape and the key after it arrive as one, which looks like Alt and that key.
  return key.meta ? ['escape', ...characters] : characters;
}

function namedKey(key: Key): string | null {
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.leftArrow) return 'left';
  if (key.rightArrow) return 'right';
  if (key.pageUp) return 'pageup';
  if (key.pageDown) return 'pagedown';
  if (key.home) return 'home';
  if (key.end) return 'end';
  if (key.return) return 'enter';
  if (key.escape) return 'escape';
  if (key.tab) return 'tab';
  if (key.backspace || key.delete) return 'backspace';
  return null;
}

function characterKey(character: string): string[] {
  if (character === '\r' || character === '\n' || character === '\r\n') return ['enter'];
  if (character === '\t') return ['tab'];
  if (character === '\u001b') return ['escape'];
  if (character === '\u007f' || character === '\b') return ['backspace'];
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return [`ctrl+${String.fromCharCode(code + 0x60)}`];
  return [character];
}

/** A key that stands for text to be typed somewhere. */
export const isText = (key: string): boolean => graphemes(key).length === 1 && !/^\p{Cc}/u.test(key);

const names: Record<string, string> = {
  enter: 'Enter',
  escape: 'Esc',
  tab: 'Tab',
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  ' ': 'Space',
  backspace: 'Backspace',
};

/** A key as it is written on the screen: `Enter`, `^C`, `j`. */
export const keyName = (key: string): string =>
  names[key] ?? (key.startsWith('ctrl+') ? `^${key.slice(5).toUpperCase()}` : key);
