import fc from 'fast-check';

/** What must never reach a terminal, from wherever it was read; a newline only where we end a line. */
export const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/u;

/** Moves the cursor, sets a title and the clipboard, recolours, reorders, hides, and breaks the line. */
export const hostileText =
  'a\u001b[31m\u001b[2J\u001b]0;owned\u0007\u001b]52;c;b3duZWQ=\u0007\u009b5A\u202eyltfel\u2066\u200b\u2028\r\n\t\u007fz';

const pieces = [
  'a',
  'tenants',
  ' ',
  '1',
  '/',
  '"',
  '\\',
  '\u001b',
  '\u001b[31m',
  '\u001b]0;owned\u0007',
  '\u001bP1;2q',
  '\u0000',
  '\b',
  '\t',
  '\n',
  '\r',
  '\u007f',
  '\u0085',
  '\u009b',
  '\u00ad',
  '\u200b',
  '\u200d',
  '\u200f',
  '\u202e',
  '\u2028',
  '\u2029',
  '\u2066',
  '\ufeff',
  '\u{e0041}',
  '\ue000',
  '\uffff',
  '\u{10ffff}',
  '\ud800',
  '\udc00',
  '漢',
  '字',
  'ｱ',
  'ﾞ',
  '😀',
  '👩\u200d👧',
  '🇩🇪',
  '👍🏽',
  '\u{20000}',
  'e\u0301',
  '\u0301',
  'ก็',
  'ש',
  'ﷺ',
];

/** Text of wide, combining, reordering, invisible and terminal-driving characters. */
export const hostile: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...pieces), {maxLength: 12}).map((parts) => parts.join('')),
  fc.array(fc.constantFrom(...pieces), {minLength: 30, maxLength: 90}).map((parts) => parts.join('')),
  fc.string({unit: 'binary', maxLength: 40}),
);
