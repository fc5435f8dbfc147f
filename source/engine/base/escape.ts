/**
 * Text from manifests, file names and labels may hold anything. Everything that could move a cursor, change a
 * colour, reorder or hide text is shown as `\u{…}` (EVIDENCE.md, "Untrusted text").
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;
const plain = /^[\x20-\x7e]*$/;

/** A character as `\u{hex}`. */
export const escapeCharacter = (character: string): string =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** `text` with every unprintable or reordering character written as `\u{hex}`; one line, safe for any terminal. */
export function escapeText(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(unsafe, escapeCharacter);
}

/** JSON in ASCII only, so that a terminal that shows it stays unharmed. Parses back to the same value. */
export function asciiJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
