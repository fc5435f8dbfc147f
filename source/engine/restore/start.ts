import {spawn} from 'node:child_process';
import fs, {constants} from 'node:fs';
import {openOurs} from '../owner.ts';
import type {Directory} from '../runbook/directory.ts';
import type {RestoreRequest} from './request.ts';
import {runnerWord} from './runner-word.ts';

export type Started = {
  /** Whether its process has ended. */
  isGone: () => boolean;
};

/**
 * Starts the process that restores, in a session of its own, so that it outlives the terminal and whoever asked for it
 * (RESTORE.md, "The transaction").
 * @param session its directory, where its log goes
 */
export function startRestore(request: RestoreRequest, session: Directory): Started {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
  const log = openOurs(`${session.path}/restore.log`, flags, session.stats);
  try {
    const child = spawn(process.execPath, [process.argv[1] as string, runnerWord], {
      detached: true,
      stdio: ['pipe', log, log, session.fd],
      cwd: '/',
    });
    let gone = false;
    const end = (): void => {
      gone = true;
    };
    child.on('exit', end);
    child.on('error', end);
    // It reads all of it before it does anything; whether it did is seen from its record.
    child.stdin?.on('error', () => {});
    child.stdin?.end(JSON.stringify({...request, descriptor: 3} satisfies RestoreRequest));
    child.unref();
    return {isGone: () => gone};
  } finally {
    fs.closeSync(log);
  }
}
