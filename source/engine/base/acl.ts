import {spawnSync} from 'node:child_process';
import {errorCode} from './problem.ts';

const attribute = 'system.posix_acl_access';
/** Tag of the entry that says what the file's own group may; its mode shows the mask over all named ones there. */
const groupTag = 0x04;
const headerLength = 4;
const entryLength = 8;

/** What an access control list gives the file's own group (4 read, 2 write, 1 execute). */
function groupIn(list: Buffer): number {
  for (let at = headerLength; at + entryLength <= list.length; at += entryLength)
    if (list.readUInt16LE(at) === groupTag) return list.readUInt16LE(at + 2);
  return 0;
}

/** getfattr writes `\` and three octal digits for what a line cannot hold. */
export const unquote = (name: string): string =>
  Buffer.from(
    name.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
    'latin1',
  ).toString('utf8');

/**
 * What the own groups of files may do that have an access control list: Node cannot tell, and a mode shows the list's mask
 * in its place. Without getfattr none is known.
 * @param directory open: getfattr is given that, and not its name
 */
export function groupRights(directory: number, names: string[]): Map<string, number> {
  if (names.length === 0) return new Map();
  const given = '/proc/self/fd/3';
  const args = ['-h', '-n', attribute, '-e', 'base64', '--absolute-names', '--'];
  const {stdout, error} = spawnSync('getfattr', [...args, ...names.map((name) => `${given}/${name}`)], {
    stdio: ['ignore', 'pipe', 'ignore', directory],
    encoding: 'latin1',
    maxBuffer: 64 * 1024 * 1024,
  });
  // What could not be asked is taken for closed.
  if (error) return new Map(errorCode(error) === 'ENOENT' ? [] : names.map((name) => [name, 0]));
  return new Map(
    stdout.split('\n\n').flatMap((block): [string, number][] => {
      const [, file, list] = /^# file: (.*)\n[^=]+=0s([A-Za-z0-9+/=]+)$/.exec(block.trim()) ?? [];
      return file === undefined || list === undefined
        ? []
        : [[unquote(file).slice(given.length + 1), groupIn(Buffer.from(list, 'base64'))]];
    }),
  );
}
