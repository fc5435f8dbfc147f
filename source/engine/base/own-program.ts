import {isSea} from 'node:sea';
import {Worker} from 'node:worker_threads';

/** The file that this program is: the executable, which holds its runtime, or what a runtime was given. */
export const programFile = (): string => (isSea() ? process.execPath : (process.argv[1] ?? ''));

/** How this program is started once more, by the same runtime. @param word that it is given */
export const onceMore = (word: string): [file: string, args: string[]] => [
  process.execPath,
  isSea() ? [word] : [programFile(), word],
];

const watchdog = `const {workerData} = require('node:worker_threads');
setInterval(() => process.ppid === workerData || process.kill(process.pid, 'SIGKILL'), 1000)`;

/** Ends this process once the one that started it is gone: a statement of SQLite's hears nothing else. */
export function endWithParent(): void {
  const resourceLimits = {maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1};
  new Worker(watchdog, {eval: true, workerData: process.ppid, resourceLimits}).unref();
}
