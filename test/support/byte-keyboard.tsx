import {EventEmitter} from 'node:events';
import {StringDecoder} from 'node:string_decoder';
import {render, Text} from 'ink';
import {vi} from 'vitest';
import {keyInput} from '../../source/terminal/key-input.ts';
import {useKeys} from '../../source/ui/use-keys.ts';

export class Stdin extends EventEmitter {
  isTTY = true;
  #waiting: string[] = [];
  #decoder = new StringDecoder('utf8');
  setRawMode(): this {
    return this;
  }
  setEncoding(): this {
    return this;
  }
  ref(): void {}
  unref(): void {}
  read(): string | null {
    return this.#waiting.shift() ?? null;
  }
  arrive(bytes: Uint8Array): void {
    const text = this.#decoder.write(Buffer.from(bytes));
    if (text === '') return;
    this.#waiting.push(text);
    this.emit('readable');
  }
}

/**
 * The way from bytes to keys as it is in the app: Ink's own parser between what a terminal sends and what our handler is
 * given. To be opened once: it is the same for every state.
 */
export async function byteKeyboard() {
  const stdin = new Stdin();
  const stdout = Object.assign(new EventEmitter(), {columns: 80, rows: 24, isTTY: true, write: () => true});
  let sinks: {key: (key: string) => void; paste: (text: string) => void} = {key() {}, paste() {}};
  function Keys() {
    useKeys(
      (key) => sinks.key(key),
      (text) => sinks.paste(text),
    );
    return <Text> </Text>;
  }
  const app = render(<Keys />, {
    stdin: keyInput(stdin as unknown as NodeJS.ReadStream, {SSH_TTY: '/dev/pts/1'}),
    stdout: stdout as unknown as NodeJS.WriteStream,
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
  });
  await vi.waitUntil(() => stdin.listenerCount('readable') > 0);
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout']});
  const pause = (milliseconds = 101): void => {
    vi.advanceTimersByTime(milliseconds);
  };
  return {
    /** A chunk arrives. */
    arrive: (bytes: Uint8Array) => stdin.arrive(bytes),
    /** For longer than an Escape is waited with, over a link. */
    pause,
    /** From now on keys and pastes go here; nothing is left of what came before. */
    listen(to: typeof sinks) {
      sinks = {key() {}, paste() {}};
      stdin.arrive(Buffer.from('\u001b[201~\u001b[201~'));
      pause(5000);
      sinks = to;
    },
    close() {
      vi.useRealTimers();
      app.unmount();
    },
  };
}
