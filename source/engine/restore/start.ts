import {type ChildProcess, spawn} from 'node:child_process';
import fs, {constants} from 'node:fs';
import {Directory} from '../base/directory.ts';
import {onceMore} from '../base/own-program.ts';
import {runnerWord} from '../base/own-words.ts';
import {openOurs} from '../base/owner.ts';
import {NotStarted, silence, started, startPatience} from '../base/start.ts';
import {readRecord} from '../session/record.ts';
import type {RestoreRequest} from './request.ts';

type Started = {
  /** Whether its process has ended. */
  isGone: () => boolean;
};

/**
 * Starts the process that restores, in a session of its own, so that it outlives the terminal and whoever asked for it
 * (RESTORE.md, "The transaction").
 * @param session its directory, where its log goes
 * @param patience milliseconds in which it has to be up
 * @throws NotStarted
 */
export async function startRestore(
  request: RestoreRequest,
  session: Directory,
  patience = startPatience,
): Promise<Started> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
  const log = openOurs(`${session.path}/restore.log`, flags, session.stats);
  let child: ChildProcess;
  try {
    child = await started(process.execPath, () =>
      spawn(...onceMore(runnerWord), {
        detached: true,
        stdio: ['pipe', log, log, session.fd],
        cwd: '/',
      }),
    );
  } finally {
    fs.closeSync(log);
  }
  let gone = false;
  child.on('exit', () => {
    gone = true;
  });
  // It reads all of it before it does anything; whether it did is seen from its record.
  child.stdin?.on('error', () => {});
  child.stdin?.end(JSON.stringify({...request, descriptor: 3} satisfies RestoreRequest));
  child.unref();
  endIfSilent(child, session, patience);
  return {isGone: () => gone};
}

/** A runtime that cannot make its threads waits for them without end; nothing was begun then that a kill could harm. */
function endIfSilent(child: ChildProcess, {path, name}: Directory, patience: number): void {
  // Of its own: whoever began the restore may have closed his by then.
  const session: Directory = Directory.open(`${path}/.`, name);
  let isOpen = true;
  const close = (): void => {
    clearTimeout(late);
    if (isOpen) session.close();
    isOpen = false;
  };
  const look = (): void => {
    try {
      if (readRecord(session.path).lines.length > 0) return;
      child.kill('SIGKILL');
      const said = `${new NotStarted(process.execPath, silence(patience)).message}\n`;
      fs.appendFileSync(`${session.path}/restore.log`, said);
    } catch {
      // What cannot be looked at is left alone.
    } finally {
      close();
    }
  };
  const late = setTimeout(look, patience);
  late.unref();
  child.once('exit', close);
}
