import fs from 'node:fs';

/** Whether the last line of an open file was cut short by a kill: what is appended is not to be a part of that. */
export function isTorn(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size > 0 && fs.readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
}

/** The whole lines of a file as they are on the disk, without their line breaks, and what is left of a torn one. */
export function splitLines(data: Buffer): {lines: Buffer[]; torn: Buffer} {
  const lines: Buffer[] = [];
  let from = 0;
  for (let end = data.indexOf(0x0a); end !== -1; end = data.indexOf(0x0a, from)) {
    lines.push(data.subarray(from, end));
    from = end + 1;
  }
  return {lines, torn: data.subarray(from)};
}
