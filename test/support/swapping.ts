import {spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {runtime} from './program.ts';

/** The web user's number on Debian. */
export const webUser = 33;

/** Gives a tree to the web user, links as they are. */
export function giveAway(tree: string): void {
  fs.lchownSync(tree, webUser, webUser);
  if (!fs.lstatSync(tree).isDirectory()) return;
  for (const name of fs.readdirSync(tree)) giveAway(path.join(tree, name));
}

/**
 * The web user exchanges two names for as long as the action takes, as fast as he can: `name` is now what it was, now
 * what lies at `other`.
 */
export async function whileSwapped<T>(name: string, other: string, action: () => T | Promise<T>): Promise<T> {
  const script = `
    const fs = require('node:fs');
    process.setgid(${webUser}); process.setuid(${webUser});
    const [name, other] = ${JSON.stringify([name, other])};
    process.stdout.write('ready');
    const move = (from, to) => { try { fs.renameSync(from, to); } catch {} };
    for (;;) { move(name, name + '.1'); move(other, name); move(name, other); move(name + '.1', name); }`;
  const child = spawn(runtime, ['-e', script], {stdio: ['ignore', 'pipe', 'inherit'], cwd: '/'});
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    return await action();
  } finally {
    child.kill('SIGKILL');
    await ended;
    const isThere = (file: string): boolean => fs.lstatSync(file, {throwIfNoEntry: false}) !== undefined;
    // As it was, where he was stopped halfway and nobody else has put anything there meanwhile.
    if (isThere(`${name}.1`)) {
      if (isThere(name) && !isThere(other)) fs.renameSync(name, other);
      if (!isThere(name)) fs.renameSync(`${name}.1`, name);
    }
  }
}
