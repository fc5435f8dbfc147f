/** What a page says of itself. */
export type Page = {name: string; section: 1 | 5; date: string; version: string; summary: string};

/** Text as troff takes it: nothing in it is a request, an escape or a character that a terminal may lack. */
export function escapeRoff(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/[^\n\x20-\x7e]/gu, (character) => {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      return `\\[u${code}]`;
    });
  return escaped.replace(/^(?=[.'])/gm, '\\&');
}

export const bold = (text: string): string => `\\fB${escapeRoff(text)}\\fR`;
export const italic = (text: string): string => `\\fI${escapeRoff(text)}\\fR`;

export const section = (title: string): string => `.SH ${escapeRoff(title.toUpperCase())}`;
export const paragraph = (roff: string): string => `.PP\n${roff}`;

/** Something, and below it, set in, what it is. */
export const term = (what: string, roff: string): string => `.TP\n${what}\n${roff}`;

/** Lines as they are typed. */
export const verbatim = (text: string): string => `.PP\n.RS 4\n.nf\n${escapeRoff(text)}\n.fi\n.RE`;

/** @param parts of which each is a request, or begins with one */
export function page({name, section: number, date, version, summary}: Page, parts: string[]): string {
  const head = [
    `.TH ${escapeRoff(name.toUpperCase())} ${number} "${date}" "magds ${version}" "MagDS backups"`,
    // No hyphens of its own, and the left margin alone is straight: commands can be copied.
    '.nh',
    '.ad l',
    section('Name'),
    `${escapeRoff(name)} \\- ${escapeRoff(summary)}`,
  ];
  return `${[...head, ...parts].join('\n')}\n`;
}
