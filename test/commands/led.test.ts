import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {isRoot, makeSmallRoot, oldIds} from '../support/faults.ts';
import {magds} from '../support/run.ts';
import {giveAway, whileSwapped} from '../support/swapping.ts';
import {temporaryDirectory} from '../support/temporary.ts';

/** Another root's backups, which are none of the web user's business. */
function makeOther(): string {
  const {root} = makeSmallRoot({old: 4, maxCount: 9});
  fs.chmodSync(root, 0o700);
  return path.join(root, 'storage/backups');
}

/** A root of the web user's, who has put a link in the place of his backups. */
function makeLed(target: string) {
  const {root, backups} = makeSmallRoot({old: 2, maxCount: 1});
  giveAway(root);
  fs.renameSync(backups, `${root}/storage/his`);
  fs.symlinkSync(target, backups);
  giveAway(backups);
  return {root, backups};
}

const treeOf = (directory: string): string[] =>
  (fs.readdirSync(directory, {recursive: true}) as string[]).sort().map((name) => {
    const {uid, ino, mtimeMs} = fs.lstatSync(path.join(directory, name));
    return [name, uid, ino, mtimeMs].join();
  });

describe.runIf(isRoot)('root, where backups/ is a link of the web user’s', () => {
  const [id] = oldIds;
  test.each([
    ['backup', 'run'],
    ['backup', 'run', '--dry-run'],
    ['backup', 'prune'],
    ['backup', 'verify', '--all'],
    ['backup', 'pin', id, '--reason=kept'],
    ['restore', `--id=${id}`, `--yes=${id}`],
    ['restore', `--id=${id}`, '--dry-run'],
  ])('magds %s %s is refused, and changes nothing', async (...args) => {
    const other = makeOther();
    const {root, backups} = makeLed(other);
    const before = treeOf(other);
    const {code, stderr} = await magds([...args, '--root', root]);
    expect(stderr).toContain(`${backups} is a link of www-data's, and is not followed: only one of root's`);
    expect(code).toBe(1);
    expect(treeOf(other)).toEqual(before);
  });

  test.each([
    ['backup', 'list'],
    ['backup', 'list', '--json'],
    ['backup', 'show', id],
    ['backup', 'diff', id],
    ['backup', 'verify', '--all', '--read-only'],
    ['config'],
  ])('magds %s %s looks, and says whose link it goes through', async (...args) => {
    const other = makeOther();
    const {root, backups} = makeLed(other);
    const before = treeOf(other);
    const {stderr, stdout} = await magds([...args, '--root', root]);
    expect(stderr).toBe(
      `! ${backups} is a link of www-data's: what is shown may be another project's, and nothing is written there. If it belongs there, "chown -h root" makes it root's.\n`,
    );
    expect(stdout).not.toBe('');
    expect(treeOf(other)).toEqual(before);
    fs.lchownSync(backups, 0, 0);
    expect((await magds([...args, '--root', root])).stderr).toBe('');
  });

  test('doctor names it, and advises nothing through it', async () => {
    const other = makeOther();
    const {root, backups} = makeLed(other);
    const {code, stdout} = await magds(['doctor', '--root', root]);
    expect(code).toBe(1);
    expect(stdout.replace(/\s+/g, ' ')).toContain(`${backups} is a link of www-data's`);
    expect(stdout).not.toContain('chown -hR');
  });

  test('a link of root’s is followed', async () => {
    const disk = temporaryDirectory();
    const {root, backups} = makeLed(disk);
    fs.lchownSync(backups, 0, 0);
    expect(await magds(['backup', 'run', '--root', root])).toMatchObject({code: 0});
    expect(fs.readdirSync(disk)).toHaveLength(1);
  });

  test('prunes nothing of it that appears meanwhile', async () => {
    const other = makeOther();
    const {root, backups} = makeLed(other);
    const before = treeOf(other);
    await whileSwapped(`${root}/storage/his`, backups, async () => {
      for (let times = 0; times < 10; times++) await magds(['backup', 'prune', '--root', root]);
    });
    expect(treeOf(other)).toEqual(before);
  }, 120_000);
});
