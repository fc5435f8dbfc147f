import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {flockName} from '../../runbook/lock-file.ts';
import {started} from '../../start.ts';

/** Seconds that another writer may take; the kernel's own takes milliseconds. */
const patience = 5;

/**
 * Takes the lock that PHP's flock() takes, on the open file itself; it ends when that is closed. Node has none of its
 * own: flock(1) takes it on the descriptor that it inherits, and it stays with whoever opened the file.
 * @throws where it cannot be had within 5 seconds
 */
export async function takeFlock(fd: number): Promise<void> {
  const child = await started(flockName, () =>
    spawn('flock', ['-x', '-w', String(patience), '3'], {
      stdio: ['ignore', 'ignore', 'ignore', fd],
      // What is typed at the terminal, such as Ctrl-C, is for us: what has happened is told all the same.
      detached: true,
    }),
  );
  const [code, signal] = await once(child, 'exit');
  if (code === 0) return;
  if (code !== 1) throw new Error(`${flockName} failed with ${code ?? signal}`);
  throw new Error(`another process has held its lock for ${patience} seconds ("lslocks" says which)`);
}
