import fs from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import os from 'node:os';
import threads from 'node:worker_threads';

/**
 * Loaded before the program (`node --import`) when a still is taken: a clock that stands, a host, an operator and a
 * disk, so that a picture changes only when the program does. The program itself is the built one.
 *
 * `STILL_AT` is the time, as ISO 8601. With `STILL_POWER_CUT=N` the process dies just before the Nth rename that puts a
 * restored file in its place.
 */
const at = Date.parse(process.env['STILL_AT'] ?? '');
if (Number.isNaN(at)) throw new Error('STILL_AT has to be a time, such as 2026-11-23T03:00:00Z.');

const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given: [] | [number]) {
    super(given[0] ?? at);
  }
  static override now = (): number => at;
} as DateConstructor;

/** What is loaded before the program is not loaded before its threads. */
const stoppedClock = `const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given) { super(given[0] ?? ${at}); }
  static now = () => ${at};
};
`;
const RealWorker = threads.Worker;
threads.Worker = class extends RealWorker {
  constructor(code: string | URL, options?: threads.WorkerOptions) {
    super(options?.eval === true ? `${stoppedClock}${code}` : code, options);
  }
};

os.hostname = () => 'db-01';
const realUser = os.userInfo;
os.userInfo = (() => ({...realUser(), username: 'amira'})) as typeof os.userInfo;

const gigabyte = 1e9;
const realSpace = fs.statfsSync;
fs.statfsSync = ((path, options) => {
  const space = realSpace(path, options as undefined);
  const blocks = Math.floor((21 * gigabyte) / space.bsize);
  return Object.assign(space, {bavail: blocks, bfree: blocks});
}) as typeof fs.statfsSync;

/** Nobody else is at work on this machine; who takes the picture may see others' processes or not. */
const realList = fs.readdirSync;
fs.readdirSync = ((path: fs.PathLike, ...options: []) =>
  path === '/proc' ? [String(process.pid)] : realList(path, ...options)) as typeof fs.readdirSync;

let untilCut = Number(process.env['STILL_POWER_CUT'] ?? 0);
const realRename = fs.renameSync;
fs.renameSync = (from, to) => {
  if (String(from).endsWith('-new') && --untilCut === 0) process.kill(process.pid, 'SIGKILL');
  realRename(from, to);
};
syncBuiltinESMExports();
