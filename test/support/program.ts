import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const project = path.resolve(import.meta.dirname, '../..');

/** The pinned runtime. */
export const runtime = path.join(project, 'node_modules/.bin/node');

/** A program to test in the place of the bundle: an executable, or what a package has installed, which is a link. */
const given = process.env['MAGDS_BIN'];
export const program =
  given === undefined ? path.join(project, 'dist/magds.js') : fs.realpathSync(path.resolve(given));

/** By itself what npm has installed is run by the first node on the PATH, which under cron may be an old one. */
export const isScript = program.endsWith('.js');

/** What runs the program: the pinned runtime, or nothing but a word that runs what comes behind it. */
export const node = isScript ? runtime : '/usr/bin/env';

/** How a run of the program ended. */
export type Outcome = {code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string};

function newest(directory: string): number {
  return fs.readdirSync(directory, {withFileTypes: true}).reduce((time, entry) => {
    const full = path.join(directory, entry.name);
    return Math.max(time, entry.isDirectory() ? newest(full) : fs.statSync(full).mtimeMs);
  }, 0);
}

const isCurrent = () =>
  (fs.statSync(program, {throwIfNoEntry: false})?.mtimeMs ?? 0) >= newest(path.join(project, 'source'));

/** Test files run at the same time: one of them builds, the others wait for it. */
function build(): void {
  const lock = path.join(project, 'dist/.building');
  fs.mkdirSync(path.dirname(lock), {recursive: true});
  const deadline = Date.now() + 30_000;
  while (!isCurrent()) {
    try {
      fs.mkdirSync(lock);
    } catch {
      if (Date.now() > deadline) throw new Error(`${lock} is in the way: no other build finished`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      continue;
    }
    try {
      if (!isCurrent()) execFileSync(runtime, ['source/build/build.ts'], {cwd: project, stdio: 'pipe'});
    } finally {
      fs.rmdirSync(lock);
    }
    return;
  }
}

if (given === undefined) build();

/** Nothing of whoever runs the tests leaks into the program. */
export const environment: Record<string, string> = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  // It is compiled once, not by each of thousands of runs.
  NODE_COMPILE_CACHE: path.join(project, 'node_modules/.cache/magds-tests'),
};
