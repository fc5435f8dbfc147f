import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Check} from '../../source/engine/doctor/check.ts';
import {healthyRoot} from '../support/doctor.ts';
import {phpFile} from '../support/php-config.ts';
import {asNobody, makeHalfway, nobody} from '../support/restores.ts';
import {jsonLines, magds, type Outcome} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';
import {openTerminal} from '../support/terminal.ts';
import {treeState} from '../support/tree.ts';

const isRoot = process.getuid?.() === 0;

type Told = {checks: (Check & {group: string})[]; counts: Record<string, number>; exit: number};
const toldBy = ({stdout}: Outcome): Told => jsonLines(stdout)[0] as Told;
const idsOf = ({checks}: Told, state: string): string[] => [
  ...new Set(checks.filter((each) => each.state === state).map(({id}) => id)),
];
const rowsOf = ({checks}: Told, id: string) => checks.filter((each) => each.id === id);

/** Gives all of `storage/` to a user, and lets others get there. */
function giveStorage(root: string, uid: number): void {
  const storage = `${root}/storage`;
  for (const name of ['.', ...(fs.readdirSync(storage, {recursive: true}) as string[])])
    fs.lchownSync(path.join(storage, name), uid, uid);
}

test('of a root in which all is well: text, JSON, exit 0, and nothing is changed', async () => {
  const {root, backups, id} = await healthyRoot();
  const before = treeState(root);
  const [text, json] = await Promise.all([
    magds(['doctor', '--read-only'], {cwd: `${root}/config`}),
    magds(['doctor', '--json', '--root', root]),
  ]);
  expect(treeState(root)).toEqual(before);
  expect(text).toMatchObject({code: 0, stderr: ''});
  expect(text.stdout).toContain(`\n  + newest         ${id}, just now\n`);
  expect(text.stdout).toMatch(/\nAll is well\. \(exit 0\)\n {2}\+ \d+ well\n$/);
  expect(Math.max(...text.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect({code: json.code, stderr: json.stderr}).toEqual({code: 0, stderr: ''});
  const told = toldBy(json);
  expect(told).toMatchObject({
    command: 'doctor',
    root,
    backups,
    counts: {ok: told.checks.length, beware: 0, wrong: 0, unknown: 0},
    exit: 0,
  });
  expect(told.checks.find((each) => each.id === 'newest')).toEqual({
    id: 'newest',
    group: 'Backups',
    state: 'ok',
    what: `${id}, just now`,
    advice: null,
    commands: [],
  });
});

test('of the demonstration: each of its damages is told, worst last', async () => {
  const root = path.join(temporaryDirectory(), 'demo');
  expect(await magds(['demo', root])).toMatchObject({code: 0});
  const [text, json] = await Promise.all([
    magds(['doctor', '--root', root]),
    magds(['doctor', '--root', root, '--json']),
  ]);
  const told = toldBy(json);
  expect(json.code).toBe(1);
  expect(idsOf(told, 'wrong')).toEqual(['damaged']);
  expect(idsOf(told, 'beware')).toEqual(['changed', 'strays', 'php']);
  expect(rowsOf(told, 'damaged').map(({what}) => what.split(':')[0])).toEqual([
    'copies are missing, or cannot be used',
    'holds nothing',
    'interrupted',
    'unreadable',
    'failed its verification',
  ]);
  expect(text.code).toBe(1);
  expect(text.stdout).toMatch(
    /\nSomething needs you\. \(exit 1\)\n {2}x 5 wrong: damaged\n {2}! 3 to look at: changed, strays, php\n {2}\+ \d+ well\n$/,
  );
  // Only a command goes beyond: broken, it could not be copied.
  const wide = text.stdout.split('\n').filter((line) => line.length > 80);
  expect(wide.filter((line) => !/^ {4}(magds|mv) /.test(line))).toEqual([]);
});

test('of a restore that stopped halfway: exit 6, and not a word on stderr', async () => {
  const {root} = await makeHalfway();
  const {code, stdout, stderr} = await magds(['doctor', '--root', root]);
  expect({code, stderr}).toEqual({code: 6, stderr: ''});
  expect(stdout).toContain('\n  x sessions       THE RESTORE OF SESSION 1 STOPPED HALFWAY (of\n');
  expect(stdout).toMatch(new RegExp(`\\n {4,21}magds restore --resume --root=${root}\\n`));
  expect(stdout).toContain('\nA restore stopped: that comes first. (exit 6)\n');
});

test('of a directory of backups alone: what can be told of it', async () => {
  const {backups, id} = await healthyRoot();
  const json = await magds(['doctor', '--backups', backups, '--json']);
  const told = toldBy(json);
  expect(json).toMatchObject({code: 0, stderr: ''});
  expect(told.checks.map((each) => each.id)).toEqual([
    'root',
    'user',
    'backups',
    'newest',
    'verified',
    'damaged',
    'strays',
    'tools',
    'runtime',
    'terminal',
  ]);
  expect(rowsOf(told, 'root')).toMatchObject([
    {what: `none: only the backups in ${backups} are looked at, as --backups says`},
  ]);
  fs.rmSync(`${backups}/${id}/manifest.json`);
  const damaged = toldBy(await magds(['doctor', '--backups', backups, '--json']));
  expect(rowsOf(damaged, 'newest')).toMatchObject([{state: 'wrong', commands: []}]);
});

test('of no project: exit 10; of an age that is none: exit 2', async () => {
  const nowhere = temporaryDirectory();
  expect(await magds(['doctor'], {cwd: nowhere})).toMatchObject({code: 10, stdout: ''});
  const {root} = await healthyRoot();
  expect(await magds(['doctor', '--root', root, '--max-age=soon'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'magds: --max-age=soon is not an age: write 30m, 12h, 7d or 2w.\n',
  });
  expect(await magds(['doctor', '--root', root, '--max-age=0s'])).toMatchObject({code: 3});
});

test('of a terminal: its size, and what it is', async () => {
  const {root} = await healthyRoot();
  const {waitFor} = await openTerminal(['doctor', '--root', root], {columns: 100, rows: 60});
  await waitFor(/\+ terminal {7}\S+, 100x60, UTF-8, /);
});

describe.skipIf(!isRoot)('needs root:', () => {
  test('somebody who may look, and not write, is told what he cannot see', async () => {
    const {root} = await healthyRoot();
    const json = await asNobody(['doctor', '--json', '--root', root]);
    const told = toldBy(json);
    expect({code: json.code, stderr: json.stderr}).toEqual({code: 3, stderr: ''});
    expect(idsOf(told, 'wrong')).toEqual([]);
    expect(idsOf(told, 'beware')).toEqual(['user']);
    expect(idsOf(told, 'unknown')).toEqual(['state', 'targets', 'lock', 'audit-log']);
    expect(rowsOf(told, 'user')).toMatchObject([
      {
        what: 'you are nobody, and may look, not write: storage/ belongs to root. What only root may see is not shown here',
        commands: [`sudo magds doctor --root=${root}`],
      },
    ]);
  });

  test('somebody who may not even look', async () => {
    const {root, backups} = await healthyRoot();
    fs.chmodSync(backups, 0o700);
    fs.chmodSync(`${root}/storage/data`, 0o700);
    fs.chmodSync(`${root}/storage/runbook`, 0o700);
    fs.chmodSync(`${root}/storage/telemetry`, 0o700);
    const json = await asNobody(['doctor', '--json', '--root', root]);
    const told = toldBy(json);
    expect(json.code).toBe(3);
    expect(idsOf(told, 'wrong')).toEqual([]);
    expect(rowsOf(told, 'backups')).toMatchObject([
      {
        state: 'unknown',
        what: `${backups} cannot be listed: permission denied: run as its owner, or as root.`,
      },
    ]);
    expect(rowsOf(told, 'sources')).toMatchObject([
      {
        state: 'unknown',
        what: expect.stringContaining('tenants: its source cannot be looked at: permission denied'),
      },
      {state: 'unknown'},
    ]);
    expect(rowsOf(told, 'hooks')).toMatchObject([
      {state: 'unknown', what: 'it may not be looked at as nobody', advice: 'Run as root:'},
    ]);
    for (const id of ['sessions', 'lock', 'leftovers'])
      expect(rowsOf(told, id)).toMatchObject([
        {state: 'unknown', what: 'storage/runbook cannot be opened, so nothing is known of it'},
      ]);
    expect(rowsOf(told, 'metrics')).toMatchObject([
      {state: 'unknown', commands: [`sudo magds doctor --root=${root}`]},
    ]);
    for (const id of ['newest', 'strays', 'php', 'clock'])
      expect(rowsOf(told, id)).toMatchObject([
        {state: 'unknown', what: 'not known, because the backups cannot be listed'},
      ]);
  });

  test('backups whose copies may not be read', async () => {
    const {root, backups, id} = await healthyRoot();
    fs.chmodSync(`${backups}/${id}/datasets/ledger.json`, 0o600);
    const told = toldBy(await asNobody(['doctor', '--json', '--root', root]));
    expect(rowsOf(told, 'backups')).toMatchObject([
      {state: 'unknown', what: `1 backup cannot be read by you: ${id}`},
    ]);
  });

  test("root is told to work as the owner, and what of root's the owner cannot change", async () => {
    const {root, backups, id, state} = await healthyRoot();
    giveStorage(root, nobody);
    const as = `sudo -u nobody magds doctor --root=${root}`;
    const well = toldBy(await magds(['doctor', '--json', '--root', root]));
    expect(rowsOf(well, 'user')).toMatchObject([
      {
        state: 'beware',
        what: 'you are root, and storage/ belongs to nobody: what root begins here, nobody cannot always finish',
        commands: [as],
      },
    ]);
    expect({wrong: idsOf(well, 'wrong'), beware: idsOf(well, 'beware'), exit: well.exit}).toEqual({
      wrong: [],
      beware: ['user'],
      exit: 3,
    });
    expect(await asNobody(['doctor', '--root', root])).toMatchObject({code: 0});

    fs.chownSync(`${backups}/${id}/datasets`, 0, 0);
    fs.chownSync(`${root}/storage/data/ledger.json`, 0, 0);
    fs.chownSync(`${state}/lock`, 0, 0);
    // His by its group, and so of no matter.
    fs.chownSync(`${root}/storage/data/tenants.json`, 0, nobody);
    fs.chmodSync(`${root}/storage/data/tenants.json`, 0o664);
    const chown = (file: string) => [`sudo chown -hR nobody: ${file}`];
    const rows = (told: Told) => rowsOf(told, 'owner').map(({what, commands}) => ({what, commands}));
    const told = toldBy(await magds(['doctor', '--json', '--root', root]));
    expect(told.exit).toBe(1);
    expect(rows(told)).toEqual([
      {
        what: `1 entry of storage/backups belongs to somebody else, and nobody may not change it: ${id}. PHP's run fails where it may not delete an old one.`,
        commands: chown(`${backups}/${id}`),
      },
      {
        what: '1 entry of storage belongs to root, and nobody may not change it: data/ledger.json. PHP cannot write there.',
        commands: chown(`${root}/storage/data/ledger.json`),
      },
      {
        what: '1 entry of storage/runbook belongs to root, and nobody may not change it: lock. What writes fails there.',
        commands: chown(`${state}/lock`),
      },
    ]);
    // He sees it too.
    const own = toldBy(await asNobody(['doctor', '--json', '--root', root]));
    expect(rows(own)).toEqual(rows(told));
  });

  test('metrics that are configured elsewhere', async () => {
    const {root} = await healthyRoot();
    fs.mkdirSync(`${root}/metrics`);
    fs.writeFileSync(`${root}/metrics/kernel.prom`, '');
    fs.writeFileSync(`${root}/metrics/magds_backup.prom`, '');
    fs.writeFileSync(
      `${root}/config/base/observability.php`,
      phpFile({observability: {metrics: {file: 'metrics/kernel.prom'}}}),
    );
    giveStorage(root, nobody);
    const whatOf = async () =>
      rowsOf(toldBy(await magds(['doctor', '--json', '--root', root])), 'owner').map(({what, commands}) => ({
        what,
        commands,
      }));
    const chown = (file: string) => `sudo chown -hR nobody: ${root}/${file}`;
    expect(await whatOf()).toEqual([
      {
        what: '3 entries of metrics belong to root, and nobody may not change them: metrics, kernel.prom, magds_backup.prom. PHP cannot write there.',
        commands: ['metrics', 'metrics/kernel.prom', 'metrics/magds_backup.prom'].map(chown),
      },
    ]);
  });

  test('directories that the owner may not write', async () => {
    const {root, backups, state} = await healthyRoot();
    giveStorage(root, nobody);
    for (const directory of [backups, `${root}/storage/data`, state]) fs.chownSync(directory, 0, 0);
    fs.chmodSync(`${root}/storage/data/ledger.json`, 0o400);
    fs.chownSync(`${root}/storage/data/ledger.json`, 0, 0);
    const may = 'by its owner and mode nobody may not';
    const told = toldBy(await magds(['doctor', '--json', '--root', root]));
    const whatOf = (id: string) => rowsOf(told, id).map(({state: is, what}) => `${is}: ${what}`);
    expect(whatOf('state')).toEqual([`wrong: storage/runbook: ${may} write it`]);
    expect(whatOf('backups')).toEqual([`wrong: ${backups} cannot be written: ${may} write it`]);
    expect(whatOf('targets')).toEqual([`wrong: no restore there: ${root}/storage/data: ${may} write it`]);
    expect(whatOf('sources')).toEqual([`wrong: ledger: ${may} read ${root}/storage/data/ledger.json`]);
    const own = toldBy(await asNobody(['doctor', '--json', '--root', root]));
    expect(rowsOf(own, 'backups')).toMatchObject([
      {
        state: 'wrong',
        what: `${backups} cannot be written: permission denied`,
        commands: [`sudo chown -hR nobody: ${backups}`],
      },
    ]);
    expect(rowsOf(own, 'state')).toMatchObject([{state: 'wrong'}]);
    expect(rowsOf(own, 'targets')).toMatchObject([{state: 'wrong'}]);
  });

  test('storage/ of root with backups of somebody else', async () => {
    const {root, backups} = await healthyRoot();
    fs.chownSync(backups, nobody, nobody);
    const told = toldBy(await magds(['doctor', '--json', '--root', root]));
    expect(rowsOf(told, 'owner')).toMatchObject([
      {
        state: 'beware',
        what: 'storage/ belongs to root, and storage/backups to nobody: who is to make the backups?',
      },
    ]);
  });
});
