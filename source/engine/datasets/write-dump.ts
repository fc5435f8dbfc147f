import fs, {constants} from 'node:fs';
import {closing} from '../base/files.ts';
import {owns} from '../base/owner.ts';
import {fileTime, phpDate} from '../base/php-date.ts';
import {describeError, exitCode, Problem} from '../base/problem.ts';
import {type Attributes, octal} from '../hashing/attributes.ts';
import type {Pool} from '../hashing/pool.ts';
import {type Connection, serverName} from '../postgres/connection.ts';
import {type Dumped, DumpFileError} from '../postgres/dump.ts';
import {copyNames} from '../storage/manifest/copy-names.ts';
import type {CopyFacts} from '../storage/manifest/facts.ts';

/** A file that a client is to write, and how it is hashed. */
export type ClientFile = {
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
 * Has a client write into a new file for its owner alone, and makes that durable, and hashes it.
 * @throws DumpFileError where the file is to blame; Problem
 */
export async function writeClientFile<Said extends {at: Date}>(
  {to, as, owner, algorithm, pool, signal}: ClientFile,
  write: (fd: number) => Promise<Said>,
): Promise<Said & {hash: string; bytes: number; attributes: Attributes}> {
  const {O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR} = constants;
  let fd: number;
  try {
    fd = fs.openSync(`${to}/${as}`, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR, 0o600);
  } catch (error) {
    throw new DumpFileError(describeError(error));
  }
  using _ = closing(fd);
  const said = await write(fd);
  owns(fd, owner, 0o600);
  // It is the server's to say that it is done; that it is on the disk is ours.
  await new Promise<void>((resolve, reject) => {
    fs.fsync(fd, (error) => (error ? reject(new DumpFileError(describeError(error))) : resolve()));
  });
  const hashed = await pool.hash({directory: `${to}/.`, segments: [as], algorithm}, signal).result;
  if (hashed.status === 'cancelled') throw new Problem(exitCode.cancelled, 'Cancelled.');
  if (hashed.status !== 'read') throw new DumpFileError(hashed.reason);
  const {uid, gid} = owner;
  const mtime = fileTime(BigInt(said.at.getTime()) * 1_000_000n);
  return {
    ...said,
    hash: hashed.hash,
    bytes: hashed.bytes,
    attributes: {mode: octal(0o600), uid, gid, mtime},
  };
}

/** Where it was. @param named its connection in the PHP configuration; null where it has none */
export const placeFacts = (
  connection: Connection,
  named: string | null,
): Pick<CopyFacts, 'type' | 'connection' | 'server'> => ({
  type: 'postgres',
  ...(named !== null && {connection: named}),
  server: serverName(connection),
});

/** What the manifest says of a dump. */
export const dumpFacts = (
  {systemId, serverVersion, toolVersion, snapshotAt, seconds, rows}: Dumped,
  connection: Connection,
  named: string | null,
): CopyFacts => ({
  ...placeFacts(connection, named),
  database: connection.database,
  format: 'custom',
  ...(systemId !== null && {server_id: systemId}),
  server_version: serverVersion,
  tool_version: toolVersion,
  snapshot_at: phpDate(snapshotAt),
  dump_seconds: String(Math.ceil(seconds)),
  rows,
});

/** A dataset's name as the name of a file. */
const plainName = (name: string): string => copyNames([{name, basename: null}])[0]?.[0] ?? 'database';

/** The name of its dump. */
export const dumpName = (name: string): string => `${plainName(name)}.dump`;

/** Where PHP's restore lays it, harmlessly. */
export const dumpSource = (root: string, name: string): string => `${root}/storage/restore/${dumpName(name)}`;
