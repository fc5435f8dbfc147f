import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Every entry below a directory with what a change would show: kind, mode, time, and the bytes of files. */
export function treeState(directory: string): Record<string, string> {
  const entries = fs.readdirSync(directory, {recursive: true, withFileTypes: true});
  const describe = (file: string): string => {
    const stats = fs.lstatSync(file);
    const bytes = stats.isFile() ? createHash('sha256').update(fs.readFileSync(file)).digest('hex') : '';
    return `${stats.mode} ${stats.ino} ${stats.mtimeMs} ${stats.ctimeMs} ${bytes}`;
  };
  const files = [directory, ...entries.map((entry) => path.join(entry.parentPath, entry.name))].toSorted();
  return Object.fromEntries(files.map((file) => [path.relative(directory, file), describe(file)]));
}
