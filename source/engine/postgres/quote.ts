/** What no statement can hold: the server ends a text at a NUL, and half a character is none. */
function checkText(text: string): void {
  if (text.includes('\0') || !text.isWellFormed())
    throw new Error('a name or value for the server holds what is no text');
}

/** A value, for a statement: whatever it holds is that value and nothing else. */
export function literal(text: string): string {
  checkText(text);
  const quoted = text.replaceAll("'", "''");
  return text.includes('\\') ? ` E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}

/** A name of the server's, for a statement. */
export function identifier(name: string): string {
  checkText(name);
  return `"${name.replaceAll('"', '""')}"`;
}
