import fs from 'node:fs';
import {afterTheEnd, JsonChecker} from '../base/json-checker.ts';
import {type Finding, shorten} from '../storage/content.ts';

/** Bytes a read. */
const blockSize = 256 * 1024;

/**
 * Whether an open file is one JSON text.
 * @param size that it had when it was looked at: what grows without end is not read without end
 * @param sure false where it only begins like JSON: lines of JSON are then no fault
 * @returns null where it turns out to be none
 * @throws the system call's error
 */
export function checkJson(fd: number, size: number, sure: boolean): Finding | null {
  const checker = new JsonChecker();
  const block = Buffer.allocUnsafe(blockSize);
  for (let at = 0; at < size; ) {
    const count = fs.readSync(fd, block, 0, Math.min(blockSize, size - at), at);
    if (count === 0 || !checker.write(block.subarray(0, count))) break;
    at += count;
  }
  const flaw = checker.end();
  const finding = {kind: 'json', check: 'parse'} as const;
  if (flaw === null) {
    const {twice} = checker;
    const detail =
      twice && `the key "${shorten(twice.key, 60)}" twice, line ${twice.line}: readers keep the last`;
    return {...finding, state: 'sound', detail};
  }
  if (!sure && flaw.message === afterTheEnd) return null;
  if (size === 0) return {...finding, state: 'broken', detail: 'it is empty'};
  return {...finding, state: 'broken', detail: `line ${flaw.line}, column ${flaw.column}: ${flaw.message}`};
}
