import fs, {constants, type Stats} from 'node:fs';
import {owns} from './owner.ts';

/**
 * A new file, whole and durable before this returns.
 * @param directory as a path that stays what it is
 * @param owner to whom it belongs
 * @param mode permission bits
 * @throws the system call's error; EEXIST where something has that name
 */
export function writeNewFile(
  directory: string,
  name: string,
  data: Uint8Array,
  owner: Pick<Stats, 'uid' | 'gid'>,
  mode: number,
): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = fs.openSync(`${directory}/${name}`, flags, 0o600);
  try {
    for (let written = 0; written < data.length; ) written += fs.writeSync(fd, data, written);
    owns(fd, owner, mode);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
