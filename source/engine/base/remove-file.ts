import fs from 'node:fs';
import {seenAt} from './files.ts';
import {errorCode} from './problem.ts';

/**
 * Removes a file; that it is not there is all right. `fs.rmSync` does too, but what it throws carries no error code, so
 * that it cannot be said in words what happened.
 */
export function removeFile(file: string): void {
  try {
    fs.unlinkSync(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    // A read-only file system says so before it looks.
    if (seenAt(file)) throw error;
  }
}
