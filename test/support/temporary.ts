import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {tidyAfterEach} from './tidy.ts';

const made: string[] = [];

tidyAfterEach(() => {
  for (const directory of made.splice(0)) fs.rmSync(directory, {recursive: true, force: true});
});

/** A new empty directory, removed after the test that asked for it. Its path holds no link. */
export function temporaryDirectory(): string {
  const directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'magds-test-')));
  made.push(directory);
  return directory;
}

/** A named pipe; whatever opens it for reading without care hangs. */
export function makePipe(file: string): void {
  execFileSync('mkfifo', [file]);
}
