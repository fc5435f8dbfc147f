import {type ExitCode, exitCode} from '../engine/problem.ts';
import type {Place} from '../engine/root.ts';
export async function startApp(_place: Place, _options: {readOnly: boolean}): Promise<ExitCode> {
  return exitCode.done;
}
