import fs, {constants} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Gives a tool that takes no second input a private file with these bytes, which is removed once it is done.
 * @param use is given the file's path
 * @throws the system call's error where it cannot be made
 */
export async function withTemporaryFile<T>(data: Uint8Array, use: (file: string) => Promise<T>): Promise<T> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'magds-evidence-'));
  try {
    const file = `${directory}/data`;
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const fd = fs.openSync(file, flags, 0o600);
    try {
      fs.writeFileSync(fd, data);
    } finally {
      fs.closeSync(fd);
    }
    return await use(file);
  } finally {
    fs.rmSync(directory, {recursive: true, force: true});
  }
}
