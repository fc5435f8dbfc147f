import fs from 'node:fs';
import {type BuiltBackup, makeBackup} from './backups.ts';

/** A backup whose copy takes minutes to read and no room: a hole. */
export function makeSparseBackup(backups: string, id: string): BuiltBackup {
  const built = makeBackup({backups, id, datasets: [{name: 'archive', file: 'archive.bin'}]});
  fs.truncateSync(built.copy('archive'), 200 * 1024 ** 3);
  return built;
}
