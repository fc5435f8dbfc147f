import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import {describe, expect, test} from 'vitest';
import {flipBit, makeBackup, makeRoot} from '../support/backups.ts';
import {canMount, inNamespace} from '../support/faults.ts';
import {hostileText, unprintable} from '../support/hostile.ts';
import {node, program} from '../support/program.ts';
import {jsonLines, magds} from '../support/run.ts';
import {treeState} from '../support/tree.ts';

const id = '20260101_000000_release';
const other = '20260102_000000';
const like = (text: string) => expect.stringContaining(text) as string;
const host = os.hostname();
const by = os.userInfo().username;
const atom = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/) as string;

function makePlace() {
  const {root, backups} = makeRoot();
  const built = makeBackup({backups, id, label: 'release'});
  makeBackup({backups, id: other});
  const held = `${root}/storage/runbook/held`;
  const command = (...args: string[]) => magds(['backup', ...args, '--root', root]);
  const pin = (...args: string[]) => command('pin', id, ...args);
  return {root, backups, built, held, command, pin};
}

/** Pinned, and then deleted by PHP. */
async function makeHeld() {
  const place = makePlace();
  expect(await place.pin('--reason=before 2.4')).toMatchObject({code: 0, stderr: ''});
  fs.rmSync(place.built.directory, {recursive: true});
  return place;
}

const rowOf = async (command: (...args: string[]) => ReturnType<typeof magds>) => {
  const {stdout} = await command('list', '--json');
  const {backups} = jsonLines(stdout)[0] as {backups: {id: string; pinned: boolean; pin: unknown}[]};
  return backups.find((row) => row.id === id);
};

describe.skipIf(!canMount)('a hold on another file system (needs to mount)', () => {
  test('keeps holes, and the time of its copy', async () => {
    const {root, backups, built, held} = makePlace();
    const copy = built.copy('tenants');
    const size = 200 * 1024 * 1024;
    const fd = fs.openSync(copy, 'r+');
    fs.ftruncateSync(fd, size);
    fs.writeSync(fd, 'x', 100 * 1024 * 1024);
    fs.closeSync(fd);
    fs.utimesSync(copy, '-1.5', '-1.5');
    const command = [node, program, 'backup', 'pin', id, '--reason=x', '--root', root];
    expect(await inNamespace('mount --bind "$1" "$1"', [backups], command)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('2 copied'),
    });
    const there = fs.statSync(`${held}/${id}/datasets/tenants.json`);
    expect([there.size, there.mtimeMs]).toEqual([size, -1500]);
    expect(there.blocks * 512).toBeLessThan(4 * 1024 * 1024);
    expect(spawnSync('cmp', [copy, `${held}/${id}/datasets/tenants.json`]).status).toBe(0);
  });
});

describe('pin', () => {
  test('holds the copies by hard links, under a manifest that names them there', async () => {
    const {root, built, held, pin} = makePlace();
    expect(await pin('--reason=before 2.4')).toMatchObject({
      code: 0,
      stdout: `+ ${id} is pinned (2 linked): no retention can delete it in storage/runbook/held, not even PHP's.\n`,
      stderr: '',
    });
    expect(fs.readdirSync(held)).toEqual([id]);
    expect(fs.readdirSync(`${held}/${id}`).toSorted()).toEqual(['datasets', 'hold.json', 'manifest.json']);
    for (const name of ['tenants.json', 'ledger.sqlite']) {
      const [there, here] = [built.directory, `${held}/${id}`].map((each) =>
        fs.statSync(`${each}/datasets/${name}`),
      );
      expect([here?.ino, here?.nlink]).toEqual([there?.ino, 2]);
    }
    expect(fs.readFileSync(`${held}/${id}/manifest.json`, 'utf8')).toBe(
      built.manifest.replaceAll('/srv/magmoboce/storage/backups/', `${held}/`),
    );
    expect(JSON.parse(fs.readFileSync(`${held}/${id}/hold.json`, 'utf8'))).toEqual({
      version: 1,
      id,
      at: atom,
      reason: 'before 2.4',
      by,
      host,
    });
    // The backup itself is what it was.
    expect(fs.readFileSync(built.manifestFile, 'utf8')).toBe(built.manifest);
    expect(fs.readdirSync(`${root}/storage/runbook/building`)).toEqual([]);
  });

  test('JSON is the summary', async () => {
    const {held, pin} = makePlace();
    const {stdout} = await pin('--reason=x', '--json');
    expect(jsonLines(stdout)).toEqual([
      {
        message_type: 'summary',
        command: 'backup:pin',
        id,
        reason: 'x',
        path: `${held}/${id}`,
        php_id: `../runbook/held/${id}`,
        linked: 2,
        copied: 0,
        without: [],
      },
    ]);
  });

  test('again changes the reason, and nothing else', async () => {
    const {held, command, pin} = makePlace();
    await pin('--reason=first');
    const {'hold.json': _, '': __, ...before} = treeState(`${held}/${id}`);
    expect(await pin('--reason=second')).toMatchObject({
      code: 0,
      stdout: `+ ${id} is pinned (it was pinned already: the reason is new): no retention can delete it in storage/runbook/held, not even PHP's.\n`,
    });
    expect(treeState(`${held}/${id}`)).toMatchObject(before);
    expect(await rowOf(command)).toMatchObject({pinned: true, pin: {reason: 'second', only: false}});
  });

  const why = 'Why is it pinned? Give --reason=…: someone who finds it in a year has to know.';
  test.each([
    [[id], 2, why],
    [[id, '--reason= '], 2, why],
    [[id, '--reason='], 2, '--reason needs a value: --reason=…'],
    [['--reason=x'], 2, 'Which backup? magds backup pin ID, as "magds backup list" shows it.'],
    [
      ['../backups', '--reason=x'],
      2,
      '--id contains a slash, so it is not a backup id. Give a backup id as "magds backup list" shows it.',
    ],
    [
      [id, '--reason=x', '--read-only'],
      2,
      '"magds backup pin" writes, and --read-only forbids it. Nothing was changed.',
    ],
  ])('%j is wrong usage', async (args, code, message) => {
    const {root, command} = makePlace();
    const before = treeState(root);
    expect(await command('pin', ...args)).toMatchObject({code, stdout: '', stderr: `magds: ${message}\n`});
    expect(treeState(root)).toEqual(before);
  });

  test.each([
    ['20250101_000000', 'not there', () => {}],
    ['20250102_000000', 'a link; links are not followed', (file: string) => fs.symlinkSync(id, file)],
    ['20250103_000000', 'not a directory', (file: string) => fs.writeFileSync(file, '')],
  ])('%s, which is %s, is exit 10', async (given, reason, make) => {
    const {root, backups, command} = makePlace();
    make(`${backups}/${given}`);
    const before = treeState(root);
    expect(await command('pin', given, '--reason=x')).toMatchObject({
      code: 10,
      stderr: `magds: No backup "${given}" in ${backups}: ${reason}. "magds backup list" shows what is there.\n`,
    });
    expect(treeState(root)).toEqual(before);
  });

  const refusals: [string, (place: ReturnType<typeof makePlace>) => void, string][] = [
    [
      'interrupted',
      ({built}) => fs.rmSync(built.manifestFile),
      'it has no manifest.json, so it is not a backup',
    ],
    [
      'with a link on the way to its copies',
      ({root, built}) => {
        fs.renameSync(`${built.directory}/datasets`, `${root}/elsewhere`);
        fs.symlinkSync(`${root}/elsewhere`, `${built.directory}/datasets`);
      },
      'there is no copy in it to hold (tenants: datasets on the way to the copy is a link)',
    ],
  ];
  test.each(refusals)('a backup %s cannot be held', async (_, damage, reason) => {
    const place = makePlace();
    damage(place);
    expect(await place.pin('--reason=x')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `magds: ${id} cannot be held: ${reason}. Nothing was changed.\n`,
    });
    expect(fs.readdirSync(place.held)).toEqual([]);
    expect(await rowOf(place.command)).toMatchObject({pinned: false});
  });

  test.each<[string, (directory: string) => void]>([
    ['is missing', (directory) => fs.rmSync(directory, {recursive: true})],
    ['is empty: PHP writes that when a label or path is not UTF-8, or the disk is full', () => {}],
  ])(
    'what lies where it would be held and is no backup is not taken for it: manifest.json %s',
    async (why, lose) => {
      const {held, command, pin} = makePlace();
      await pin('--reason=x');
      lose(`${held}/${id}/datasets`);
      fs.writeFileSync(`${held}/${id}/manifest.json`, '');
      if (why === 'is missing') fs.rmSync(`${held}/${id}/manifest.json`);
      expect(await pin('--reason=y')).toMatchObject({
        code: 1,
        stdout: '',
        stderr: `magds: ${id} cannot be held: what lies in storage/runbook/held/${id} is no backup (manifest.json ${why}). Unpin it, then pin it again. Nothing was changed.\n`,
      });
      expect(await command('unpin', id)).toMatchObject({code: 0});
      expect(await pin('--reason=y')).toMatchObject({code: 0, stdout: expect.stringContaining('(2 linked)')});
    },
  );

  test.each([
    ['missing', () => {}],
    ['a link, not a file', (copy: string) => fs.symlinkSync('/etc/passwd', copy)],
  ])('a backup of which one copy is %s is held for the rest, and that is told', async (how, make) => {
    const {backups, built, held, command, pin} = makePlace();
    fs.rmSync(built.copy('ledger'));
    make(built.copy('ledger'));
    expect(await pin('--reason=x')).toMatchObject({
      code: 3,
      stdout: `+ ${id} is pinned (1 linked): no retention can delete it in storage/runbook/held, not even PHP's.\n! Not held, because there is no copy: ledger (the copy is ${how}).\n`,
      stderr: '',
    });
    expect(fs.readdirSync(`${held}/${id}/datasets`)).toEqual(['tenants.json']);
    // What is held stands in the place of nothing that the backup has.
    expect(await command('unpin', id)).toMatchObject({code: 0});
    await pin('--reason=x');
    fs.rmSync(`${backups}/${id}`, {recursive: true});
    expect(await command('unpin', id)).toMatchObject({code: 1});
    expect(await rowOf(command)).toMatchObject({pinned: true, state: 'complete', datasets: 2});
    const out = `${backups}/../tenants.json`;
    expect(await command('extract', id, 'tenants', `--to=${out}`)).toMatchObject({code: 0});
  });

  test('again tells what is still missing; what came back is held once it is let go and pinned', async () => {
    const {built, held, command, pin} = makePlace();
    const copy = built.copy('ledger');
    const bytes = fs.readFileSync(copy);
    fs.rmSync(copy);
    expect(await pin('--reason=x')).toMatchObject({code: 3});
    expect(await pin('--reason=y')).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('Not held, because there is no copy: ledger (the copy is missing)'),
    });
    fs.writeFileSync(copy, bytes);
    expect(await pin('--reason=z')).toMatchObject({code: 3});
    expect(await command('unpin', id)).toMatchObject({code: 0});
    expect(await pin('--reason=z')).toMatchObject({code: 0, stderr: ''});
    const there = `${held}/${id}/datasets/${copy.split('/').at(-1)}`;
    expect(fs.statSync(there).ino).toBe(fs.statSync(copy).ino);
  });

  test('carries over what is known of the copies', async () => {
    const {built, command, pin} = makePlace();
    await command('verify', '--id', id);
    await pin('--reason=x');
    fs.rmSync(built.directory, {recursive: true});
    expect(await rowOf(command)).toMatchObject({verification: {state: 'verified'}, pin: {only: true}});
  });

  test('keeps a reason from driving the terminal', async () => {
    const {root, command, pin} = makePlace();
    await pin(`--reason=${hostileText}`);
    expect(await rowOf(command)).toMatchObject({pin: {reason: hostileText}});
    fs.mkdirSync(`${root}/config/base`, {recursive: true});
    fs.writeFileSync(
      `${root}/config/base/magds.php`,
      "<?php return ['magds' => ['backup' => ['retention' => ['max_count' => 1]]]];",
    );
    const looking = [['list'], ['show', id], ['prune', '--dry-run']];
    for (const {stdout} of await Promise.all(looking.map((args) => command(...args)))) {
      expect(stdout).toContain('a\\u{1b}[31m');
      expect(stdout.replaceAll('\n', '')).not.toMatch(unprintable);
    }
  });
});

describe('a pinned backup that PHP has deleted', () => {
  test('is still listed and shown', async () => {
    const {held, command} = await makeHeld();
    const pin = {reason: 'before 2.4', at: atom, by, host, only: true};
    expect(await rowOf(command)).toMatchObject({id, state: 'complete', datasets: 2, pinned: true, pin});
    const [list, text, json] = await Promise.all([
      command('list'),
      command('show', id),
      command('show', id, '--json'),
    ]);
    expect(list.stdout).toContain(`\n= ${id} is pinned: before 2.4; it lies in storage/runbook/held only\n`);
    expect(list.stderr).toBe('');
    expect(text.code).toBe(0);
    expect(text.stdout).toContain(`\npath      ${held}/${id}\n`);
    expect(text.stdout).toMatch(/^pinned +before 2\.4 \(.+ on .+, \d{4}-.+\)$/m);
    expect(jsonLines(json.stdout)[0]).toMatchObject({
      path: `${held}/${id}`,
      pinned: true,
      pin,
      datasets: [
        {name: 'tenants', backup: `${held}/${id}/datasets/tenants.json`, reason: null},
        {name: 'ledger', reason: null},
      ],
    });
  });

  test('is verified, by its id and with all', async () => {
    const {held, command} = await makeHeld();
    const one = await command('verify', '--id', id, '--json');
    expect(one.code).toBe(0);
    expect(jsonLines(one.stdout).at(-1)).toMatchObject({backups: [{id, result: 'passed', recorded: true}]});
    expect(fs.existsSync(`${held}/${id}/verifications.jsonl`)).toBe(true);
    expect(await rowOf(command)).toMatchObject({verification: {state: 'verified'}});
    flipBit(`${held}/${id}/datasets/ledger.sqlite`);
    const all = await command('verify', '--all', '--json');
    expect(all.code).toBe(4);
    expect(jsonLines(all.stdout).at(-1)).toMatchObject({
      backups: [
        {id: other, result: 'passed'},
        {id, result: 'failed', reason: 'ledger: mismatch'},
      ],
    });
  });

  test('is listed whatever it is called', async () => {
    const {backups, held, command} = makePlace();
    const keep = 'keep-before-2.4';
    makeBackup({backups, id: keep});
    expect(await command('pin', keep, '--reason=x')).toMatchObject({code: 0});
    fs.mkdirSync(`${held}/something`);
    expect((await command('list')).stdout).toContain(`\n= ${keep} is pinned: x\n`);
    fs.rmSync(`${backups}/${keep}`, {recursive: true});
    const {stdout} = await command('list');
    expect(stdout).toContain(`\n= ${keep} is pinned: x; it lies in storage/runbook/held only\n`);
    expect(stdout).not.toContain('something');
  });

  test('may get another reason', async () => {
    const {command, pin} = await makeHeld();
    expect(await pin('--reason=second')).toMatchObject({code: 0});
    expect(await rowOf(command)).toMatchObject({pin: {reason: 'second', only: true}});
  });

  test('is deleted by unpin only when that is said', async () => {
    const {root, held, command} = await makeHeld();
    const before = treeState(held);
    expect(await command('unpin', id)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `magds: ${id} is whole in ${held} only: unpinning deletes it for good. To do that: --yes=${id}. Nothing was changed.\n`,
    });
    expect(await command('unpin', id, `--yes=${other}`)).toMatchObject({
      code: 2,
      stderr: `magds: --yes=${other} is not ${id}. Nothing was changed.\n`,
    });
    expect(treeState(held)).toEqual(before);
    expect(await command('unpin', id, `--yes=${id}`)).toMatchObject({
      code: 0,
      stdout: `+ ${id} is deleted: it was the only copy left.\n`,
    });
    expect(fs.readdirSync(held)).toEqual([]);
    expect(fs.readdirSync(`${root}/storage/runbook/removing`)).toEqual([]);
    expect(await rowOf(command)).toBeUndefined();
  });

  test.each([
    ['passed', 'verified', (_: string) => {}],
    ['failed', 'failed', (copy: string) => flipBit(copy)],
  ])('keeps what a verification found while both were there: %s', async (_, state, damage) => {
    const {built, held, command, pin} = makePlace();
    const verified = () => command('verify', id);
    expect(await verified()).toMatchObject({code: 0});
    await pin('--reason=x');
    const [, ledger] = ['tenants', 'ledger'].map((name) => built.copy(name)) as [string, string];
    damage(ledger);
    await verified();
    expect(fs.readFileSync(`${held}/${id}/verifications.jsonl`, 'utf8').trim().split('\n')).toHaveLength(2);
    fs.rmSync(built.directory, {recursive: true});
    expect(await rowOf(command)).toMatchObject({verification: {state}, pin: {only: true}});
  });

  test('keeps nothing that was found of another file', async () => {
    const {built, held, command, pin} = makePlace();
    await pin('--reason=x');
    const copy = built.copy('ledger');
    fs.copyFileSync(copy, `${copy}.new`);
    fs.renameSync(`${copy}.new`, copy);
    flipBit(copy);
    expect(await command('verify', id)).toMatchObject({code: 4});
    expect(fs.existsSync(`${held}/${id}/verifications.jsonl`)).toBe(false);
  });

  test('but not wholly, is used where it is held, and is the last too', async () => {
    const {built, held, command, pin} = makePlace();
    await pin('--reason=x');
    fs.rmSync(built.copy('ledger'));
    const [show, verify, list] = [
      await command('show', id, '--json'),
      await command('verify', id),
      await command('list'),
    ];
    expect(jsonLines(show.stdout)).toMatchObject([{path: `${held}/${id}`, reason: null}]);
    expect(verify).toMatchObject({code: 0});
    expect(list.stdout).toContain(`= ${id} is pinned: x; it lies in storage/runbook/held only\n`);
    expect(await command('unpin', id)).toMatchObject({code: 1});
    // What is held lacks something that the other has: neither is whole.
    fs.rmSync(`${held}/${id}/datasets/tenants.json`);
    expect(jsonLines((await command('show', id, '--json')).stdout)).toMatchObject([{path: built.directory}]);
  });

  test.each<[string, (copy: string) => void]>([
    ['shorter', (copy) => fs.truncateSync(copy, 1)],
    ['another, by the manifest', () => {}],
  ])('where the other is not the same (%s), is the last too', async (how, change) => {
    const {built, held, command, pin} = makePlace();
    await pin('--reason=x');
    const copy = built.copy('ledger');
    // A new file: what is held keeps the old one.
    fs.renameSync(copy, `${copy}.old`);
    fs.copyFileSync(`${copy}.old`, copy);
    fs.rmSync(`${copy}.old`);
    change(copy);
    if (how !== 'shorter') {
      const text = fs.readFileSync(built.manifestFile, 'utf8');
      fs.writeFileSync(built.manifestFile, text.replace(/"hash": "[0-9a-f]{8}/g, '"hash": "00000000'));
    }
    expect(await command('unpin', id)).toMatchObject({
      code: 1,
      stderr: like(`${id} is whole in ${held} only`),
    });
    expect(fs.readdirSync(held)).toEqual([id]);
  });

  test('where only a husk without a manifest is left of the other, is the last too', async () => {
    const {built, held, command} = await makeHeld();
    fs.mkdirSync(`${built.directory}/datasets`, {recursive: true});
    expect(await command('unpin', id)).toMatchObject({code: 1});
    expect(fs.readdirSync(held)).toEqual([id]);
  });
});

describe('unpin', () => {
  test('lets it go, and leaves the backup as it is', async () => {
    const {built, held, command, pin} = makePlace();
    await pin('--reason=x');
    expect(await command('unpin', id)).toMatchObject({
      code: 0,
      stdout: `+ ${id} is unpinned: retention may delete it now.\n`,
      stderr: '',
    });
    expect(fs.readdirSync(held)).toEqual([]);
    expect(fs.statSync(built.copy('ledger')).nlink).toBe(1);
    expect(await rowOf(command)).toMatchObject({pinned: false, pin: null});
    expect(await command('verify', '--id', id)).toMatchObject({code: 0});
  });

  test('JSON is the summary', async () => {
    const {command} = await makeHeld();
    const {stdout} = await command('unpin', id, `--yes=${id}`, '--json');
    expect(jsonLines(stdout)).toEqual([
      {message_type: 'summary', command: 'backup:unpin', id, deleted: true, stays: null},
    ]);
  });

  test.each([
    [[other], 10, `${other} is not pinned. Nothing was changed.`],
    [[], 2, 'Which backup? magds backup unpin ID, as "magds backup list" shows it.'],
    [
      ['../held'],
      2,
      '--id contains a slash, so it is not a backup id. Give a backup id as "magds backup list" shows it.',
    ],
    [[id, '--read-only'], 2, '"magds backup unpin" writes, and --read-only forbids it. Nothing was changed.'],
  ])('%j is refused', async (args, code, message) => {
    const {held, command, pin} = makePlace();
    await pin('--reason=x');
    expect(await command('unpin', ...args)).toMatchObject({code, stdout: '', stderr: `magds: ${message}\n`});
    expect(fs.readdirSync(held)).toEqual([id]);
  });

  test('never goes through a link in the place of a held backup', async () => {
    const {root, held, command, pin} = makePlace();
    await pin('--reason=x');
    const elsewhere = makeBackup({backups: `${root}/elsewhere`, id: other}).directory;
    fs.symlinkSync(elsewhere, `${held}/20250101_000000`);
    const before = treeState(elsewhere);
    const list = await command('list', '--json');
    expect(list.stdout).not.toContain('20250101_000000');
    await command('unpin', '20250101_000000', '--yes=20250101_000000');
    expect(treeState(elsewhere)).toEqual(before);
  });
});
