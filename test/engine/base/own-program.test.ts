import {execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import readline from 'node:readline';
import type {Readable} from 'node:stream';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {expect, test} from 'vitest';
import {startOwn} from '../../../source/engine/base/own-program.ts';
import {temporaryDirectory} from '../../support/temporary.ts';
import {eventually, isAlive} from '../../support/terminal.ts';

test.each(['content', 'differences'])(
  'what looks into files (%s) ends once who asked was killed',
  async (room) => {
    const program = fileURLToPath(new URL(`../../../source/engine/${room}/run.ts`, import.meta.url));
    // The way that it was asked stays open, so that it is not told by that.
    const way = `${temporaryDirectory()}/way`;
    execFileSync('mkfifo', [way]);
    const asked = fs.openSync(way, 'r+');
    try {
      const shell = spawn('sh', ['-c', `exec 3<&0; "${process.execPath}" "${program}" <&3 & echo $!; wait`], {
        stdio: [asked, 'pipe', 'ignore'],
      });
      const said = readline.createInterface({input: shell.stdout as Readable})[Symbol.asyncIterator]();
      const pid = Number((await said.next()).value);
      expect((await said.next()).value).toContain('ready');
      shell.kill('SIGKILL');
      expect(await eventually(() => !isAlive(pid))).toBe(true);
    } finally {
      fs.closeSync(asked);
    }
  },
);

test('what was taken over by what it reads, and says a line without end, is ended', async () => {
  const file = `${temporaryDirectory()}/endless.mjs`;
  fs.writeFileSync(
    file,
    "console.log('ready'); const say = () => process.stdout.write('x'.repeat(2 ** 20), say); say();",
  );
  const {signal} = new AbortController();
  const {ended} = await startOwn('content', pathToFileURL(file), {signal});
  expect(await ended).toBe('SIGKILL');
});
