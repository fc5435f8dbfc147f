import {type IPty, spawn} from '@lydell/node-pty';
import xterm from '@xterm/headless';
import {environment, node, program} from './program.ts';
import {tidyAfterEach} from './tidy.ts';

export type Session = Awaited<ReturnType<typeof openTerminal>>;
const open: {close(): void}[] = [];
tidyAfterEach(() => {
  for (const session of open.splice(0)) session.close();
});

/** How long anything on the screen may take; far more than it does. */
const patience = 30_000;

/** Polls until the predicate holds. @returns whether it did before the time was over */
export async function eventually(predicate: () => boolean, milliseconds = patience): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (!predicate()) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export type TerminalOptions = {
  columns?: number;
  rows?: number;
  env?: Record<string, string>;
  /** Run this line of bash instead; `$MAGDS` in it is the program. */
  shell?: string;
  /** Milliseconds that whatever is written takes on its way, in both directions: as a slow link does. */
  delay?: number;
  /** Milliseconds between two characters that are typed in one go: a link that cuts them apart. */
  pace?: number;
};

/** What is done this much later, in its order; at once where that is 0. */
const later = (milliseconds: number, action: () => void): void => {
  if (milliseconds === 0) action();
  else setTimeout(action, milliseconds);
};

/** Runs `magds` with these arguments in a real pseudo-terminal, read back through a real emulator. */
export async function openTerminal(args: string[], options: TerminalOptions = {}) {
  const {columns = 80, rows = 24, delay = 0, pace = 0} = options;
  const env = {
    ...environment,
    TERM: 'xterm-256color',
    MAGDS: `${node} ${program}`,
    // Tests may run as root, whom nothing names.
    MAGDS_OPERATOR: 'Amira',
    ...options.env,
  };
  const [file, argv] = options.shell ? ['bash', ['--norc', '-c', options.shell]] : [node, [program, ...args]];
  const pty: IPty = spawn(file, argv, {cols: columns, rows, cwd: '/', env, encoding: null});
  const terminal = new xterm.Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 1000});
  const chunks: Buffer[] = [];
  let exit: {exitCode: number; signal?: number | undefined} | null = null;
  let closed = false;
  pty.onExit((how) => {
    exit = how;
  });
  pty.onData((data) => {
    const bytes = data as unknown as Buffer;
    later(delay, () => {
      chunks.push(bytes);
      if (!closed) terminal.write(bytes);
    });
  });
  const send = (text: string): void => {
    const pieces = pace === 0 ? [text] : [...text];
    for (const [index, piece] of pieces.entries())
      later(delay + index * pace, () => {
        if (exit === null && !closed) pty.write(piece);
      });
  };
  terminal.onData(send);

  const screen = (): string[] => {
    const {active} = terminal.buffer;
    return Array.from(
      {length: terminal.rows},
      // The emulator keeps what a narrower window has cut off.
      (_, row) =>
        active
          .getLine(active.viewportY + row)
          ?.translateToString(true, 0, terminal.cols)
          .trimEnd() ?? '',
    );
  };
  const fail = (what: string): never => {
    throw new Error(`${what}\n${screen().join('\n')}\n(exit: ${JSON.stringify(exit)})`);
  };
  const waitFor = async (wanted: string | RegExp | ((lines: string[]) => boolean)): Promise<string[]> => {
    const holds = (): boolean => {
      const lines = screen();
      if (typeof wanted === 'function') return wanted(lines);
      const all = lines.join('\n');
      return typeof wanted === 'string' ? all.includes(wanted) : wanted.test(all);
    };
    if (!(await eventually(holds))) fail(`never on the screen: ${wanted}`);
    return screen();
  };

  const session = {
    pty,
    terminal,
    screen,
    waitFor,
    /** Every byte the program wrote, one character each. */
    raw: () => Buffer.concat(chunks).toString('latin1'),
    /** Sends keys in one chunk. */
    keys: send,
    /** The marked line of the list. */
    selected: () => screen().find((line) => /^ > /.test(line)) ?? '',
    async waitForSelected(text: string) {
      const lines = await waitFor((all) => all.some((line) => line.startsWith(` > ${text}`)));
      // Keys sent before the program listens are the terminal's: Ctrl+C would be a signal.
      if (!(await eventually(() => session.raw().includes('\u001b[?2004h')))) fail('never listened');
      return lines;
    },
    resize(toColumns: number, toRows: number) {
      terminal.resize(toColumns, toRows);
      pty.resize(toColumns, toRows);
    },
    async waitForExit() {
      if (!(await eventually(() => exit !== null && !isAlive(pty.pid)))) fail('never ended');
      return exit as unknown as {exitCode: number; signal?: number};
    },
    /** The terminal goes away, as when the connection is lost; the program has ended when this ends. */
    async hangUp() {
      closed = true;
      (pty as IPty & {destroy(): void}).destroy();
      if (!(await eventually(() => !isAlive(pty.pid)))) fail('outlived its terminal');
    },
    close() {
      if (exit === null && isAlive(pty.pid)) pty.kill('SIGKILL');
      closed = true;
      terminal.dispose();
    },
  };
  open.push(session);
  return session;
}
