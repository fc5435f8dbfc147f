import path from 'node:path';
import {readSmallFile} from '../base/files.ts';
import {type Check, failed, notChecked, ok} from './checks.ts';
import {readTimeStamp, verifyTimeStamp} from './time-stamp.ts';

const name = 'time stamp';

/** Bytes of a reply that are read; certificates are in it. */
export const largestReply = 1024 * 1024;

/**
 * The RFC 3161 time stamp beside a file.
 * @param sha256 of the file
 * @param ca path of the certificates that are trusted; null where none are given
 */
export async function checkTimeStamp(
  file: string,
  sha256: string,
  ca: string | null,
  signal?: AbortSignal,
): Promise<Check> {
  const beside = `${path.basename(file)}.tsr`;
  const read = readSmallFile(`${file}.tsr`, largestReply);
  if ('missing' in read)
    return ca === null
      ? notChecked(name, 'there is none')
      : failed(name, `there is no ${beside}, and --tsa-ca was given`);
  if ('reason' in read) return failed(name, `${beside} ${read.reason}`);
  const stamp = await readTimeStamp(read.data);
  if ('reason' in stamp) return failed(name, `${beside}: ${stamp.reason}`);
  if (stamp.imprint !== sha256)
    return failed(name, `${beside} is over other bytes: it is another file's, or one of them was changed`);
  if (ca === null)
    return notChecked(
      name,
      `${beside} is over this very file and says ${stamp.at}; whose clock that is: --tsa-ca=FILE`,
    );
  const why = await verifyTimeStamp(sha256, read.data, ca, signal);
  return why === null ? ok(name, `the file was there at ${stamp.at}`) : failed(name, `${beside}: ${why}`);
}
