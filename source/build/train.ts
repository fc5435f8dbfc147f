import {mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {makeDemo} from '../engine/demo/make-demo.ts';
import {runTool} from './run-tool.ts';
import {sums} from './tree.ts';

/** Seeded, or what is compiled lies in another order in every build. */
const trainer = ['--random-seed=1', path.resolve('source/build/trainer.cjs')];

/** Always the same backups, whenever they are made. Seconds since the epoch. */
const madeAt = 1_790_000_000;

/**
 * What an operator does first. Each leaves what V8 has compiled to the next one. What goes on in more than one thread is none
 * of them, nor is the app: no two runs are quite alike, and the same commit has to give the same bytes. Of those there is what
 * V8 compiles of a file that it reads.
 */
const lessons = (root: string): string[][] => [
  ['command', '--version'],
  ['command', 'backup', 'list', '--root', root],
  ['command', 'backup', 'list', '--json', '--root', root],
  ['again'],
];

/** It takes two or three; each that is not the last one adds something. */
const mostRounds = 10;

/** Nothing of who builds it. */
const env = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
};

/**
 * Runs commands, for V8 to compile what of them is used at once: what lies compiled in the executable it need not compile at
 * every start. It is repeated until nothing is added.
 * @returns the files that go into the executable, by their names
 */
export async function train(pieces: Map<string, string>, scratch: string): Promise<Record<string, string>> {
  const place = path.resolve(scratch, 'parts');
  rmSync(place, {recursive: true, force: true});
  mkdirSync(place);
  for (const [name, text] of pieces) {
    writeFileSync(`${place}/${name}`, `(function(module,require,__filename){${text}\n})`);
    writeFileSync(`${place}/${name}.compiled`, '');
  }
  const root = path.resolve(scratch, 'demo');
  rmSync(root, {recursive: true, force: true});
  await makeDemo(root, madeAt);
  let before = '';
  for (let round = 1, known = sums('sha256', place); known !== before; round++) {
    if (round > mostRounds)
      throw new Error(`V8 compiles something else each time: ${mostRounds} rounds were too few`);
    before = known;
    for (const words of lessons(root)) runTool(process.execPath, [...trainer, place, ...words], 'node', env);
    known = sums('sha256', place);
  }
  return Object.fromEntries(readdirSync(place).map((name) => [name, `${place}/${name}`]));
}
