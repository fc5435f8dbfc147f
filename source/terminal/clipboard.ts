/** The longest string that GNU screen takes has 768 bytes, and older ones 256. */
const pieceLength = 240;

/** Whether a terminal could take it: these have no clipboard. */
export const hasClipboard = (env: NodeJS.ProcessEnv): boolean =>
  !/^(?:dumb|linux|vt\d+)?$/.test(env['TERM'] ?? '') || Boolean(env['STY'] || env['TMUX']);

/**
 * OSC 52, which sets the clipboard of the terminal one sits at, through SSH too. No terminal says whether it obeyed. Multiplexers
 * hand on what is wrapped for them; tmux, as it comes, hands nothing on, but may take the plain one itself.
 * @param env for STY, TMUX and TERM; screen comes first, because what runs in it inherits TMUX of the one around it
 */
export function clipboardSequence(text: string, env: NodeJS.ProcessEnv): string {
  const sequence = `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`;
  const isScreen = env['STY'] || (!env['TMUX'] && env['TERM']?.startsWith('screen'));
  if (isScreen) {
    const pieces = sequence.match(new RegExp(`[^]{1,${pieceLength}}`, 'g')) ?? [];
    return pieces.map((piece) => `\u001bP${piece}\u001b\\`).join('');
  }
  if (env['TMUX']) return `${sequence}\u001bPtmux;${sequence.replaceAll('\u001b', '\u001b\u001b')}\u001b\\`;
  return sequence;
}
