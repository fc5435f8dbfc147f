import fs, {constants} from 'node:fs';
import {closing} from './files.ts';
import {removeFile} from './remove-file.ts';

/**
 * Writes all of it: a full disk may take a part, and say so only the next time.
 * @param position null appends, or goes on where the file stands
 * @param onWritten is told the bytes that are written so far
 */
export function writeAll(
  fd: number,
  data: Uint8Array,
  position: number | null = null,
  onWritten?: (bytes: number) => void,
): void {
  for (let written = 0; written < data.length; onWritten?.(written)) {
    const at = position === null ? null : position + written;
    written += fs.writeSync(fd, data, written, data.length - written, at);
  }
}

/**
 * Makes a file that was not there, its bytes on the disk; nothing of it is left where that fails.
 * @param data all of it, or one piece after the other
 * @param settle gives it its owner and mode, once it is written; else it is the operator's alone
 */
export function writeWhole(
  file: string,
  data: Uint8Array | string | Iterable<Uint8Array>,
  settle?: (fd: number) => void,
): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = fs.openSync(file, flags, 0o600);
  using _ = closing(fd);
  try {
    const whole = typeof data === 'string' ? Buffer.from(data) : data;
    for (const piece of whole instanceof Uint8Array ? [whole] : whole) writeAll(fd, piece);
    settle?.(fd);
    fs.fsyncSync(fd);
  } catch (error) {
    removeFile(file);
    throw error;
  }
}
