import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {makeBackup} from '../support/backups.ts';
import {backup, type Plain, rootWith} from '../support/php-config.ts';
import {node, program} from '../support/program.ts';
import {asNobody} from '../support/restores.ts';
import {execute, jsonLines, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';
import {openTerminal} from '../support/terminal.ts';
import {treeState} from '../support/tree.ts';

const isRoot = process.getuid?.() === 0;
const [id1, id2, id3, id4] = [2020, 2021, 2022, 2023].map((year) => `${year}0101_000000`) as [
  string,
  string,
  string,
  string,
];

/** Four backups, of which retention keeps two. */
function makePlace(retention: Plain = {max_count: 2}) {
  const root = rootWith({'config/base/magds.php': backup({retention})});
  const backups = `${root}/storage/backups`;
  const [first, second, third, fourth] = [id1, id2, id3, id4].map((id) => makeBackup({backups, id})) as [
    ReturnType<typeof makeBackup>,
    ReturnType<typeof makeBackup>,
    ReturnType<typeof makeBackup>,
    ReturnType<typeof makeBackup>,
  ];
  const command = (...args: string[]) => magds(['backup', ...args, '--root', root]);
  const prune = (...args: string[]) => command('prune', ...args);
  const left = () => fs.readdirSync(backups).toSorted();
  return {root, backups, first, second, third, fourth, command, prune, left};
}

test('removes what retention does not keep, oldest first, and nothing of ours is left beside the others', async () => {
  const {root, prune, left} = makePlace();
  expect(await prune()).toMatchObject({
    code: 0,
    stdout: `- ${id1}  deleted\n- ${id2}  deleted\n2 backups deleted.\n`,
    stderr: '',
  });
  expect(left()).toEqual([id3, id4]);
  expect(fs.readdirSync(`${root}/storage/runbook/removing`)).toEqual([]);
  expect(await prune()).toMatchObject({code: 0, stdout: 'Nothing was deleted.\n'});
});

test('what was called anything but a time costs no backup that is made after it', async () => {
  const {backups, command, prune, left} = makePlace();
  for (const id of ['keep-1', 'keep-2']) makeBackup({backups, id});
  expect(await prune()).toMatchObject({code: 0});
  expect(left()).toEqual([id3, id4, 'keep-1', 'keep-2']);
  const {stdout} = await command('show', 'latest', '--json');
  expect(jsonLines(stdout)).toMatchObject([{id: id4}]);
});

test('JSON is the summary, and says why nothing is removed', async () => {
  const {prune} = makePlace();
  const {code, stdout} = await prune('--json');
  expect(code).toBe(0);
  expect(jsonLines(stdout)).toEqual([
    {
      message_type: 'summary',
      command: 'backup:prune',
      pruned: [id1, id2],
      left: [],
      safety_removed: [],
      safety_failed: [],
      not_pruned: null,
      failed: [],
    },
  ]);
  const waiting = makePlace();
  const incident = ['incident', '--since=2h ago', '--root', waiting.root];
  expect(await magds(incident)).toMatchObject({code: 0});
  const not_pruned = expect.stringMatching(/^things are bad since /);
  for (const args of [['--json'], ['--json', '--dry-run']])
    expect(jsonLines((await waiting.prune(...args)).stdout)).toMatchObject([{pruned: [], not_pruned}]);
});

describe('on a terminal', () => {
  const asks = /Type how many backups are deleted for good \(2\) to go on:/;
  function onTerminal(place: ReturnType<typeof makePlace>, ...args: string[]) {
    return openTerminal(['backup', 'prune', '--root', place.root, ...args], {columns: 120});
  }

  test('says what goes and why, and deletes once their number is typed', async () => {
    const place = makePlace();
    const {waitFor, waitForExit, keys} = await onTerminal(place);
    await waitFor(asks);
    await waitFor(/Would delete 2 backups:[\s\S]*= 20230101_000000 {2}keep: 1 of the newest 2/);
    await waitFor(/- 20200101_000000 {2}delete: beyond the newest 2/);
    expect(place.left()).toEqual([id1, id2, id3, id4]);
    keys('2\r');
    await waitFor(/2 backups deleted\./);
    expect(await waitForExit()).toMatchObject({exitCode: 0});
    expect(place.left()).toEqual([id3, id4]);
  });

  test.each([
    ['another number', '3\r', /That does not match\. Nothing was changed\./],
    ['y', 'y\r', /That does not match\. Nothing was changed\./],
    ['Ctrl+C', '\u0003', /Cancelled\. Nothing was changed\./],
  ])('%s deletes nothing', async (_, typed, said) => {
    const place = makePlace();
    const {waitFor, waitForExit, keys} = await onTerminal(place);
    await waitFor(asks);
    keys(typed);
    await waitFor(said);
    expect(await waitForExit()).toMatchObject({exitCode: 130});
    expect(place.left()).toEqual([id1, id2, id3, id4]);
  });

  test('what has changed since it was shown is not deleted', async () => {
    const place = makePlace();
    const {waitFor, waitForExit, keys} = await onTerminal(place);
    await waitFor(asks);
    makeBackup({backups: place.backups, id: '20240101_000000'});
    keys('2\r');
    await waitFor(/Something has changed since this was counted: nothing was deleted\./);
    expect(await waitForExit()).toMatchObject({exitCode: 1});
    expect(place.left()).toHaveLength(5);
  });

  test('where nothing goes nothing is asked', async () => {
    const place = makePlace({});
    const {waitFor, waitForExit} = await onTerminal(place);
    await waitFor(/Nothing was deleted\./);
    expect(await waitForExit()).toMatchObject({exitCode: 0});
  });

  test('--yes answers beforehand', async () => {
    const place = makePlace();
    const {waitFor, waitForExit, screen} = await onTerminal(place, '--yes=2');
    await waitFor(/2 backups deleted\./);
    expect(await waitForExit()).toMatchObject({exitCode: 0});
    expect(screen().join('\n')).not.toContain('Type how many');
    expect(place.left()).toEqual([id3, id4]);
  });
});

test.each(['3', 'y'])('--yes=%s is refused where two go', async (yes) => {
  const {root, prune} = makePlace();
  const before = treeState(root);
  expect(await prune(`--yes=${yes}`)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: `magds: --yes=${yes} is not 2: 2 backups would go. Nothing was changed.\n`,
  });
  expect(treeState(root)).toEqual(before);
});

describe('--dry-run', () => {
  test('says why each is kept or deleted, and what PHP would delete then', async () => {
    const {root, prune} = makePlace();
    const before = treeState(root);
    const [text, json] = await Promise.all([prune('--dry-run', '--read-only'), prune('--dry-run', '--json')]);
    expect(text).toMatchObject({
      code: 0,
      stderr: '',
      stdout: [
        'Would delete 2 backups:',
        `  = ${id4}  keep: 1 of the newest 2`,
        `  = ${id3}  keep: 2 of the newest 2`,
        `  - ${id2}  delete: beyond the newest 2`,
        `  - ${id1}  delete: beyond the newest 2`,
        `! PHP's own next run would then delete ${id3}. "magds backup pin ID --reason=…" holds one.`,
        'Nothing was changed.',
        '',
      ].join('\n'),
    });
    expect(jsonLines(json.stdout)).toEqual([
      {
        command: 'backup:prune',
        dry_run: true,
        root,
        backups: [
          {id: id4, stays: true, reason: '1 of the newest 2', datasets: [], last_copies: []},
          {id: id3, stays: true, reason: '2 of the newest 2', datasets: [], last_copies: []},
          {id: id2, stays: false, reason: 'beyond the newest 2', datasets: [], last_copies: []},
          {id: id1, stays: false, reason: 'beyond the newest 2', datasets: [], last_copies: []},
        ],
        pruned: [id2, id1],
        safety_removed: [],
        not_pruned: null,
        php_would_delete: [id3],
        php_would_empty: null,
      },
    ]);
    expect(treeState(root)).toEqual(before);
  });

  test('names the datasets whose last copy goes', async () => {
    const {root, backups, command, prune} = makePlace({max_count: 1});
    const archived = '20230101_000001_with-archive';
    const datasets = ['ledger', 'archive'].map((name) => ({name, content: '{"a":1}'}));
    makeBackup({backups, id: archived, datasets});
    makeBackup({backups, id: '20240101_000000'});
    const {stdout} = await prune('--dry-run');
    expect(stdout).toContain(
      `\n  ! ${archived}  delete: last copy of archive: beyond the newest 1\n  - ${id4}  delete: beyond`,
    );
    const sentence =
      '\n! 1 of them holds the last copy of archive. "magds backup pin ID --reason=…" holds one.\n';
    expect(stdout).toContain(sentence);
    const [plan] = jsonLines((await prune('--dry-run', '--json')).stdout);
    const verdicts = plan?.['backups'] as {id: string; last_copies: string[]}[];
    expect(verdicts.filter(({last_copies}) => last_copies.length > 0)).toMatchObject([
      {id: archived, last_copies: ['archive']},
    ]);
    fs.mkdirSync(`${root}/storage/state`);
    fs.writeFileSync(`${root}/storage/state/system.json`, '{}');
    expect((await command('run', '--dry-run')).stdout).toContain(
      `\n  ! ${archived}  delete: last copy of archive: beyond the newest 1\n`,
    );
    const {waitFor} = await openTerminal(['backup', 'prune', '--root', root], {columns: 120});
    await waitFor(/! 1 of them holds the last copy of archive[\s\S]*Type how many backups/);
    await command('pin', archived, '--reason=audit');
    expect((await prune('--dry-run')).stdout).not.toContain('last copy');
  });

  test('counts for PHP what PHP counts', async () => {
    const {backups, prune} = makePlace();
    fs.writeFileSync(`${backups}/README.txt`, '');
    const {stdout} = await prune('--dry-run', '--json');
    // Of two backups, PHP's new one and README.txt the last two stay.
    expect(jsonLines(stdout)[0]).toMatchObject({php_would_delete: [id3, id4], php_would_empty: null});
  });

  test('a link is an alarm: PHP empties what it leads to, and stops there', async () => {
    const {root, backups, prune} = makePlace();
    fs.mkdirSync(`${root}/archive`);
    fs.symlinkSync('../../archive', `${backups}/2020_archive`);
    const [json, text] = [await prune('--dry-run', '--json'), await prune('--dry-run')];
    const empties = {link: '2020_archive', target: `${root}/archive`};
    expect(jsonLines(json.stdout)[0]).toMatchObject({php_would_delete: [], php_would_empty: empties});
    expect(text.stdout).toContain(
      `x PHP's own next run empties ${root}/archive: 2020_archive in the backups directory is a link to it; then it fails, and prunes no further. Take that link away.\n`,
    );
  });

  test('where all is kept', async () => {
    const {prune, left} = makePlace({});
    const {stdout} = await prune('--dry-run');
    expect(stdout).toContain(`\n  = ${id1}  keep: retention keeps all\n`);
    expect(stdout).not.toContain('PHP');
    expect(await prune()).toMatchObject({code: 0, stdout: 'Nothing was deleted.\n'});
    expect(left()).toHaveLength(4);
  });
});

describe('stays', () => {
  test('what is pinned', async () => {
    const {command, prune, left} = makePlace();
    await command('pin', id1, '--reason=before 2.4');
    const {stdout} = await prune('--dry-run');
    expect(stdout).toContain(`\n  = ${id1}  keep: pinned: before 2.4\n`);
    expect(await prune()).toMatchObject({code: 0, stdout: `- ${id2}  deleted\n1 backup deleted.\n`});
    expect(left()).toEqual([id1, id3, id4]);
  });

  test('the last verified one, however old; what is damaged is not counted', async () => {
    const {command, third, fourth, prune, left} = makePlace({max_count: 1});
    fs.rmSync(third.copy('ledger'));
    fs.rmSync(fourth.copy('ledger'));
    await command('verify', '--id', id1);
    const {stdout} = await prune('--dry-run');
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      'Would delete nothing:',
      `  = ${id4}  keep: damaged: not counted, and newer than some that are kept`,
      `  = ${id3}  keep: damaged: not counted, and newer than some that are kept`,
      `  = ${id2}  keep: 1 of the newest 1`,
      `  = ${id1}  keep: the last verified one`,
    ]);
    expect(await prune()).toMatchObject({code: 0, stdout: 'Nothing was deleted.\n'});
    expect(left()).toHaveLength(4);
  });

  test('what is interrupted or cannot be read, uncounted', async () => {
    const {first, fourth, prune, left} = makePlace();
    fs.rmSync(first.manifestFile);
    fs.writeFileSync(fourth.manifestFile, '{"id');
    const {stdout} = await prune('--dry-run');
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      'Would delete nothing:',
      `  = ${id4}  keep: unreadable: not counted, never deleted here`,
      `  = ${id3}  keep: 1 of the newest 2`,
      `  = ${id2}  keep: 2 of the newest 2`,
      `  = ${id1}  keep: interrupted: not counted, never deleted here`,
    ]);
    expect(await prune()).toMatchObject({code: 0, stdout: 'Nothing was deleted.\n'});
    expect(left()).toHaveLength(4);
  });

  test('what is no backup: a file, a directory, and a link named like one', async () => {
    const {root, backups, prune, left} = makePlace();
    const elsewhere = makeBackup({backups: `${root}/elsewhere`, id: id1}).directory;
    fs.symlinkSync(elsewhere, `${backups}/20190101_000000`);
    fs.symlinkSync(elsewhere, `${backups}/20300101_000000`);
    fs.mkdirSync(`${backups}/0-mine`);
    fs.writeFileSync(`${backups}/20180101_000000`, '');
    const before = treeState(elsewhere);
    expect(await prune()).toMatchObject({
      code: 0,
      stdout: `- ${id1}  deleted\n- ${id2}  deleted\n2 backups deleted.\n`,
    });
    expect(left()).toEqual(['0-mine', '20180101_000000', '20190101_000000', id3, id4, '20300101_000000']);
    expect(treeState(elsewhere)).toEqual(before);
  });

  test('what a link inside a backup that goes leads to', async () => {
    const {first, prune, left} = makePlace();
    const elsewhere = temporaryDirectory();
    fs.writeFileSync(`${elsewhere}/precious`, '');
    fs.symlinkSync(elsewhere, `${first.directory}/datasets/link`);
    fs.writeFileSync(Buffer.from(`${first.directory}/bad\xff`, 'latin1'), '');
    expect(await prune()).toMatchObject({code: 0});
    expect(left()).toEqual([id3, id4]);
    expect(fs.readdirSync(elsewhere)).toEqual(['precious']);
  });

  test.runIf(isRoot)('what may not be removed, whole; the others go', async () => {
    const {root, backups, first, prune, left} = makePlace();
    // As if made by root, in the directory of somebody else.
    for (const name of fs.readdirSync(`${root}/storage`, {recursive: true}) as string[])
      if (!name.startsWith(`backups/${id1}`)) fs.chownSync(`${root}/storage/${name}`, 65534, 65534);
    fs.chownSync(`${root}/storage`, 65534, 65534);
    fs.chmodSync(root, 0o755);
    const before = treeState(first.directory);
    const user = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    const refused = await execute('setpriv', [...user, node, program, 'backup', 'prune', '--root', root]);
    expect(refused).toMatchObject({
      code: 1,
      stdout: `x ${id1}  permission denied: run as its owner, or as root\n- ${id2}  deleted\n1 backup deleted.\n`,
      stderr: 'magds: 1 backup could not be deleted.\n',
    });
    expect(left()).toEqual([id1, id3, id4]);
    expect(treeState(first.directory)).toEqual(before);
    // root may.
    expect(await prune()).toMatchObject({code: 0, stdout: `- ${id1}  deleted\n1 backup deleted.\n`});
    expect(fs.readdirSync(backups)).toHaveLength(2);
  });
});

test.runIf(isRoot)(
  'its owner is told that the mode forbids it; JSON says once what became of it',
  async () => {
    const {root, first} = makePlace();
    fs.chmodSync(root, 0o755);
    for (const name of ['', ...(fs.readdirSync(`${root}/storage`, {recursive: true}) as string[])])
      fs.chownSync(`${root}/storage/${name}`, 65534, 65534);
    fs.chmodSync(`${first.directory}/datasets`, 0o555);
    const {code, stdout} = await asNobody(['backup', 'prune', '--json', '--root', root]);
    expect(code).toBe(1);
    const reason = `it is no longer a backup, but files of it stay in ${root}/storage/runbook/removing/${id1} (permission denied: it is yours, and its mode forbids it ("ls -ld" shows that, "chmod u+rwX" ends it)); the next writing command tries again`;
    expect(jsonLines(stdout)).toMatchObject([
      {pruned: [id1, id2], left: [{id: id1, reason}], failed: []},
      {message_type: 'exit_error', code: 1, message: 'Files of 1 backup stay.'},
    ]);
  },
);

describe('what a writer that was killed has left', () => {
  function makeLeft() {
    const place = makePlace();
    const state = `${place.root}/storage/runbook`;
    const elsewhere = temporaryDirectory();
    fs.writeFileSync(`${elsewhere}/precious`, '');
    fs.mkdirSync(`${state}/removing/${id1}/datasets`, {recursive: true});
    fs.symlinkSync(elsewhere, `${state}/removing/${id1}/datasets/link`);
    fs.mkdirSync(`${state}/building/20300101_000000`, {recursive: true, mode: 0o700});
    fs.symlinkSync(elsewhere, `${state}/building/link`);
    const isTidy = () => {
      for (const name of ['building', 'removing']) expect(fs.readdirSync(`${state}/${name}`)).toEqual([]);
      expect(fs.readdirSync(elsewhere)).toEqual(['precious']);
    };
    return {...place, isTidy};
  }

  test('is finished by the next prune', async () => {
    const {prune, isTidy} = makeLeft();
    expect(await prune()).toMatchObject({
      code: 0,
      stderr: `! Tidied up after a writer that was killed: 20300101_000000, link, ${id1}\n`,
    });
    isTidy();
  });

  test.each([['pin', id4, '--reason=x'], ['run']])('is finished by the next %s', async (...words) => {
    const {root, command, isTidy} = makeLeft();
    fs.mkdirSync(`${root}/storage/state`);
    fs.writeFileSync(`${root}/storage/state/system.json`, '{}');
    expect(await command(...words)).toMatchObject({code: 0});
    isTidy();
  });

  test('is left alone by what only looks', async () => {
    const {root, command, prune} = makeLeft();
    const before = treeState(root);
    await Promise.all([prune('--dry-run'), command('run', '--dry-run'), command('list')]);
    expect(treeState(root)).toEqual(before);
  });
});

test.each([
  ['--read-only', '"magds backup prune" writes, and --read-only forbids it. Nothing was changed.'],
  [
    '--all',
    '--all does not go with "magds backup prune". It takes --dry-run, --yes, --break-lock. See "magds --help".',
  ],
])('wrong usage: %s', async (flag, message) => {
  const {root, prune} = makePlace();
  const before = treeState(root);
  expect(await prune(flag)).toMatchObject({code: 2, stdout: '', stderr: `magds: ${message}\n`});
  expect(treeState(root)).toEqual(before);
});

test('nothing is pruned while the configuration is not settled', async () => {
  const {root, prune, left} = makePlace();
  fs.writeFileSync(`${root}/config/base/z.php`, '<?php return [;');
  expect(await prune()).toMatchObject({code: 1, stdout: ''});
  expect(left()).toHaveLength(4);
});
