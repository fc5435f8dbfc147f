import fs from 'node:fs';
import {expect, test} from 'vitest';
import {key} from '../support/key-codes.ts';
import {makeCatalog} from '../support/six-backups.ts';
import {openTerminal, type Session} from '../support/terminal.ts';

/** A minute may pass. */
const timeless = (lines: string[]): string => lines.join('\n').replace(/\d\d:\d\dZ/, '00:00Z');

/** What the program shows when it is opened at this size: what it has to show however the window came to be so. */
async function fresh(root: string, columns: number, rows: number): Promise<string> {
  const session = await openTerminal(['--root', root], {columns, rows});
  await settled(session);
  const shown = timeless(session.screen());
  session.close();
  return shown;
}

/** The configuration has been read, and every backup. */
const settled = ({waitFor}: Session) => waitFor(/DEVELOPMENT[\s\S]*unreadable[\s\S]*q quit/);

const shows = (session: Session, wanted: string) => session.waitFor((lines) => timeless(lines) === wanted);

test('a window of another size shows what it shows when it is opened so', async () => {
  const {root, ids} = makeCatalog();
  const narrow = await fresh(root, 80, 24);
  const wide = await fresh(root, 100, 30);
  const session = await openTerminal(['--root', root], {columns: 90, rows: 24});
  await session.waitForSelected(ids[0] as string);
  await settled(session);
  session.resize(80, 24);
  await shows(session, narrow);
  session.resize(100, 30);
  await shows(session, wide);
  session.resize(80, 24);
  await shows(session, narrow);
  expect(session.terminal.buffer.active.type).toBe('alternate');
});

test('what somebody else wrote goes with Ctrl+L, and with a change of screens', async () => {
  const {root} = makeCatalog();
  const wanted = await fresh(root, 80, 24);
  const session = await openTerminal(['--root', root]);
  await shows(session, wanted);
  const {terminal, keys, screen, waitFor, pty} = session;
  // Node would open its debugger; and what is at work can be told by its arguments.
  process.kill(pty.pid, 'SIGUSR1');
  expect(fs.readFileSync(`/proc/${pty.pid}/cmdline`, 'latin1')).toContain(root);
  const wall = (): Promise<void> =>
    new Promise((resolve) => {
      // It scrolls, it is bold, it inserts, and only a part of the screen scrolls from then on.
      terminal.write(`\u001b[1m${'\r\nBroadcast message'.repeat(40)}\u001b[3;9r\u001b[4h`, resolve);
    });
  await wall();
  expect(screen().join('\n')).toContain('Broadcast');
  keys('\u000c');
  await shows(session, wanted);
  await wall();
  keys('?');
  await waitFor((lines) => /Help/.test(lines[0] ?? '') && !lines.join('\n').includes('Broadcast'));
  keys(key.escape);
  await shows(session, wanted);
  expect(session.raw()).not.toContain('Debugger');
});

test('a window that became smaller while the program was stopped', async () => {
  const {root, ids} = makeCatalog();
  const narrow = await fresh(root, 80, 24);
  const wide = await fresh(root, 100, 30);
  const session = await openTerminal([], {
    columns: 100,
    rows: 30,
    shell: `set -m; $MAGDS --root ${root}; ${'echo "stopped $?"; read -r line; fg; '.repeat(3)} echo over`,
  });
  const {keys, waitFor} = session;
  await session.waitForSelected(ids[0] as string);
  await shows(session, wide);
  const pid = Number(fs.readFileSync(`/proc/${session.pty.pid}/task/${session.pty.pid}/children`, 'utf8'));
  keys(key.ctrlZ);
  await waitFor(/stopped 148/);
  session.resize(80, 24);
  keys('\r');
  await shows(session, narrow);
  process.kill(pid, 'SIGTSTP');
  await waitFor((lines) => lines.filter((line) => line === 'stopped 148').length === 2);
  expect(session.terminal.buffer.active.type).toBe('normal');
  session.resize(100, 30);
  keys('\r');
  await shows(session, wide);
  // Nobody can hand the terminal back before that.
  process.kill(pid, 'SIGSTOP');
  await waitFor(/stopped 147/);
  session.resize(80, 24);
  keys('\r');
  await shows(session, narrow);
  keys('q');
  await waitFor('over');
});
