import {execFileSync} from 'node:child_process';
import {copyFileSync, mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';

/** The runtime that this is run by, which is the pinned one, and where its package lies. */
const runtime = process.execPath;

/** Runs a program of the system. @throws Error that says which package has it */
export function runTool(file: string, args: string[], from: string, env: NodeJS.ProcessEnv = {}): string {
  try {
    return execFileSync(file, args, {encoding: 'utf8', env: {...process.env, ...env}, maxBuffer: 2 ** 26});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(`${file} is not installed: it is in the package ${from}`);
  }
}

/**
 * Makes the standalone executable: the runtime, without its symbols, with the bundle in it, already compiled.
 * @param assets files that it carries, by their names
 */
export function makeExecutable(output: string, scratch: string, assets: Record<string, string>): void {
  mkdirSync(scratch, {recursive: true});
  const stripped = path.join(scratch, 'runtime');
  copyFileSync(runtime, stripped);
  // Before the bundle goes in: a strip afterwards would take it out again.
  runTool('strip', [stripped], 'binutils');
  const settings = path.join(scratch, 'executable.json');
  writeFileSync(
    settings,
    JSON.stringify({
      main: 'dist/magds.js',
      mainFormat: 'module',
      output,
      executable: stripped,
      useCodeCache: true,
      disableExperimentalSEAWarning: true,
      // What NODE_OPTIONS says is for other programs of the server.
      execArgvExtension: 'none',
      assets,
    }),
  );
  // Seeded, or what is compiled lies in another order in every build.
  runTool(runtime, ['--random-seed=1', '--build-sea', settings], 'node');
}
