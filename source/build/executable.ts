import {copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {runTool} from './run-tool.ts';

/** The runtime that this is run by, which is the pinned one. */
const runtime = process.execPath;

/**
 * V8's flags. Without this one it tidies what is new after each megabyte, four times in a list of eight backups. What is
 * compiled with other flags than those of its process is compiled anew.
 */
const flags = ['--min-semi-space-size=16'];

/** The runtime's licence, which goes wherever it goes. */
export function runtimeLicence(): string {
  const {resolve} = createRequire(createRequire(import.meta.url).resolve('node/package.json'));
  return path.join(path.dirname(resolve(`node-linux-${process.arch}/package.json`)), 'LICENSE');
}

/** @returns the files of the program and what V8 compiles of each, by their names */
function compiled(pieces: Map<string, string>, scratch: string): Record<string, string> {
  const place = path.resolve(scratch, 'parts');
  rmSync(place, {recursive: true, force: true});
  mkdirSync(place);
  for (const [name, text] of pieces)
    writeFileSync(`${place}/${name}`, `(function(module,require,__filename){${text}\n})`);
  // Seeded, or what is compiled lies in another order in every build; and with no flags of whoever builds it.
  runTool(runtime, ['--random-seed=1', ...flags, 'source/build/compile.cjs', place], 'node', {
    NODE_OPTIONS: '',
  });
  return Object.fromEntries(readdirSync(place).map((name) => [name, `${place}/${name}`]));
}

/** Makes the standalone executable: the runtime, without its symbols, with the program in it, already compiled. */
export function makeExecutable(output: string, pieces: Map<string, string>, scratch: string): void {
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
      execArgv: flags,
      assets: {'runtime-license': runtimeLicence(), ...compiled(pieces, scratch)},
    }),
  );
  // One that is running cannot be written over.
  rmSync(output, {force: true});
  runTool(runtime, ['--build-sea', settings], 'node');
}
