import {EventEmitter} from 'node:events';
import xterm from '@xterm/headless';
import {vi} from 'vitest';
import type {Size} from '../../source/terminal/size.ts';
import type {HandOver} from '../../source/terminal/suspend.ts';
import {mountApp} from '../../source/ui/mount.tsx';
import {reduce} from '../../source/ui/reduce.ts';
import type {AppState} from '../../source/ui/state.ts';
import {createStore} from '../../source/ui/store.ts';
import {Stdin} from './byte-keyboard.tsx';

/** Until React has drawn what it was told, and the next frame may come. */
export async function drawn(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(100);
  }
}

/** The app on a terminal that is only made up, in this process; timers have to be made up too. */
export function showApp(
  state: AppState,
  {plain = false, env = {}}: {plain?: boolean; env?: NodeJS.ProcessEnv} = {},
) {
  const {columns, rows} = state.size;
  const terminal = new xterm.Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 0});
  let bytes = 0;
  let said = '';
  const write = (text: string): void => {
    terminal.write(text);
    vi.advanceTimersByTime(1);
  };
  const stdout = Object.assign(new EventEmitter(), {
    columns,
    rows,
    isTTY: true,
    writable: true,
    write(chunk: string, done?: () => void) {
      bytes += Buffer.byteLength(chunk);
      said += chunk;
      write(chunk);
      done?.();
      return true;
    },
  });
  const stdin = new Stdin();
  const store = createStore(state, reduce);
  let handOver: HandOver | undefined;
  const {app, resized} = mountApp(store, {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    env,
    plain,
    suspension: {
      suspend() {},
      watch(given) {
        handOver = given;
        return () => {};
      },
    },
    reach: {ask() {}, copy() {}, callOperator() {}, operator: () => 'amira'},
  });
  return {
    terminal,
    store,
    keys: (text: string) => stdin.arrive(Buffer.from(text)),
    /** What somebody else writes to the same terminal. */
    foreign: write,
    /** The window alone: the program does not know yet. */
    resize({columns: toColumns, rows: toRows}: Size) {
      terminal.resize(toColumns, toRows);
      Object.assign(stdout, {columns: toColumns, rows: toRows});
    },
    resized,
    async suspended(meanwhile: () => void) {
      const suspension = await handOver?.();
      meanwhile();
      resized();
      await suspension?.resume();
    },
    /** Every character with its style. */
    cells: () =>
      Array.from({length: terminal.rows}, (_, row) => {
        const {active} = terminal.buffer;
        const line = active.getLine(active.baseY + row);
        return Array.from({length: terminal.cols}, (__, column) => {
          const cell = line?.getCell(column);
          const text = cell?.getChars() || ' ';
          if (text === ' ') return text;
          return `${text}${cell?.isBold() ? 'b' : ''}${cell?.isFgDefault() ? '' : cell?.getFgColor()}`;
        }).join('');
      }),
    /** Bytes written since the last time that this was asked. */
    written() {
      const before = bytes;
      bytes = 0;
      return before;
    },
    /** What was written since the last time that this was asked. */
    said() {
      const before = said;
      said = '';
      return before;
    },
    close() {
      app.unmount();
      terminal.dispose();
    },
  };
}
