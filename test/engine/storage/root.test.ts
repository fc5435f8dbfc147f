import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {exitCode, Problem} from '../../../source/engine/base/problem.ts';
import {findPlace} from '../../../source/engine/storage/root.ts';
import {makeRoot} from '../../support/backups.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

function refusal(options: Parameters<typeof findPlace>[0]): {exit: number; message: string} {
  try {
    findPlace(options);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return {exit: error.exit, message: error.message};
  }
  throw new Error('a place was found');
}

const marks = 'none of config/base/magds.php, mag, storage/backups';

describe('without a flag', () => {
  test.each(['mag', 'config/base/magds.php', 'storage/backups'])('%s marks a root, from below it', (mark) => {
    const root = temporaryDirectory();
    const cwd = path.join(root, 'public/assets');
    for (const directory of [path.join(root, mark), cwd]) fs.mkdirSync(directory, {recursive: true});
    expect(findPlace({cwd})).toEqual({root, backups: path.join(root, 'storage/backups')});
  });

  test('the nearest root upwards is taken', () => {
    const outer = makeRoot().root;
    const inner = path.join(outer, 'release/1');
    fs.mkdirSync(path.join(inner, 'storage/backups'), {recursive: true});
    expect(findPlace({cwd: path.join(inner, 'storage')}).root).toBe(inner);
  });

  test('no root anywhere says what was looked for', () => {
    const cwd = temporaryDirectory();
    expect(refusal({cwd})).toEqual({
      exit: exitCode.notFound,
      message:
        `No MagMoBoCE project in ${cwd} or above it (${marks}). ` +
        'Go to the project, or name it: --root DIR. To look at a demonstration: magds demo.',
    });
  });

  test.each([
    ['a file', (file: string) => fs.writeFileSync(file, '')],
    ['a link to itself', (file: string) => fs.symlinkSync(file, file)],
  ])('config and storage being %s make no root, and no crash', (_, make) => {
    const cwd = temporaryDirectory();
    for (const name of ['config', 'storage']) make(path.join(cwd, name));
    expect(refusal({cwd}).exit).toBe(exitCode.notFound);
  });
});

describe('--root', () => {
  test('is taken as it is', () => {
    const {root, backups} = makeRoot();
    expect(findPlace({root: `${root}/.`, cwd: '/'})).toEqual({root, backups});
  });

  test('that is no project is refused', () => {
    const root = temporaryDirectory();
    expect(refusal({root, cwd: '/'})).toEqual({
      exit: exitCode.notFound,
      message: `--root ${root}: no project there (${marks}). For a bare directory of backups use --backups.`,
    });
  });

  const cases: [string, (directory: string) => string, string][] = [
    ['is not there', (directory) => `${directory}/absent`, 'not there'],
    ['is a file', (directory) => `${directory}/file`, 'not a directory'],
    ['is below a file', (directory) => `${directory}/file/below`, 'not there'],
    ['has an endless name', (directory) => `${directory}/${'x'.repeat(300)}`, 'the name is too long'],
    ['holds a NUL', (directory) => `${directory}/a\0`, 'the path contains a NUL character'],
  ];
  test.each(cases)('that %s is refused', (_, name, why) => {
    const directory = temporaryDirectory();
    fs.writeFileSync(path.join(directory, 'file'), '');
    const root = name(directory);
    expect(refusal({root, cwd: '/'})).toEqual({
      exit: exitCode.notFound,
      message: `--root ${root}: ${why}. Name the directory of the MagMoBoCE project.`,
    });
  });
});

describe('--backups', () => {
  test('is taken without a root', () => {
    const {backups} = makeRoot();
    expect(findPlace({backups, cwd: '/'})).toEqual({root: null, backups});
  });

  test('that is not there is refused', () => {
    const backups = `${temporaryDirectory()}/absent`;
    expect(refusal({backups, cwd: '/'})).toEqual({
      exit: exitCode.notFound,
      message: `--backups ${backups}: not there. Name the directory that holds the backups.`,
    });
  });

  test('and --root together are wrong usage', () => {
    const {root, backups} = makeRoot();
    expect(refusal({root, backups, cwd: '/'})).toEqual({
      exit: exitCode.usage,
      message: 'Give --root or --backups, not both.',
    });
  });
});
