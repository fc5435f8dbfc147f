import fs from 'node:fs';
import path from 'node:path';
import {
  type Cost,
  cost,
  costsInTurn,
  executable,
  minimal,
  node,
  openPty,
  program,
  report,
  scratch,
  times,
} from './support.ts';
import {manyBackups} from './trees.ts';

/** What there is to carry, by what is said of it: what the npm package holds is the bundle. */
const packages: Record<string, {run: string[]; version: number; list: number; frame: number}> = {
  'npm package': {run: [node, program], version: 1.8, list: 3, frame: 1},
  executable: {run: [executable], version: 1.6, list: 2.5, frame: 0.8},
};

/** From the start of the process until the first frame, with its visible rows, has reached the terminal. */
async function firstFrame([file = '', ...args]: string[], mark: string): Promise<Cost> {
  const session = openPty(args, {cols: 100, rows: 30}, file);
  const clock = (await session.until(mark)) / 1000;
  const cpu = session.cpu();
  await session.end();
  return {clock, cpu};
}

/** Commands beside a node that runs an empty file. */
async function commands(runs: number, small: string): Promise<void> {
  const empty = path.join(scratch('empty'), 'empty.cjs');
  fs.writeFileSync(empty, '');
  const measured = await costsInTurn(runs, {
    bare: () => cost(node, [empty]),
    ...Object.fromEntries(
      Object.entries(packages).flatMap(([name, {run}]) => {
        const [file = '', ...args] = run;
        return [
          [`${name} version`, () => cost(file, [...args, '--version'])],
          [`${name} list`, () => cost(file, [...args, 'backup', 'list', '--root', small])],
        ];
      }),
    ),
  });
  report('Commands, beside a node that runs nothing', [
    `bare node ${((measured['bare']?.clock ?? Number.NaN) * 1000).toFixed(0)} ms`,
    ...Object.entries(packages).flatMap(([name, {version, list}]) => [
      times(`${name}, --version`, measured[`${name} version`], measured['bare'], version),
      times(`${name}, backup list of eight`, measured[`${name} list`], measured['bare'], list),
    ]),
  ]);
}

export async function benchStart(runs: number, large: string): Promise<void> {
  const small = scratch('small');
  manyBackups(small, 8, Math.floor(Date.now() / 1000));
  await commands(runs, small);
  // In the details, below the rows; a frame reaches the terminal in one piece.
  const mark = '? unchecked';
  const roots = {'8 backups': small, '10,000 backups': large};
  const frames = Object.entries(packages).flatMap(([name, {run, frame}]) =>
    Object.entries(roots).map(([size, root]) => ({
      name: `${name}, ${size}`,
      limit: frame,
      measure: () => firstFrame([...run, '--root', root], mark),
    })),
  );
  const measured = await costsInTurn(runs, {
    minimal: () => firstFrame([node, minimal], 'minimal is ready'),
    ...Object.fromEntries(frames.map(({name, measure}) => [name, measure])),
  });
  report('First frame in a pseudo-terminal, rows included, beside a minimal Ink program', [
    `minimal Ink program ${((measured['minimal']?.clock ?? Number.NaN) * 1000).toFixed(0)} ms`,
    ...frames.map(({name, limit}) => times(name, measured[name], measured['minimal'], limit)),
  ]);
}
