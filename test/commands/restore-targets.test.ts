import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {flipBit} from '../support/backups.ts';
import {
  backupId,
  contentOf,
  litter,
  liveTree,
  makeHalfway,
  makeRestorable,
  type Restorable,
  summaryOf,
  twoContents,
} from '../support/restores.ts';
import {makePipe, temporaryDirectory} from '../support/temporary.ts';

const saved = String(twoContents['tenants']?.copy);
const old = String(twoContents['tenants']?.live);
const refused = (why: string, others = ' The others alone: --only=ledger.') => ({
  code: 5,
  stderr: `magds: Refused: tenants: ${why}.${others} Nothing was changed.\n`,
});
const configuredTo = (source: string) => ({
  settings: {
    datasets: [
      {name: 'tenants', source},
      {name: 'ledger', source: 'storage/data/ledger.json'},
    ],
  },
});

describe('where a dataset goes', () => {
  test('--only, with what it leaves said; a name that is not there is wrong usage', async () => {
    const {restore, holds, ask} = makeRestorable();
    const {stdout} = await ask('--dry-run', '--only=tenants');
    expect(stdout).toContain('  - ledger  stays as it is: not chosen\n');
    for (const flag of ['--only', '--last'])
      expect(await restore(`${flag}=tenant`)).toMatchObject({
        code: 2,
        stderr: `magds: ${flag}: ${backupId} holds no dataset "tenant". It holds tenants, ledger. Nothing was changed.\n`,
      });
    expect(await restore('--only=tenants')).toMatchObject({code: 0});
    expect([holds('tenants'), holds('ledger')]).toEqual([saved, twoContents['ledger']?.live]);
  });

  test('--only names a dataset that has a comma in its name, as a refusal prints it', async () => {
    const contents = {'a,b': twoContents['tenants'], a: twoContents['ledger'], c: twoContents['ledger']};
    const place = makeRestorable({contents: contents as typeof twoContents});
    const plan = async (only: string) =>
      summaryOf(await place.ask('--dry-run', '--json', `--only=${only}`))['actions'];
    expect(await plan('a\\,b')).toMatchObject([{dataset: 'a,b'}]);
    expect(await plan('a\\,b,c')).toMatchObject([{dataset: 'a,b'}, {dataset: 'c'}]);
    flipBit(place.built.copy('a'));
    expect((await place.ask('--only=a,a\\,b,c')).stderr).toContain(
      " The others alone: '--only=a\\,b,c'. Nothing was changed.",
    );
  });

  test('so do --keep and --take', async () => {
    const contents = {'a,b': twoContents['tenants'], ledger: twoContents['ledger']} as typeof twoContents;
    const place = await makeHalfway({contents});
    expect(await place.command('restore', '--rollback', '--keep=a\\,b')).toMatchObject({code: 0});
  });

  test('--last puts a dataset behind the others', async () => {
    const {ask} = makeRestorable();
    const {stdout} = await ask('--dry-run', '--json', '--last=tenants');
    const {actions} = JSON.parse(stdout) as {actions: {dataset: string}[]};
    expect(actions.map(({dataset}) => dataset)).toEqual(['ledger', 'tenants']);
  });

  test('--map needs --allow-target for a path that is not configured', async () => {
    const place = makeRestorable();
    const target = `${temporaryDirectory()}/elsewhere.json`;
    const map = `--map=tenants=${target}`;
    expect(await place.restore('--map=tenants')).toMatchObject({code: 2});
    expect(await place.restore(`--map=nobody=${target}`)).toMatchObject({code: 2});
    expect(await place.restore(map)).toMatchObject(
      refused(
        `${target} is not the configured source of any dataset: to write there all the same, --allow-target=${target}`,
      ),
    );
    expect(await place.restore(map, `--allow-target=${target}`)).toMatchObject({code: 0});
    expect(contentOf(target)).toBe(saved);
    expect(place.holds('tenants')).toBe(old);
    // Two to one file would leave it to chance which it holds.
    const both = await place.restore(`--map=tenants=${place.live('ledger')}`);
    expect(both.stderr).toBe(
      'magds: Refused: tenants, ledger: another dataset goes to the same file. Nothing was changed.\n',
    );
  });

  test('what is not configured any more is refused until its recorded place is allowed', async () => {
    const place = makeRestorable({
      settings: {datasets: [{name: 'ledger', source: 'storage/data/ledger.json'}]},
    });
    const file = place.live('tenants');
    expect(await place.restore()).toMatchObject(
      refused(
        `it is not configured now, so where it belongs is not known. It was recorded from ${file}: --allow-target=${file} lets it go there. Or --map=tenants=PATH --allow-target=PATH`,
      ),
    );
    expect(await place.restore(`--allow-target=${file}`)).toMatchObject({code: 0});
    expect(place.holds('tenants')).toBe(saved);
  });

  test.each([
    [
      '/etc/passwd',
      'the target /etc/passwd lies outside the project: if that is meant, --allow-target=/etc/passwd',
    ],
    ['storage/backups/x', 'the target ROOT/storage/backups/x lies where backups and their record are kept'],
    [
      'storage/runbook/config.json',
      'the target ROOT/storage/runbook/config.json lies where backups and their record are kept',
    ],
  ])('never to %s', async (source, why) => {
    const place = makeRestorable(configuredTo(source));
    expect(await place.restore()).toMatchObject(refused(why.replaceAll('ROOT', place.root)));
  });

  test('not over the CLI itself, or another file of the project, because it is inside', async () => {
    const place = makeRestorable();
    const mag = `${place.root}/mag`;
    fs.writeFileSync(mag, 'the CLI');
    expect(await place.restore(`--map=tenants=${mag}`)).toMatchObject(
      refused(
        `${mag} is not the configured source of any dataset: to write there all the same, --allow-target=${mag}`,
      ),
    );
    expect(contentOf(mag)).toBe('the CLI');
  });

  test.each([
    ['../../x', 'contains a slash, so it is not a backup id'],
    ['..', '".." is not a backup id'],
  ])('no backup is called %s', async (id, why) => {
    const {command} = makeRestorable();
    expect(await command('restore', `--id=${id}`, `--yes=${id}`)).toMatchObject({
      code: 2,
      stderr: `magds: --id ${why}. Give a backup id as "magds backup list" shows it.\n`,
    });
  });
});

describe('what lies at a target', () => {
  const cases: [string, (place: Restorable) => void, string][] = [
    [
      'a link',
      ({live}) => swapFor(live('tenants'), (file) => fs.symlinkSync('/etc/passwd', file)),
      'is a link, not a file',
    ],
    ['a pipe', ({live}) => swapFor(live('tenants'), makePipe), 'is a pipe (FIFO), not a file'],
    [
      'a directory',
      ({live}) => swapFor(live('tenants'), (file) => fs.mkdirSync(file)),
      'is a directory, not a file',
    ],
  ];

  test.each(cases)('%s is not written over', async (_, make, why) => {
    const place = makeRestorable();
    make(place);
    const before = liveTree(place.root);
    expect(await place.restore()).toMatchObject(refused(`the target ${place.live('tenants')} ${why}`));
    expect(liveTree(place.root)).toEqual(before);
  });

  test('a device is not written over', async (context) => {
    const place = makeRestorable();
    const file = place.live('tenants');
    fs.rmSync(file);
    try {
      execFileSync('mknod', [file, 'c', '1', '3'], {stdio: 'pipe'});
    } catch {
      return context.skip('no device can be made here');
    }
    expect(await place.restore()).toMatchObject(refused(`the target ${file} is a device, not a file`));
  });

  test('a parent that is a link leads nowhere', async () => {
    const elsewhere = temporaryDirectory();
    const place = makeRestorable(configuredTo('storage/deep/tenants.json'));
    fs.symlinkSync(elsewhere, `${place.root}/storage/deep`);
    expect(await place.restore()).toMatchObject(
      refused(`the target ${place.root}/storage/deep/tenants.json deep on the way to the target is a link`),
    );
    expect(fs.readdirSync(elsewhere)).toEqual([]);
  });

  test('storage/ itself may be a link: deploy layouts have it so', async () => {
    const place = makeRestorable();
    const shared = `${temporaryDirectory()}/shared`;
    fs.renameSync(`${place.root}/storage`, shared);
    fs.symlinkSync(shared, `${place.root}/storage`);
    expect(await place.restore()).toMatchObject({code: 0});
    expect(contentOf(`${shared}/data/tenants.json`)).toBe(saved);
    expect(await place.command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 0});
    expect(place.holds('tenants')).toBe(old);
  });

  test('other hard links keep the old content, if that is said to be meant', async () => {
    const place = makeRestorable();
    const other = `${temporaryDirectory()}/other`;
    fs.linkSync(place.live('tenants'), other);
    expect(await place.restore()).toMatchObject(
      refused(
        `the target ${place.live('tenants')} has 1 other hard link, which would keep the old content: --break-links accepts that`,
      ),
    );
    expect(await place.restore('--break-links')).toMatchObject({code: 0});
    expect([place.holds('tenants'), contentOf(other)]).toEqual([saved, old]);
  });

  test('a name that a killed process has left is no other hard link', async () => {
    const place = makeRestorable();
    const places = [path.join(place.root, 'storage/runbook/building/20260101_000000/datasets'), os.tmpdir()];
    fs.mkdirSync(`${place.root}/storage/runbook`, {mode: 0o755});
    const host = os
      .hostname()
      .toLowerCase()
      .replace(/[^a-z0-9-]/g, '-');
    const left = places.map((at) => {
      fs.mkdirSync(at, {recursive: true});
      // No process ever has this number.
      const made = fs.mkdtempSync(`${at}/magds-content-4194305.boot-1.${host}.`);
      fs.linkSync(place.live('tenants'), `${made}/database`);
      return made;
    });
    try {
      expect(fs.statSync(place.live('tenants')).nlink).toBe(3);
      expect(await place.ask('--dry-run')).toMatchObject({code: 0});
      expect(await place.restore()).toMatchObject({code: 0, stderr: expect.not.stringContaining('Refused')});
      expect(place.holds('tenants')).toBe(saved);
    } finally {
      for (const each of left) fs.rmSync(each, {recursive: true, force: true});
    }
  });

  test.each([
    ['a link', (copy: string) => swapFor(copy, (file) => fs.symlinkSync('/etc/passwd', file))],
    ['a pipe', (copy: string) => swapFor(copy, makePipe)],
  ])('a copy that is %s is not read', async (_, make) => {
    const place = makeRestorable();
    make(place.built.copy('tenants'));
    const before = liveTree(place.root);
    expect(await place.restore()).toMatchObject(refused('the copy is not a file'));
    expect(liveTree(place.root)).toEqual(before);
  });
});

describe('a target that does not exist', () => {
  const source = 'storage/new/deep/tenants.json';

  test('has its directories made like the one they lie in, and an undo takes all of them away again', async () => {
    const place = makeRestorable(configuredTo(source));
    fs.chmodSync(`${place.root}/storage`, 0o2775);
    const outcome = await place.restore('--json');
    expect(outcome).toMatchObject({code: 0});
    expect(summaryOf(outcome)).toMatchObject({datasets: [{dataset: 'tenants', action: 'create'}, {}]});
    const file = `${place.root}/${source}`;
    expect(contentOf(file)).toBe(saved);
    expect(fs.statSync(file).mode & 0o7777).toBe(0o644);
    expect(fs.statSync(path.dirname(file)).mode & 0o7777).toBe(0o2775);
    expect(await place.command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 0});
    expect(contentOf(file)).toBeNull();
    expect(place.holds('ledger')).toBe(twoContents['ledger']?.live);
  });

  test('has them removed again where the restore is refused while it is staged', async () => {
    const place = makeRestorable(configuredTo(source));
    fs.appendFileSync(place.built.copy('ledger'), 'damage');
    expect(await place.restore()).toMatchObject({
      code: 5,
      stderr: 'x Refused: ledger: the copy is not what the manifest recorded.\nNo live file was touched.\n',
    });
    expect(fs.existsSync(`${place.root}/storage/new`)).toBe(false);
    expect(litter(place.root)).toEqual([]);
  });
});

/** Puts something else in the place of a file. */
function swapFor(file: string, make: (file: string) => void): void {
  fs.rmSync(file);
  make(file);
}
