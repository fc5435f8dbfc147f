import type {Stats} from 'node:fs';
import {allocatedOf} from '../base/files.ts';
import {sqlite} from './sqlite.ts';
import type {SourceFile} from './type.ts';

/**
 * A live file, with what has its data written down where it is a database.
 * @param file its path
 * @param isSuspect whether it is worth opening it to see if it is one
 */
export function liveFile(
  at: Pick<SourceFile, 'name' | 'segments' | 'below'>,
  file: string,
  stats: Stats,
  isSuspect: boolean,
): SourceFile {
  const isDatabase = isSuspect && sqlite.begins(file);
  return {
    ...at,
    bytes: stats.size,
    allocated: allocatedOf(stats) + (isDatabase ? sqlite.bytesBeside(file) : 0),
    produce: isDatabase ? sqlite.produce : null,
  };
}
