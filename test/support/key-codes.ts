/** What a terminal sends for keys that have no character. */
export const key = {
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  home: '\u001b[H',
  end: '\u001b[F',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  enter: '\r',
  escape: '\u001b',
  tab: '\t',
  ctrlC: '\u0003',
  ctrlZ: '\u001a',
  paste: (text: string) => `\u001b[200~${text}\u001b[201~`,
};
