import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {hostileText, unprintable} from '../support/hostile.ts';
import {backup, type Plain, rootWith} from '../support/php-config.ts';
import {asNobody} from '../support/restores.ts';
import {jsonLines, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const file = 'config/base/magds.php';
const tenants = {name: 'tenants', source: 'storage/data/tenants.json'};
const sound = {datasets: [tenants], retention: {max_count: 5}};
const production = backup({verification: {algorithm: 'sha512'}, retention: {max_count: 14}});

const makeRoot = (settings: Plain = sound, files: Record<string, Plain> = {}): string =>
  rootWith({[file]: backup(settings), 'config/environments/production.php': production, ...files});

const ownFile = (root: string, text: string): void => {
  fs.mkdirSync(path.join(root, 'storage/runbook'), {recursive: true});
  fs.writeFileSync(path.join(root, 'storage/runbook/config.json'), text);
};

test('says every value and where it came from', async () => {
  const root = makeRoot();
  const {code, stdout, stderr} = await magds(['config', '--root', root], {env: {MOBO_ENV: 'production'}});
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  const overridden = 'config/environments/production.php:3';
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
  ).toEqual([
    ['SETTING', 'VALUE', 'FROM'],
    ['environment', 'production', 'MOBO_ENV'],
    ['backup.enabled', 'true', 'default'],
    ['backup.path', `${root}/storage/backups`, 'default'],
    ['backup.verification.algorithm', 'sha512', overridden],
    ['backup.retention.max_count', '14', overridden],
    ['backup.datasets', '1', `${file}:3`],
    ['dataset tenants', `${root}/storage/data/tenants.json`, `${file}:3`],
    ['audit log', `${root}/storage/logs/audit.log`, 'default'],
  ]);
});

test('JSON has the same values, and the problems', async () => {
  const root = makeRoot({datasets: [tenants]});
  const {code, stdout} = await magds(['config', '--json', '--root', root]);
  expect(code).toBe(1);
  expect(jsonLines(stdout)).toMatchObject([
    {
      command: 'config',
      root,
      environment: {value: 'development', from: 'default', problem: null},
      conflict: null,
      enabled: {value: true},
      path: {value: `${root}/storage/backups`},
      datasets: {
        value: [
          {name: 'tenants', source: `${root}/storage/data/tenants.json`, type: 'file', from: `${file}:3`},
        ],
      },
      maxCount: {value: null, problem: 'keeps every backup: the disk fills up'},
      faults: [],
    },
  ]);
});

describe('what is wrong is exit 1 and a line:', () => {
  test('a value', async () => {
    const {code, stdout} = await magds(['config', '--root', makeRoot({...sound, path: 5})]);
    expect(code).toBe(1);
    expect(stdout).toContain('\n! backup.path: magds.backup.path is not valid; the default is used\n');
  });

  test('a file', async () => {
    const root = makeRoot(sound, {'config/secrets/a.php': "<?php\n\nreturn ['a' => {;\n"});
    const {code, stdout} = await magds(['config', '--root', root]);
    expect(code).toBe(1);
    expect(stdout).toContain(`\nx ${root}/config/secrets/a.php:3 has a PHP syntax error\n`);
  });

  test('our own file, which others may write', async () => {
    const root = makeRoot();
    ownFile(root, '{"version": 1, "backup": {"max_count": 1}}');
    const own = `${root}/storage/runbook/config.json`;
    fs.chmodSync(own, 0o666);
    const {code, stdout} = await magds(['config', '--root', root]);
    expect(code).toBe(1);
    expect(stdout).toContain(`\nx ${own} is ignored: others may write it: chmod go-w ${own}\n`);
    expect(stdout).toMatch(/^backup\.retention\.max_count +5 /m);
  });

  test('a name in volatile that is no dataset, and so has no effect; backups are made all the same', async () => {
    const root = makeRoot({...sound, datasets: [{...tenants, source: 'config/base/magds.php'}]});
    ownFile(root, '{"version": 1, "volatile": ["tenant", "tenants", "tenants/part.json"]}');
    const {code, stdout} = await magds(['config', '--root', root]);
    expect(code).toBe(1);
    expect(stdout).toContain('\n! volatile: there is no dataset tenant; there are tenants\n');
    expect(stdout).toMatch(/^volatile +tenant, tenants, tenants\/part.json +storage\/runbook\/config.json$/m);
    expect(await magds(['backup', 'run', '--root', root])).toMatchObject({code: 0});
  });

  test('also beside the table for the documentation', async () => {
    const root = makeRoot({...sound, path: 5}, {'config/secrets/a.php': '<?php'});
    const {code, stdout, stderr} = await magds(['config', '--markdown', '--root', root]);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('magds.backup.path is not valid');
    expect(stdout + stderr).toContain('does not return an array');
  });
});

test('what PHP refuses to boot with is said, and exits 1; all is shown and done all the same', async () => {
  const root = makeRoot({...sound, enabled: 'yes'});
  fs.mkdirSync(path.join(root, 'storage/data'), {recursive: true});
  fs.writeFileSync(path.join(root, 'storage/data/tenants.json'), '{}');
  const {code, stdout} = await magds(['config', '--root', root]);
  const said = `! PHP refuses to boot with this: ${root}/${file}:3 magds.backup.enabled is neither true nor false`;
  expect(stdout.split('\n')).toContain(said);
  expect(stdout).toMatch(/^backup\.enabled +true /m);
  expect(code).toBe(1);
  expect(await magds(['backup', 'run', '--root', root])).toMatchObject({code: 0});
});

test('where .env and the process disagree, it is said, until --env settles it', async () => {
  const root = makeRoot(sound, {'.env': 'MOBO_ENV=staging\n'});
  fs.writeFileSync(path.join(root, 'php.ini'), 'variables_order = "GPCS"\n');
  const env = {MOBO_ENV: 'production', PHPRC: root};
  const doubt = `! .env says staging, the process says production: .env counts, by ${root}/php.ini. Settle it with --env.`;
  const {stdout} = await magds(['config', '--root', root], {env});
  expect(stdout.split('\n')).toContain(doubt);
  expect(stdout).toMatch(/^environment +staging +\.env$/m);
  const settled = await magds(['config', '--root', root, '--env', 'production'], {env});
  expect(settled.stdout).not.toContain('Settle it');
  expect(settled.stdout).toMatch(/^environment +production +--env$/m);
  expect(settled.stdout).toMatch(/^backup\.retention\.max_count +14 /m);
});

test('hostile names and paths neither reach the terminal nor break the table', async () => {
  const name = `${hostileText}|<b>[x](y)\`*\\`;
  const root = makeRoot({...sound, datasets: [{name, source: `a|b\n${name}`}, tenants]});
  const text = await magds(['config', '--root', root]);
  const json = await magds(['config', '--json', '--root', root]);
  for (const {stdout, stderr} of [text, json]) {
    expect(stderr).toBe('');
    for (const line of stdout.split('\n')) expect(line).not.toMatch(unprintable);
  }
  expect(jsonLines(json.stdout)[0]).toMatchObject({datasets: {value: [{name}, {name: 'tenants'}]}});

  const {code, stdout} = await magds(['config', '--markdown', '--root', root]);
  expect(code).toBe(0);
  const rows = stdout.trimEnd().split('\n').slice(2);
  expect(rows.slice(0, 2)).toEqual(['| setting | value | from |', '| --- | --- | --- |']);
  // Two lines of heading and nine values: none was split, each has its three cells.
  expect(rows).toHaveLength(11);
  for (const row of rows) {
    expect(row).not.toMatch(unprintable);
    const bare = row.replace(/\\[\\|`<[\]*]/g, '');
    expect(bare.split('|')).toHaveLength(5);
    expect(bare).not.toMatch(/[<`*[\]]/);
  }
});

test('the schema needs no project', async () => {
  const {code, stdout} = await magds(['config', '--schema'], {cwd: temporaryDirectory()});
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    type: 'object',
    required: ['version'],
    additionalProperties: false,
  });
});

test('a bare directory of backups has no configuration', async () => {
  const backups = temporaryDirectory();
  const stderr = expect.stringContaining(
    '--backups has no configuration. Name the project: --root DIR.',
  ) as string;
  expect(await magds(['config', '--backups', backups])).toMatchObject({code: 2, stdout: '', stderr});
});

test.each([['--markdwon'], ['--schema=x', '--id', 'y'], ['extra']])('wrong usage: %s', async (...flags) => {
  expect(await magds(['config', '--root', makeRoot(), ...flags])).toMatchObject({code: 2, stdout: ''});
});

// Only root can become somebody else.
test.runIf(process.getuid?.() === 0)(
  'settings in a directory that one may not enter are no missing ones',
  async () => {
    const root = makeRoot();
    ownFile(root, '{"version":1}');
    fs.chmodSync(root, 0o755);
    fs.chmodSync(path.join(root, 'storage/runbook'), 0o700);
    expect(await asNobody(['config', '--root', root])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('storage/runbook/config.json cannot be read: permission denied'),
    });
  },
);

test('no dataset at all is a problem: nothing would be backed up', async () => {
  const root = makeRoot();
  ownFile(root, '{"version": 1, "backup": {"datasets": []}}');
  const {code, stdout} = await magds(['config', '--root', root]);
  expect({code, stdout}).toEqual({
    code: 1,
    stdout: expect.stringContaining('\n! backup.datasets: none is configured: there is nothing to back up\n'),
  });
});

const connections = {
  magdsdb: {driver: 'pgsql', host: 'db.example', database: 'magds', username: 'u', password: 'hunter2'},
  again: {host: 'db.example', database: 'magds'},
  standby: {host: 'other.example', database: 'magds', password: 'hunter2'},
  cache: {driver: 'sqlite', database: '/srv/cache.sqlite'},
  hidden: {database: ['hunter2']},
};
const withDatabases = (magds: Plain = {}) =>
  makeRoot(sound, {
    'config/base/all.php': {
      database: {connections},
      magds: {primary: {connection: 'magdsdb'}, replicas: [{connection: 'standby'}], ...(magds as object)},
    },
  });

describe('databases of the PHP configuration', () => {
  test('are told, each once, with what is wrong, and without a password', async () => {
    const root = withDatabases();
    const {code, stdout, stderr} = await magds(['config', '--root', root]);
    expect({code, stderr}).toEqual({code: 1, stderr: ''});
    expect(
      stdout
        .split('\n')
        .filter((line) => /database /.test(line))
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['database magdsdb, again', 'database "magds" on db.example:5432', 'config/base/all.php:3'],
      ['database standby', 'database "magds" on other.example:5432, a replica', 'config/base/all.php:3'],
      ['database cache', 'its driver is sqlite, not pgsql', 'config/base/all.php:3'],
      [
        'database hidden',
        'its database (config/base/all.php:3) is an array, not a text',
        'config/base/all.php:3',
      ],
      [
        '! database magdsdb, again: it is in no backup, because no dataset holds it: "magds config --suggest" prints what to add',
      ],
      [
        '! database hidden: it is in no backup, because no dataset holds it, and it is not known which database it is: its database (config/base/all.php:3) is an array, not a text',
      ],
    ]);
    const json = await magds(['config', '--json', '--root', root]);
    expect(jsonLines(json.stdout)).toMatchObject([
      {databases: [{connections: ['magdsdb', 'again'], datasets: [], isPrimary: true}, {}, {}, {}]},
    ]);
    expect(stdout + json.stdout + json.stderr).not.toContain('hunter2');
  });

  test('--suggest prints a list that holds them, and all that is configured now', async () => {
    const root = withDatabases();
    const {code, stdout, stderr} = await magds(['config', '--suggest', '--root', root]);
    // One cannot be suggested.
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      backup: {datasets: [tenants, {name: 'magdsdb', type: 'postgres', connection: 'magdsdb'}]},
    });
    expect(stderr).toContain('New: magdsdb.');
    expect(stderr).toContain('! database hidden');
    expect(stdout + stderr).not.toContain('hunter2');
  });

  test('a dataset of a connection that is not there is told: it would be in no backup', async () => {
    const root = withDatabases();
    const datasets = [
      {name: 'magdsdb', type: 'postgres', connection: 'magdsdb'},
      {name: 'typo', type: 'postgres', connection: 'magdsbd'},
    ];
    ownFile(root, JSON.stringify({version: 1, backup: {datasets}}));
    const {code, stdout} = await magds(['config', '--root', root]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^connection magdsbd +not there, in typo +storage\/runbook\/config\.json$/m);
    expect(stdout).toContain(
      '\n! connection magdsbd: the PHP configuration has no connection magdsbd; it has magdsdb, again, standby, cache, hidden\n',
    );
  });

  test('a dataset of that name that is there already keeps it', async () => {
    const root = withDatabases();
    const file = {name: 'magdsdb', source: 'a.json'};
    ownFile(root, JSON.stringify({version: 1, backup: {datasets: [file]}}));
    const {stdout} = await magds(['config', '--suggest', '--json', '--root', root]);
    expect(jsonLines(stdout)).toEqual([
      {
        command: 'config:suggest',
        root,
        added: 1,
        datasets: [file, {name: 'magdsdb-2', type: 'postgres', connection: 'magdsdb'}],
      },
    ]);
  });

  test('names that would move a terminal are escaped', async () => {
    const root = makeRoot(sound, {
      'config/base/all.php': {
        database: {connections: {[hostileText]: {dsn: `pgsql:dbname='${hostileText}'`}}},
      },
    });
    for (const flags of [[], ['--suggest'], ['--json'], ['--markdown']]) {
      const {stdout, stderr} = await magds(['config', '--root', root, ...flags]);
      expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(unprintable);
    }
  });

  test('where none is known that is said, and nothing is suggested', async () => {
    const root = makeRoot(sound, {'config/base/database.php': '<?php return ["database" => vault()];'});
    expect((await magds(['config', '--root', root])).stdout).toContain(
      '! databases: database.connections (config/base/database.php:1) cannot be told without running PHP',
    );
    const {code, stdout, stderr} = await magds(['config', '--suggest', '--root', root]);
    expect({code, stdout}).toEqual({code: 1, stdout: ''});
    expect(stderr).toContain('cannot be told without running PHP');
  });
});
