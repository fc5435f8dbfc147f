/**
 * Ink steps over each unchanged line with a sequence of its own. On a slow link that is most of what a small change
 * costs (87 of 140 bytes at 30 rows), so runs of them become one: `ESC [ E` n times is `ESC [ n E` (ECMA-48, CNL).
 */
const nextLines = /(?:\u001b\[E){2,}/g;

export const shorten = (output: string): string =>
  output.replace(nextLines, (run) => `\u001b[${run.length / 3}E`);

/** The stream as Ink wants it, with its writes shortened. */
export function frameOutput(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean =>
    (stream.write as (...args: unknown[]) => boolean)(
      typeof chunk === 'string' ? shorten(chunk) : chunk,
      ...rest,
    );
  return new Proxy(stream, {
    get(target, name) {
      if (name === 'write') return write;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
