import path from 'node:path';
import {readSmallFile} from '../base/files.ts';
import {largestBeside} from './approval.ts';
import {type Check, failed, notChecked, ok} from './checks.ts';

const name = 'digest';
const shape = /^([0-9a-f]{64}) [ *](.+)\n$/;

/** Whether `<file>.sha256` is about this file. @param sha256 of the file */
export function checkDigestFile(file: string, sha256: string): Check {
  const beside = `${path.basename(file)}.sha256`;
  const read = readSmallFile(`${file}.sha256`, largestBeside);
  if ('missing' in read) return notChecked(name, `there is no ${beside}`);
  if ('reason' in read) return failed(name, `${beside} ${read.reason}`);
  const [, said, about] = shape.exec(read.data.toString('utf8')) ?? [];
  if (said === undefined || about === undefined)
    return failed(name, `${beside} is not what sha256sum writes: one line, a digest and a name`);
  if (about !== path.basename(file)) return failed(name, `${beside} is about another file: ${about}`);
  if (said === sha256) return ok(name, `the file is the one that ${beside} names`);
  return failed(name, `the file or ${beside} was changed: the file's SHA-256 is ${sha256}`);
}
