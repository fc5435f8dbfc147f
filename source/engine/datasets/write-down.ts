import fs, {constants} from 'node:fs';
import {closing} from '../base/files.ts';
import {owns} from '../base/owner.ts';
import {fileTime} from '../base/php-date.ts';
import {describeError, exitCode, NewFileError, Problem, reasonOf} from '../base/problem.ts';
import {removeFile} from '../base/remove-file.ts';
import {type Attributes, octal} from '../hashing/attributes.ts';
import type {Pool} from '../hashing/pool.ts';
import type {CopyFacts} from '../storage/manifest/facts.ts';
import type {Produced, ProduceTask} from './type.ts';

/** A file that is to be written, and how it is hashed. */
export type NewFile = {
  /** Its directory, as a path that stays what it is, and its name there. */
  to: string;
  as: string;
  /** To whom it belongs. */
  owner: {uid: number; gid: number};
  algorithm: string;
  pool: Pool;
  signal: AbortSignal;
};

/**
 * Has something write into a new file for its owner alone, such as a client of a server; makes that durable, and hashes it.
 * @param write is given the file, and says of what time the data are
 * @throws NewFileError where the file is to blame; Problem
 */
export async function writeNewFile<Said extends {at: Date}>(
  {to, as, owner, algorithm, pool, signal}: NewFile,
  write: (fd: number) => Promise<Said>,
): Promise<Said & {hash: string; bytes: number; attributes: Attributes}> {
  const {O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR} = constants;
  let fd: number;
  try {
    fd = fs.openSync(`${to}/${as}`, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR, 0o600);
  } catch (error) {
    throw new NewFileError(describeError(error));
  }
  using _ = closing(fd);
  const said = await write(fd);
  owns(fd, owner, 0o600);
  // It is the writer's to say that it is done; that it is on the disk is ours.
  await new Promise<void>((resolve, reject) => {
    fs.fsync(fd, (error) => (error ? reject(new NewFileError(describeError(error))) : resolve()));
  });
  const hashed = await pool.hash({directory: `${to}/.`, segments: [as], algorithm}, signal).result;
  if (hashed.status === 'cancelled') throw new Problem(exitCode.cancelled, 'Cancelled.');
  if (hashed.status !== 'read') throw new NewFileError(hashed.reason);
  const {uid, gid} = owner;
  const mtime = fileTime(BigInt(said.at.getTime()) * 1_000_000n);
  return {
    ...said,
    hash: hashed.hash,
    bytes: hashed.bytes,
    attributes: {mode: octal(0o600), uid, gid, mtime},
  };
}

/** A copy that a dataset type writes down itself, as `produce` makes one: what is left of one that failed is removed. */
export async function writeDown(
  task: ProduceTask,
  write: (fd: number) => Promise<{facts: CopyFacts; at: Date}>,
): Promise<Produced> {
  const failed = (status: 'failed' | 'unreadable' | 'cancelled', reason: string): Produced => {
    removeFile(`${task.to}/${task.as}`);
    return {result: {status, reason}, doubt: null};
  };
  try {
    const {facts, hash, bytes, attributes} = await writeNewFile(task, write);
    return {result: {status: 'copied', hash, bytes, attributes, changed: false}, doubt: null, facts};
  } catch (error) {
    if (task.signal.aborted) return failed('cancelled', 'cancelled');
    if (error instanceof NewFileError) return failed('failed', error.message);
    return failed('unreadable', reasonOf(error));
  }
}
