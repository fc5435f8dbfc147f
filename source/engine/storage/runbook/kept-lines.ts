import fs, {constants} from 'node:fs';
import type {Directory} from '../../base/directory.ts';
import {closing, inodeOf, seenAt} from '../../base/files.ts';
import {isTorn} from '../../base/lines.ts';
import {openOurs, owns} from '../../base/owner.ts';
import {writeAll} from '../../base/write-all.ts';

/** Times that lines are appended anew because the file was cut meanwhile. */
const mostAttempts = 10;

const isThere = (fd: number, file: string): boolean => {
  const there = seenAt(file);
  return there !== undefined && inodeOf(there) === inodeOf(fs.fstatSync(fd));
};

/**
 * Appends lines, durable. It needs no lock, which a backup may have for hours: they are written in one piece, behind a
 * line that a kill may have torn, and once more where the file was cut meanwhile. They may then stand there twice.
 * @throws the system call's error
 */
export function appendLines(directory: Directory, name: string, lines: string[], mode: number): void {
  const file = `${directory.path}/${name}`;
  const text = lines.map((line) => `${line}\n`).join('');
  for (let attempt = 1; ; attempt++) {
    const fd = openOurs(file, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, directory.stats);
    using _ = closing(fd);
    const {size} = fs.fstatSync(fd);
    if (size === 0) owns(fd, directory.stats, mode);
    writeAll(fd, Buffer.from(`${isTorn(fd, size) ? '\n' : ''}${text}`));
    fs.fsyncSync(fd);
    if (attempt === mostAttempts || isThere(fd, file)) break;
  }
  directory.sync();
}

/**
 * Cuts a file of lines to those that still count, once it is larger than it has to be. Only the holder of the lock may;
 * what others append meanwhile is carried over.
 * @param above bytes from which on it is worth it
 * @throws the system call's error: it stays as it was
 */
export function cutLines(
  directory: Directory,
  name: string,
  {above, inShort, mode}: {above: number; inShort: () => string[]; mode: number},
): void {
  const file = `${directory.path}/${name}`;
  if ((seenAt(file)?.size ?? 0) <= above) return;
  const fd = openOurs(file, constants.O_RDWR | constants.O_APPEND, directory.stats);
  using _ = closing(fd);
  const {size} = fs.fstatSync(fd);
  const text = inShort()
    .map((line) => `${line}\n`)
    .join('');
  directory.write(name, text, directory.stats, mode);
  const rest = Buffer.alloc(fs.fstatSync(fd).size - size);
  fs.readSync(fd, rest, 0, rest.length, size);
  const late = rest.toString('utf8').split('\n').filter(Boolean);
  if (late.length > 0) appendLines(directory, name, late, mode);
  directory.sync();
}
