/** Text as one word for a POSIX shell, to be copied; nothing is escaped for the terminal. */
export const shellWord = (text: string): string =>
  /^[\w./@:=+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
