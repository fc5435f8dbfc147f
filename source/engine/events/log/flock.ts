import {spawn} from 'node:child_process';
import {describeError, errorCode} from '../../problem.ts';

/** Seconds that another writer may take; the kernel's own takes milliseconds. */
const patience = 5;

/**
 * Takes the lock that PHP's flock() takes, on the open file itself; it ends when that is closed. Node has none of its
 * own: flock(1) takes it on the descriptor that it inherits, and it stays with whoever opened the file.
 * @throws where it cannot be had within 5 seconds
 */
export const takeFlock = (fd: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('flock', ['-x', '-w', String(patience), '3'], {
      stdio: ['ignore', 'ignore', 'ignore', fd],
      // What is typed at the terminal, such as Ctrl-C, is for us: what has happened is told all the same.
      detached: true,
    });
    child.on('error', (error) => {
      const why =
        errorCode(error) === 'ENOENT' ? 'is not installed' : `cannot be run: ${describeError(error)}`;
      reject(new Error(`flock (package util-linux) ${why}`));
    });
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else if (code === 1)
        reject(new Error(`another process has held its lock for ${patience} seconds ("lslocks" says which)`));
      else reject(new Error(`flock (package util-linux) failed with ${code ?? signal}`));
    });
  });
