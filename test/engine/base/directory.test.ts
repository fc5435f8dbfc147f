import fs from 'node:fs';
import {describe, expect, test, vi} from 'vitest';
import {Directory} from '../../../source/engine/base/directory.ts';
import {Walk} from '../../../source/engine/base/open-inside.ts';
import {Problem} from '../../../source/engine/base/problem.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const isRoot = process.getuid?.() === 0;

function makePlace() {
  const path = temporaryDirectory();
  return {path, directory: Directory.open(path)};
}

/** What a refusal says. */
function problem(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('a directory that is made', () => {
  test('has the owner, group and mode of the one it lies in', () => {
    const {path, directory} = makePlace();
    if (isRoot) fs.chownSync(path, 65534, 100);
    fs.chmodSync(path, 0o2770);
    directory.make('new').close();
    const {uid, gid, mode} = fs.statSync(`${path}/new`);
    expect([uid, gid, mode]).toEqual([directory.stats.uid, directory.stats.gid, directory.stats.mode]);
    expect(fs.readdirSync(path)).toEqual(['new']);
  });

  test('is the one that is there', () => {
    const {path, directory} = makePlace();
    fs.mkdirSync(`${path}/there`, 0o700);
    fs.writeFileSync(`${path}/there/file`, '');
    directory.make('there', 0o755).close();
    expect(fs.readdirSync(`${path}/there`)).toEqual(['file']);
    expect(fs.statSync(`${path}/there`).mode & 0o777).toBe(0o700);
  });

  test('takes the place of what a kill had left', () => {
    const {path, directory} = makePlace();
    fs.mkdirSync(`${path}/.new.new`, 0o700);
    directory.make('new', 0o755).close();
    expect(fs.readdirSync(path)).toEqual(['new']);
    expect(fs.statSync(`${path}/new`).mode & 0o777).toBe(0o755);
  });

  test('never takes that of anything else', () => {
    const {path, directory} = makePlace();
    fs.mkdirSync(`${path}/.new.new`);
    fs.writeFileSync(`${path}/.new.new/precious`, '');
    expect(problem(() => directory.make('new'))).toBe(
      `${path}/new cannot be made: something of that name exists already. Nothing else was changed.`,
    );
    expect(fs.readdirSync(`${path}/.new.new`)).toEqual(['precious']);
    fs.symlinkSync('/', `${path}/link`);
    expect(problem(() => directory.make('link'))).toContain(`${path}/link is a link or a file`);
  });
});

describe('a file that is written', () => {
  test('replaces the one before, whole', () => {
    const {path, directory} = makePlace();
    fs.chmodSync(path, 0o755);
    directory.write('file', 'a longer text');
    directory.write('file', 'text');
    expect(fs.readFileSync(`${path}/file`, 'utf8')).toBe('text');
    expect(fs.statSync(`${path}/file`).mode & 0o777).toBe(0o644);
    expect(fs.readdirSync(path)).toEqual(['file']);
  });

  test('is not written through a link, and leaves nothing where it fails', () => {
    const {path, directory} = makePlace();
    const other = `${temporaryDirectory()}/other`;
    fs.writeFileSync(other, 'precious');
    fs.symlinkSync(other, `${path}/.file.new`);
    directory.write('file', 'text');
    expect(fs.readFileSync(other, 'utf8')).toBe('precious');
    fs.mkdirSync(`${path}/taken`);
    expect(() => directory.write('taken', 'text')).toThrow();
    expect(fs.readdirSync(path).toSorted()).toEqual(['file', 'taken']);
  });
});

test('directories that come in order are made and entered with a few calls for each, however deep', () => {
  const top = Directory.open(temporaryDirectory());
  const walk = new Walk();
  const steps: string[] = [];
  const made = vi.spyOn(fs, 'mkdirSync');
  const opened = vi.spyOn(fs, 'openSync');
  for (let depth = 0; depth < 200; depth++) {
    steps.push(`d${depth}`);
    top.enterAlong(steps, walk).close();
  }
  expect(made).toHaveBeenCalledTimes(200);
  expect(opened.mock.calls.length).toBeLessThan(200 * 6);
  vi.restoreAllMocks();
  walk.close();
  expect(fs.statSync(`${top.path}/${steps.join('/')}`).mode & 0o777).toBe(0o700);
  fs.symlinkSync('/tmp', `${top.path}/d0/link`);
  expect(() => top.enterAlong(['d0', 'link', 'x'], walk)).toThrow(
    'is a link or a file, where a directory belongs',
  );
  walk.close();
  top.close();
});
