import fs from 'node:fs';
import type {Connection} from './connection.ts';

/**
 * Bytes free where a server of this machine keeps its data.
 * @param directory as the server names it; null where it does not
 * @returns null where it is on another machine, or not ours to see
 */
export function freeOnServer(
  {host, service}: Pick<Connection, 'host' | 'service'>,
  directory: string | null,
): number | null {
  const isHere = service === undefined && (host === undefined || host.startsWith('/'));
  if (!isHere || directory === null) return null;
  try {
    const {bavail, bsize} = fs.statfsSync(directory);
    return bavail * bsize;
  } catch {
    // It is of another user's, or in a container.
    return null;
  }
}
