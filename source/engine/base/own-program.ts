import {isSea} from 'node:sea';
import {fileURLToPath} from 'node:url';
import {Worker} from 'node:worker_threads';

/** Put here by the build. */
declare const MAGDS_VERSION: string | undefined;

/** The file that this program is: the executable, which holds its runtime, or what a runtime was given. */
export const programFile = (): string => (isSea() ? process.execPath : (process.argv[1] ?? ''));

/** How this program is started once more, by the same runtime. @param word that it is given */
export const onceMore = (word: string): [file: string, args: string[]] => [
  process.execPath,
  isSea() ? [word] : [programFile(), word],
];

/**
 * How a process is started that does one thing for this one.
 * @param file that does it, for a program that is run from the source tree
 */
export const ownProcess = (word: string, file: URL): [file: string, args: string[]] =>
  typeof MAGDS_VERSION === 'string' ? onceMore(word) : [process.execPath, [fileURLToPath(file)]];

const watchdog = `const {workerData} = require('node:worker_threads');
setInterval(() => process.ppid === workerData || process.kill(process.pid, 'SIGKILL'), 1000)`;

/** Ends this process once the one that started it is gone: a statement of SQLite's hears nothing else. */
export function endWithParent(): void {
  const resourceLimits = {maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1};
  new Worker(watchdog, {eval: true, workerData: process.ppid, resourceLimits}).unref();
}
