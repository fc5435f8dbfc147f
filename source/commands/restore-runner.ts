import fs from 'node:fs';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {readRequest} from '../engine/restore/request.ts';
import {runRestore} from '../engine/restore/runner.ts';

/**
 * The process that restores. It is told what to do on its standard input, and says what it did in the session's record;
 * nobody may be there to hear it.
 * @throws Problem where it was not told, or not all of it
 */
export async function runner(): Promise<ExitCode> {
  // What a terminal, or the end of the machine, sends must not leave files half old, half new.
  for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(name, () => {});
  const request = readRequest(fs.readFileSync(0).toString('utf8'));
  if (!request) throw new Problem(exitCode.usage, 'This is called by "magds restore" only.');
  const {exit} = await runRestore(request);
  return exit;
}
