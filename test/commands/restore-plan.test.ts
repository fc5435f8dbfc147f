import fs from 'node:fs';
import {describe, expect, test, vi} from 'vitest';
import {makeBackup, phpHash} from '../support/backups.ts';
import {leaveInWal} from '../support/faults.ts';
import {hostileText, unprintable} from '../support/hostile.ts';
import {
  backupId,
  type Content,
  configure,
  makeRestorable,
  recordOf,
  summaryOf,
  twoContents,
} from '../support/restores.ts';
import {magdsProcess} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';
import {treeState} from '../support/tree.ts';

type Action = Record<string, unknown> & {
  dataset: string;
  action: string;
  target: string;
  reason: string | null;
};
type Plan = Record<string, unknown> & {plan: string; actions: Action[]};

const same = '{"same":1}\n';
const saved = '{"saved":1}\n';
const live = '{"live":22}\n';
const year = new Date('2020-01-02T03:04:05Z');

/** One dataset of each kind of action. */
function makeAll() {
  const database = `${temporaryDirectory()}/saved.sqlite`;
  leaveInWal(database, 3);
  const contents: Record<string, Content> = {
    tenants: {copy: saved, live},
    settings: {copy: same, live: same},
    media: {copy: saved, live: null},
    ledger: {copy: fs.readFileSync(database), live: '', file: 'ledger.sqlite'},
    broken: {copy: saved, live},
  };
  const place = makeRestorable({contents});
  leaveInWal(place.live('ledger'), 5);
  fs.rmSync(place.built.copy('broken'));
  fs.utimesSync(place.live('tenants'), year, year);
  const {backups, root} = place;
  const data = `${root}/storage/data`;
  return {...place, backups, data};
}

/** Without the inode's own time of what lies beside a database: it is locked while its rows are counted. */
const contents = (root: string) =>
  Object.fromEntries(
    Object.entries(treeState(root)).map(([file, state]) => [
      file,
      /-(wal|shm)$/.test(file) ? state.split(' ').toSpliced(3, 1).join(' ') : state,
    ]),
  );

describe('a dry run', () => {
  test('says what happens to each file, and changes nothing', async () => {
    const {root, data, ask} = makeAll();
    const before = contents(root);
    const {code, stdout, stderr} = await ask('--dry-run');
    expect({code, stderr}).toEqual({code: 5, stderr: ''});
    const lines = stdout
      .split('\n')
      .filter((line) => !/written \d+s ago|ledger\.sqlite|last written/.test(line));
    const ledger = stdout.split('\n').filter((line) => line.includes('ledger.sqlite'));
    expect(lines.slice(0, 5)).toEqual([
      `Restore ${backupId} in ${root}`,
      `  ! tenants  overwrite  12 B -> 12 B  ${data}/tenants.json`,
      `  = settings  unchanged  ${data}/settings.json`,
      `  + media  create  12 B  ${data}/media.json`,
      '  x broken  refused: the copy is missing',
    ]);
    expect(lines.filter((line) => line.startsWith('  ! You lose: '))).toEqual([
      '  ! You lose: tenants: 1 entry only in live',
      expect.stringMatching(/^ {2}! You lose: ledger: .*changes between .*\)$/),
    ]);
    expect(ledger).toEqual([
      expect.stringMatching(/^ {2}! ledger {2}overwrite {2}4.1 kB -> 4.1 kB {2}\S+ledger\.sqlite$/),
      '      ! beside it: ledger.sqlite-wal, ledger.sqlite-shm: set aside with it',
      expect.stringMatching(/^ {2}- ledger, beside it {2}remove {2}.*ledger\.sqlite-wal$/),
      expect.stringMatching(/^ {2}- ledger, beside it {2}remove {2}33 kB {2}\S+ledger\.sqlite-shm$/),
    ]);
    expect(stdout).toContain('      live file last written 2020-01-02T03:04:05Z\n');
    expect(stdout).toContain('    Way back: undo, from a safety backup that is made first\n');
    expect(stdout).toMatch(/Plan [0-9a-f]{16}\nNothing was changed\.\n$/);
    expect(contents(root)).toEqual(before);
  });

  test('names where else there is what this backup cannot give', async () => {
    const {backups, ask} = makeAll();
    expect((await ask('--dry-run')).stdout).toContain(
      '  ! Good copy: broken: none is known in another backup\n',
    );
    const id = '20261120_000000';
    makeBackup({backups, id, recordedRoot: 'here', datasets: [{name: 'broken', content: saved}]});
    expect((await ask('--dry-run')).stdout).toContain(
      `  ! Good copy: broken: none is verified; version 1, in ${id}, may be one\n`,
    );
  });

  test('says the same as JSON', async () => {
    const {root, data, ask} = makeAll();
    const {code, stdout, stderr} = await ask('--dry-run', '--json', '--read-only');
    expect({code, stderr}).toEqual({code: 5, stderr: ''});
    const plan = JSON.parse(stdout) as Plan;
    const {actions, space, losses, ...rest} = plan;
    expect(rest).toEqual({
      command: 'restore:plan',
      root,
      id: backupId,
      plan: expect.stringMatching(/^[0-9a-f]{16}$/),
      created_at: '2026-11-23T13:18:13+00:00',
      into: null,
      undoes: null,
      safety_backup: true,
      seconds: 0.5,
      unseen_processes: expect.any(Number),
      leaves: [],
      notes: [],
      php_at_work: [],
      owner: null,
      open_sessions: [],
      left_out: [],
      broken_inside: [],
      partial: [],
      newer: [],
      elsewhere: [{dataset: 'broken', id: null, version: null, good: false}],
      audit: null,
      reasons: ['broken: the copy is missing'],
    });
    expect(losses).toEqual([
      {
        dataset: 'tenants',
        files: 1,
        from: null,
        to: null,
        counted: {of: 'entries', only_live: 1, differ: 0, only_copy: 1, whole: true},
      },
      // Counted on private copies, which --read-only makes none of.
      {dataset: 'ledger', files: 1, from: expect.any(String), to: expect.any(String), counted: null},
    ]);
    expect(space).toEqual([
      {where: expect.any(String), needed: expect.any(Number), free: expect.any(Number)},
    ]);
    expect(actions.map(({dataset, role, action}) => [dataset, role, action])).toEqual([
      ['tenants', 'dataset', 'overwrite'],
      ['settings', 'dataset', 'unchanged'],
      ['media', 'dataset', 'create'],
      ['ledger', 'dataset', 'overwrite'],
      ['ledger', 'sidecar', 'remove'],
      ['ledger', 'sidecar', 'remove'],
      ['broken', 'dataset', 'refused'],
    ]);
    expect(actions[0]).toEqual({
      dataset: 'tenants',
      role: 'dataset',
      action: 'overwrite',
      source: 'datasets/tenants.json',
      target: `${data}/tenants.json`,
      recorded: null,
      bytes: saved.length,
      hash: phpHash('sha256', saved),
      live: {bytes: live.length, hash: phpHash('sha256', live), modified: year.toISOString()},
      loses: 'what the live file holds instead',
      open_by: [],
      written_seconds_ago: null,
      writing: null,
      beside: [],
      reason: null,
    });
    expect(actions[2]).toMatchObject({live: null, loses: null});
    expect(actions[3]).toMatchObject({beside: ['ledger.sqlite-wal', 'ledger.sqlite-shm']});
  });

  test('has a hash that stays for as long as nothing changes, and then stops a restore', async () => {
    const {ask, restore, live: file, holds, root} = makeRestorable();
    const hash = async () => (JSON.parse((await ask('--dry-run', '--json')).stdout) as Plan).plan;
    const first = await hash();
    expect(await hash()).toBe(first);
    // Same bytes, same time: that it was written to still counts.
    const {atime, mtime} = fs.statSync(file('tenants'));
    fs.writeFileSync(file('tenants'), fs.readFileSync(file('tenants')));
    fs.utimesSync(file('tenants'), atime, mtime);
    const second = await hash();
    expect(second).not.toBe(first);
    const reason = `Refused: the plan is ${second} now, not ${first}: the backup, a live file or the configuration has changed since. Nothing was changed.`;
    const outcome = await restore(`--plan=${first}`, '--json');
    expect(outcome).toMatchObject({code: 5, stderr: `magds: ${reason}\n`});
    expect(summaryOf(outcome)).toMatchObject({
      outcome: 'refused',
      session: null,
      reason,
      beware: [],
      commands: [],
    });
    expect(fs.existsSync(`${root}/storage/runbook`)).toBe(false);
    expect(await restore(`--plan=${second}`)).toMatchObject({code: 0});
    expect(holds('tenants')).toBe(twoContents['tenants']?.copy);
  });

  test('does not count what always changes', async () => {
    const contents = {...twoContents, kernel_state: {copy: saved, live}};
    const {root, ask, live: file} = makeRestorable({contents});
    const hash = async () => (JSON.parse((await ask('--dry-run', '--json')).stdout) as Plan).plan;
    const first = await hash();
    fs.appendFileSync(file('kernel_state'), 'more');
    expect(await hash()).toBe(first);
    configure(root, {volatile: []});
    expect(await hash()).not.toBe(first);
  });

  test('names each process that has a file open', async () => {
    const {root, live: file} = makeRestorable();
    const fd = fs.openSync(file('tenants'), 'r');
    try {
      // What a process has open itself is no business of others.
      const args = ['--dry-run', '--json', '--only=tenants', '--root', root];
      const {stdout} = await magdsProcess(['restore', `--id=${backupId}`, ...args]);
      const [action] = (JSON.parse(stdout) as Plan).actions;
      expect(action?.['open_by']).toEqual([expect.stringMatching(new RegExp(`^.+ ${process.pid}$`))]);
    } finally {
      fs.closeSync(fd);
    }
  });

  // On a loaded machine a program may begin only when that was too long ago: then once more.
  const inTime = (attempt: () => Promise<void>) => vi.waitFor(attempt, {timeout: 50_000, interval: 0});
  const written = (file: string, secondsAgo: number): void => {
    const time = Date.now() / 1000 - secondsAgo;
    fs.utimesSync(file, time, time);
  };

  test('says the word for what is written now', async () => {
    const contents = {...twoContents, kernel_state: {copy: saved, live}};
    const {ask, live: file} = makeRestorable({contents});
    const asked = (...flags: string[]) => {
      written(file('ledger'), 40);
      written(file('tenants'), 0);
      written(file('kernel_state'), 0);
      return ask('--dry-run', ...flags);
    };
    await inTime(async () => {
      const {stdout} = await asked();
      expect(stdout).toMatch(
        /tenants\.json\n.*\n {6}x WRITING {2}written \ds ago\. Stop the service first\n/,
      );
      expect(stdout).toMatch(/ledger\.json\n.*\n {6}! written 4\ds ago\n/);
      expect(stdout).toMatch(/ {6}! WRITING {2}written \ds ago; it always changes\n/);
    });
    await inTime(async () => {
      const {actions} = JSON.parse((await asked('--json')).stdout) as Plan;
      const writing = Object.fromEntries(actions.map((each) => [each.dataset, each['writing']]));
      expect(writing).toEqual({
        tenants: {last: fs.statSync(file('tenants')).mtime.toISOString(), volatile: false},
        ledger: null,
        kernel_state: {last: expect.any(String), volatile: true},
      });
    });
  });

  test('is recorded with what was written then, and restored all the same', async () => {
    await inTime(async () => {
      const contents = {...twoContents, kernel_state: {copy: saved, live}};
      const {restore, live: file, root} = makeRestorable({contents});
      written(file('ledger'), 40);
      written(file('tenants'), 0);
      written(file('kernel_state'), 0);
      expect(await restore()).toMatchObject({code: 0});
      expect(recordOf(root, 1)[0]).toMatchObject({
        type: 'opened',
        data: {
          deviations: [
            expect.stringMatching(/^restored although it was written \(tenants: \ds before its plan\)$/),
          ],
        },
      });
    });
  });

  test('records no deviation where nobody writes, nor where a hook stops the service', async () => {
    for (const hooks of [{}, {before_restore: [['true']]}]) {
      const {restore, live: file, root} = makeRestorable();
      configure(root, {hooks});
      if (!('before_restore' in hooks))
        for (const name of Object.keys(twoContents)) fs.utimesSync(file(name), year, year);
      expect(await restore()).toMatchObject({code: 0});
      expect(recordOf(root, 1)[0]?.data).not.toHaveProperty('deviations');
    }
  });

  test('shows both paths where the manifest records another', async () => {
    const {root, ask} = makeRestorable({recordedRoot: '/srv/elsewhere/./'});
    const {code, stdout} = await ask('--dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain(
      `${root}/storage/data/tenants.json\n      ! recorded from /srv/elsewhere/.//storage/data/tenants.json; goes to the configured source\n`,
    );
  });

  test('takes for roles of a server what is written down as such, and nothing else', async () => {
    const place = makeRestorable();
    const planOf = async (facts: object): Promise<Plan> => {
      const manifest = JSON.parse(place.built.manifest) as {datasets: {tenants: object}};
      Object.assign(manifest.datasets.tenants, facts);
      fs.writeFileSync(place.built.manifestFile, JSON.stringify(manifest));
      const {stdout} = await place.ask('--dry-run', '--json');
      return JSON.parse(stdout) as Plan;
    };
    expect(await planOf({type: 'command', format: 'output'})).toMatchObject({
      actions: [{dataset: 'tenants', action: 'overwrite'}, {dataset: 'ledger'}],
    });
    expect(await planOf({type: 'postgres', format: 'custom', database: 7})).toMatchObject({
      actions: [
        {action: 'refused', reason: 'the manifest does not say which database it is a dump of'},
        {dataset: 'ledger'},
      ],
    });
    for (const format of ['globals', 'globals without passwords'])
      expect(await planOf({type: 'postgres', format})).toMatchObject({
        actions: [{dataset: 'ledger'}],
        left_out: [
          {name: 'tenants', reason: expect.stringContaining('roles are for the whole server') as string},
        ],
      });
  });

  test('cannot be made to say anything to the terminal', async () => {
    const place = makeRestorable({
      settings: {datasets: [{name: 'tenants', source: 'storage/data/tenants.json'}]},
    });
    const text = place.built.manifest.replaceAll('"ledger"', JSON.stringify(hostileText));
    fs.writeFileSync(place.built.manifestFile, text);
    const {code, stdout, stderr} = await place.restore();
    expect(code).toBe(5);
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(unprintable);
  });
});
