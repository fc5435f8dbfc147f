import {copyFileSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {runTool} from './run-tool.ts';
import {train} from './train.ts';

/** The runtime that this is run by, which is the pinned one. */
const runtime = process.execPath;

/** Its licence, which goes wherever it goes. */
export function runtimeLicence(): string {
  const {resolve} = createRequire(createRequire(import.meta.url).resolve('node/package.json'));
  return path.join(path.dirname(resolve(`node-linux-${process.arch}/package.json`)), 'LICENSE');
}

/** Makes the standalone executable: the runtime, without its symbols, with the program in it, already compiled. */
export async function makeExecutable(
  output: string,
  pieces: Map<string, string>,
  scratch: string,
): Promise<void> {
  const stripped = path.join(scratch, 'runtime');
  copyFileSync(runtime, stripped);
  // Before the bundle goes in: a strip afterwards would take it out again.
  runTool('strip', [stripped], 'binutils');
  const settings = path.join(scratch, 'executable.json');
  writeFileSync(
    settings,
    JSON.stringify({
      main: 'source/build/start-executable.cjs',
      output,
      executable: stripped,
      disableExperimentalSEAWarning: true,
      // What NODE_OPTIONS says is for other programs of the server.
      execArgvExtension: 'none',
      assets: {'runtime-license': runtimeLicence(), ...(await train(pieces, scratch))},
    }),
  );
  // One that is running cannot be written over.
  rmSync(output, {force: true});
  runTool(runtime, ['--build-sea', settings], 'node');
}
