import {execFileSync} from 'node:child_process';

/** Runs a program of the system. @throws Error that says which package has it */
export function runTool(file: string, args: string[], from: string, env: NodeJS.ProcessEnv = {}): string {
  try {
    return execFileSync(file, args, {encoding: 'utf8', env: {...process.env, ...env}, maxBuffer: 2 ** 26});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(`${file} is not installed: it is in the package ${from}`);
  }
}
