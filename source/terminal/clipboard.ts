/**
 * OSC 52, which sets the clipboard of the terminal one sits at, through SSH too. Multiplexers need it wrapped.
 * @param env for TMUX and TERM
 */
export function clipboardSequence(text: string, env: NodeJS.ProcessEnv): string {
  const sequence = `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`;
  if (env['TMUX']) return `\u001bPtmux;${sequence.replaceAll('\u001b', '\u001b\u001b')}\u001b\\`;
  if (env['TERM']?.startsWith('screen')) return `\u001bP${sequence}\u001b\\`;
  return sequence;
}
