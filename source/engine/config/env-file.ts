/**
 * The `KEY=value` lines of a `.env` file. Empty lines and comments are passed over, `export` and matching quotes taken
 * off; a comment may follow an unquoted value after a space.
 */
export function parseEnvFile(text: string): Map<string, string> {
  const result = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (!match) continue;
    const [, key, raw] = match as unknown as [string, string, string];
    const quoted = /^(["'])(.*?)\1(?:\s+#.*)?$/.exec(raw);
    result.set(key, quoted ? (quoted[2] ?? '') : raw.replace(/(?:^|\s+)#.*$/, ''));
  }
  return result;
}
