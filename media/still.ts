import fs from 'node:fs';
import path from 'node:path';
import {spawn} from '@lydell/node-pty';
import xterm from '@xterm/headless';
import {transformSync} from 'esbuild';
import type {Size} from '../source/terminal/size.ts';
import type {Cell} from './svg.ts';

const smallestFull: Size = {columns: 80, rows: 24};
const patience = 60_000;
/** The pinned runtime, and the program as it is built. */
export const runtime = path.resolve('node_modules/.bin/node');
export const program = path.resolve('dist/magds.js');

/** The stage, without types: to load what takes them out again in each process takes three times as long as all else of a start. */
const stage = `data:text/javascript,${encodeURIComponent(transformSync(fs.readFileSync('media/stage.ts', 'utf8'), {loader: 'ts'}).code)}`;

/** Nothing of whoever takes the pictures leaks into the program; what is not of its own comes from the stage. */
export const environment = (at: string, more: Record<string, string> = {}): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  // Whoever makes them may be root, whom nothing names.
  MAGDS_OPERATOR: 'Amira',
  HOME: '/nonexistent',
  LANG: 'C.UTF-8',
  TZ: 'Europe/Berlin',
  TERM: 'xterm-256color',
  FORCE_COLOR: '1',
  NODE_OPTIONS: `--import=${stage}`,
  STILL_AT: at,
  ...more,
});

export type Wanted = string | RegExp;

/** The built program in a real pseudo-terminal, read back through a real emulator. */
export class Still {
  readonly #terminal;
  readonly #pty;
  #lastHeard = 0;

  constructor(args: string[], env: Record<string, string>, {columns: cols, rows}: Size = smallestFull) {
    this.#terminal = new xterm.Terminal({cols, rows, allowProposedApi: true});
    const options = {cols, rows, name: 'xterm-256color', cwd: '/', env};
    this.#pty = spawn(runtime, [program, ...args], options);
    this.#pty.onData((data) => {
      this.#lastHeard = performance.now();
      this.#terminal.write(data);
    });
    this.#terminal.onData((answer) => this.#pty.write(answer));
  }

  #line(row: number) {
    const {active} = this.#terminal.buffer;
    return active.getLine(active.viewportY + row);
  }

  text(): string {
    return Array.from(
      {length: this.#terminal.rows},
      (_, row) => this.#line(row)?.translateToString(true) ?? '',
    ).join('\n');
  }

  #shows(wanted: Wanted): boolean {
    const text = this.text();
    return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
  }

  /** @throws with what is on the screen instead, if it does not come in time */
  async wait(wanted: Wanted, again: () => void = () => {}): Promise<void> {
    const deadline = performance.now() + patience;
    for (let round = 0; !this.#shows(wanted); round++) {
      if (performance.now() > deadline) throw new Error(`never on the screen: ${wanted}\n${this.text()}`);
      // What comes before a screen that writes has been there for a moment is dropped.
      if (round % 10 === 0) again();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async press(keys: string, until: Wanted): Promise<void> {
    this.#pty.write(keys);
    await this.wait(until);
  }

  /** The same, and then until nothing more was written for so many milliseconds. */
  async settle(keys: string, until: Wanted, quiet: number): Promise<void> {
    this.#lastHeard = performance.now();
    this.#pty.write(keys);
    await this.wait(until);
    const deadline = performance.now() + patience;
    while (performance.now() - this.#lastHeard < quiet || !this.#shows(until)) {
      if (performance.now() > deadline) throw new Error(`never still: ${until}\n${this.text()}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Types until it is taken. */
  async type(text: string, until: Wanted = `> ${text}_`): Promise<void> {
    await this.wait(until, () => this.#pty.write(`\u0015${text}`));
  }

  /** Every cell that is shown. */
  cells(): Cell[][] {
    return Array.from({length: this.#terminal.rows}, (_, row) => {
      const line = this.#line(row);
      return Array.from({length: this.#terminal.cols}, (_, column) => {
        const found = line?.getCell(column);
        return {
          text: found?.getChars() ?? '',
          width: found?.getWidth() ?? 1,
          color: found?.isFgPalette() ? found.getFgColor() : null,
          bold: Boolean(found?.isBold()),
        };
      });
    });
  }

  close(): void {
    this.#pty.kill('SIGKILL');
    this.#terminal.dispose();
  }
}
