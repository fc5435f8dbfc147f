import fs from 'node:fs';
import os from 'node:os';
import {expect, test} from 'vitest';
import {makeBackup, makeRoot} from '../support/backups.ts';
import {key} from '../support/key-codes.ts';
import {makeSparseBackup} from '../support/sparse.ts';
import {eventually, isAlive, openTerminal} from '../support/terminal.ts';

const id = '20261123_100000_nightly';

function makePlace(): string {
  const {root, backups} = makeRoot();
  makeBackup({backups, id});
  return root;
}

/** What a shell needs back: its own screen, the cursor, ordinary paste. */
function expectRestored({terminal, raw}: Awaited<ReturnType<typeof openTerminal>>): void {
  expect(terminal.buffer.active.type).toBe('normal');
  expect(raw().lastIndexOf('\u001b[?25h')).toBeGreaterThan(raw().lastIndexOf('\u001b[?25l'));
  expect(terminal.modes.bracketedPasteMode).toBe(false);
}

test('q gives the terminal back as it was, and what was there before is still there', async () => {
  const root = makePlace();
  const session = await openTerminal([], {
    shell: `echo before; $MAGDS --root ${root}; echo "code $?"; stty -a`,
  });
  await session.waitForSelected(id);
  expect(session.terminal.buffer.active.type).toBe('alternate');
  session.keys('q');
  await session.waitFor(/code 0[\s\S]*[^-]icanon/);
  await session.waitFor(/before[\s\S]*[^-]echo\b/);
  expectRestored(session);
});

test('Ctrl+C quits when it is pressed again after the warning', async () => {
  const session = await openTerminal(['--root', makePlace()]);
  await session.waitForSelected(id);
  session.keys(key.ctrlC);
  await session.waitFor(/Ctrl\+C again/);
  session.keys(key.ctrlC);
  await session.waitForExit();
  expectRestored(session);
});

test('two Ctrl+C of one chunk do not quit: the warning was not seen', async () => {
  const {waitFor, waitForSelected, keys, pty} = await openTerminal(['--root', makePlace()]);
  await waitForSelected(id);
  keys(key.ctrlC.repeat(3));
  await waitFor(/Ctrl\+C again/);
  expect(isAlive(pty.pid)).toBe(true);
  keys('?');
  await waitFor(/Help/);
});

test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
  '%s ends it, with the terminal as it was',
  async (signal) => {
    const session = await openTerminal(['--root', makePlace()]);
    await session.waitForSelected(id);
    process.kill(session.pty.pid, signal);
    expect((await session.waitForExit()).exitCode).toBe(128 + os.constants.signals[signal]);
    expectRestored(session);
  },
);

test('SIGTERM ends it in the middle of a verification too', async () => {
  const {root, backups} = makeRoot();
  makeSparseBackup(backups, id);
  const session = await openTerminal(['--root', root]);
  await session.waitForSelected(id);
  session.keys('v');
  await session.waitFor(/archive .*reading/);
  process.kill(session.pty.pid, 'SIGTERM');
  expect((await session.waitForExit()).exitCode).toBe(143);
  expectRestored(session);
});

test.each(['q', 'SIGTERM'] as const)('the demonstration goes with the app: %s', async (how) => {
  const session = await openTerminal(['demo'], {columns: 120});
  const header = (await session.waitFor(/magds > Backups/))[0] ?? '';
  const directory = /\/\S*magds-demo-\S+/.exec(header)?.[0] ?? '';
  expect(fs.existsSync(directory)).toBe(true);
  await session.waitFor(/Enter compares the\s+chosen backup/);
  if (how === 'q') {
    // What is to be found in it: from the list to the very rows, and back.
    session.keys('jj\r');
    await session.waitFor(/pre-release +against live[\s\S]*! differs/);
    session.keys('jj\r');
    await session.waitFor(/> accounts +6000 \/ 6000 +id +! \d+ differ/);
    session.keys('\r');
    await session.waitFor(/ ! 3 +balance \d+ -> 0/);
    for (const screen of [/> accounts/, /> ledger/, /magds > Backups /]) {
      session.keys(key.escape);
      await session.waitFor(screen);
    }
    session.keys('q');
  } else process.kill(session.pty.pid, how);
  await session.waitForExit();
  expect(fs.existsSync(directory)).toBe(false);
});

/** Closes the other end, as a lost connection does. */
const hangUp = ({pty}: Awaited<ReturnType<typeof openTerminal>>) =>
  (pty as unknown as {destroy(): void}).destroy();

test('a lost connection leaves no process behind', async () => {
  const session = await openTerminal(['--root', makePlace()]);
  await session.waitForSelected(id);
  hangUp(session);
  expect(await eventually(() => !isAlive(session.pty.pid))).toBe(true);
});

test('a lost connection leaves none behind even if nobody passes the hang-up on', async () => {
  const shell = `trap '' HUP; $MAGDS --root ${makePlace()} & echo "pid $!"; fg`;
  const session = await openTerminal([], {shell: `set -m; ${shell}`});
  const pidOf = (lines: string[]) => Number(/pid (\d+)/.exec(lines.join('\n'))?.[1]);
  await session.waitForSelected(id);
  const pid = pidOf(session.raw().split('\r\n'));
  expect(isAlive(pid)).toBe(true);
  hangUp(session);
  expect(await eventually(() => !isAlive(pid))).toBe(true);
});

test('Ctrl+Z gives the shell back, and fg brings the screen back', async () => {
  const session = await openTerminal([], {
    shell: `set -m; $MAGDS --root ${makePlace()}; echo "stopped $?"; read -r line; fg; echo over`,
  });
  await session.waitForSelected(id);
  session.keys(key.ctrlZ);
  await session.waitFor(/stopped 148/);
  expectRestored(session);
  session.keys('\r');
  await session.waitForSelected(id);
  session.keys('?');
  await session.waitFor(/Help/);
  session.keys('qq');
  await session.waitFor('over');
  // Nothing of it was painted among what the shell says.
  expect(session.screen().join('\n')).not.toContain('BACKUP (UTC)');
});

test('Ctrl+Z where no shell could bring it back does not lose the screen', async () => {
  const session = await openTerminal(['--root', makePlace()]);
  await session.waitForSelected(id);
  session.keys(key.ctrlZ);
  session.keys('?');
  await session.waitFor(/Help/);
});
