import {execFileSync} from 'node:child_process';
import {afterEach, expect, test} from 'vitest';
import {key} from '../support/key-codes.ts';
import {makeCatalog} from '../support/six-backups.ts';
import {temporaryDirectory} from '../support/temporary.ts';
import {openTerminal, type Session} from '../support/terminal.ts';

/** A minute may pass. */
const timeless = (session: Session): string =>
  session
    .screen()
    .join('\n')
    .replace(/\d\d:\d\dZ/, '00:00Z');

const isThere = (program: string): boolean => {
  try {
    execFileSync('which', [program]);
    return true;
  } catch {
    return false;
  }
};

const settled = /DEVELOPMENT[\s\S]*unreadable[\s\S]*q quit/;

test('a screen is the same whatever the terminal is called and the language is', async () => {
  const {root, ids} = makeCatalog();
  const kinds = ['xterm-256color', 'xterm', 'linux', 'vt100', 'screen-256color', 'tmux-256color'];
  const shown = await Promise.all(
    kinds.map(async (TERM, index) => {
      const session = await openTerminal(['--root', root], {env: {TERM, LANG: index % 2 ? 'C' : 'C.UTF-8'}});
      await session.waitFor(settled);
      session.keys('?');
      await session.waitFor(/Keys and marks/);
      session.keys(key.escape);
      await session.waitFor(settled);
      session.keys(key.down);
      await session.waitForSelected(ids[1] as string);
      await session.waitFor(new RegExp(`-- ${ids[1]}`));
      const text = timeless(session);
      session.keys('q');
      expect((await session.waitForExit()).exitCode).toBe(0);
      return text;
    }),
  );
  for (const [index, text] of shown.entries()) expect(text, kinds[index]).toBe(shown[0]);
});

test('a terminal that cannot move its cursor gets lines of text', async () => {
  const {root, ids} = makeCatalog();
  const session = await openTerminal(['--root', root], {env: {TERM: 'dumb', LANG: 'C'}});
  await session.waitFor(/q quit/);
  session.keys('j');
  await session.waitFor((lines) => lines.some((line) => line.startsWith(`> ${ids[1]}`)));
  session.keys('q');
  expect((await session.waitForExit()).exitCode).toBe(0);
  expect(session.raw()).not.toContain('\u001b');
});

const tidiers: (() => void)[] = [];
afterEach(() => {
  for (const tidy of tidiers.splice(0)) tidy();
});

test.skipIf(!isThere('tmux'))('in tmux, beside another pane and alone again', async () => {
  const {root, ids} = makeCatalog();
  const server = `${temporaryDirectory()}/tmux`;
  const tmux = (...args: string[]): string =>
    execFileSync('tmux', ['-S', server, ...args], {encoding: 'utf8', env: {...process.env, TMUX: ''}});
  tidiers.push(() => tmux('kill-server'));
  const session = await openTerminal([], {
    columns: 161,
    rows: 30,
    shell: `exec tmux -u -S ${server} -f /dev/null new-session "$MAGDS --root ${root}; exec bash --norc"`,
  });
  await session.waitFor(settled);
  const alone = timeless(session);
  tmux('split-window', '-h', 'cat');
  // Header and keys end where the pane does.
  await session.waitFor((lines) => /^ magds > .{60,70}Z .?\u2502/.test(lines[0] ?? ''));
  expect(tmux('capture-pane', '-p', '-t', '0').split('\n')[0]).toMatch(/^ magds > Backups .*\d\d:\d\dZ$/);
  tmux('kill-pane', '-t', '1');
  await session.waitFor(() => timeless(session) === alone);
  session.keys(key.down);
  await session.waitForSelected(ids[1] as string);
});

test.skipIf(!isThere('screen'))(
  'in GNU screen, which has no screen beside the one that was there',
  async () => {
    const {root, ids} = makeCatalog();
    const env = {SCREENDIR: temporaryDirectory()};
    const session = await openTerminal([], {
      env,
      shell: `exec screen -c /dev/null -S magds bash --norc -c "$MAGDS --root ${root}; echo code \\$?; read -r line"`,
    });
    tidiers.push(() =>
      execFileSync('screen', ['-S', 'magds', '-X', 'quit'], {env: {...process.env, ...env}}),
    );
    await session.waitFor(settled);
    session.keys(key.down);
    await session.waitForSelected(ids[1] as string);
    session.resize(100, 30);
    // It moves what was there to the bottom by itself.
    await session.waitFor((lines) => (lines[0] ?? '').length > 90 && /q quit$/.test(lines[29] ?? ''));
    session.keys('q');
    // What is said next does not stand in the middle of the frame.
    await session.waitFor((lines) => lines.includes('code 0') && lines.some((line) => /q quit$/.test(line)));
  },
);
