import {execFileSync} from 'node:child_process';
import {copyFileSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';

/** The runtime that this is run by, which is the pinned one. */
const runtime = process.execPath;

/** Its licence, which goes wherever it goes. */
export function runtimeLicence(): string {
  const {resolve} = createRequire(createRequire(import.meta.url).resolve('node/package.json'));
  return path.join(path.dirname(resolve(`node-linux-${process.arch}/package.json`)), 'LICENSE');
}

/** Runs a program of the system. @throws Error that says which package has it */
export function runTool(file: string, args: string[], from: string, env: NodeJS.ProcessEnv = {}): string {
  try {
    return execFileSync(file, args, {encoding: 'utf8', env: {...process.env, ...env}, maxBuffer: 2 ** 26});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(`${file} is not installed: it is in the package ${from}`);
  }
}

/** Makes the standalone executable: the runtime, without its symbols, with the bundle in it, already compiled. */
export function makeExecutable(output: string, scratch: string): void {
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
      assets: {'runtime-license': runtimeLicence()},
    }),
  );
  // Seeded, or what is compiled lies in another order in every build.
  // One that is running cannot be written over.
  rmSync(output, {force: true});
  runTool(runtime, ['--random-seed=1', '--build-sea', settings], 'node');
}
