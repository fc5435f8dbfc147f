import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {findConnections, parseConninfo, readConnections} from '../../../source/engine/config/connections.ts';
import {everything, type Plain, rootWith} from '../../support/php-config.ts';

/** The framework's own, as it is shipped. */
const shipped = `<?php return ['database' => require __DIR__ . '/../database.php'];`;
const database = `<?php
return [
    'default' => getenv('DB_CONNECTION') ?: 'magdsdb',
    'connections' => [
        'magdsdb' => [
            'driver'   => 'pgsql',
            'host'     => getenv('PGADMIN_HOST') ?: '127.0.0.1',
            'port'     => getenv('PGADMIN_PORT') ?: '5433',
            'database' => getenv('PGADMIN_DATABASE') ?: 'magdsdb',
            'username' => getenv('PGADMIN_USERNAME') ?: 'magdsdb_admin',
            'password' => getenv('PGADMIN_PASSWORD') ?: 'magdsdb_admin',
            'charset'  => 'utf8',
            'schema'   => 'public',
        ],
        'magui' => ['driver' => 'pgsql', 'database' => 'magui_app', 'username' => 'magui'],
    ],
    'pool' => ['min' => 2],
];`;

const reach = async (entry: Plain) => {
  const root = rootWith({'config/base/database.php': {database: {connections: {magdsdb: entry}}}});
  return await findConnections(root, {})('magdsdb');
};

test('the shipped configuration is read with what .env says', async () => {
  const root = rootWith({
    'config/base/database.php': shipped,
    'config/database.php': database,
    '.env': "PGADMIN_HOST=/var/run/postgresql\nPGADMIN_PASSWORD='p:a\\ss'\n",
  });
  expect(await readConnections(root, {})).toEqual({
    problem: null,
    connections: [
      {
        name: 'magdsdb',
        from: 'config/database.php:5',
        isPrimary: true,
        isReplica: false,
        reached: {
          connection: {
            host: '/var/run/postgresql',
            port: 5433,
            database: 'magdsdb',
            user: 'magdsdb_admin',
            password: 'p:a\\ss',
          },
        },
      },
      {
        name: 'magui',
        from: 'config/database.php:15',
        isPrimary: false,
        isReplica: false,
        reached: {connection: {host: '127.0.0.1', port: 5432, database: 'magui_app', user: 'magui'}},
      },
    ],
  });
});

test('layers are merged, secrets and the environment over what is shipped', async () => {
  const root = rootWith({
    'config/base/database.php': {database: {connections: {magdsdb: {database: 'a', username: 'u'}}}},
    'config/environments/production.php': {database: {connections: {magdsdb: {host: 'db.example'}}}},
    'config/secrets/database.php': {database: {connections: {magdsdb: {password: 'hunter2'}}}},
  });
  expect(await findConnections(root, {MOBO_ENV: 'production'})('magdsdb')).toEqual({
    connection: {host: 'db.example', port: 5432, database: 'a', user: 'u', password: 'hunter2'},
  });
});

test('the primary and its replicas are told apart', async () => {
  const connections = {a: {database: 'a'}, b: {database: 'b'}, c: {database: 'c'}};
  const magds = {primary: {connection: 'b'}, replicas: [{connection: 'c'}, {connection: 'b'}]};
  const root = rootWith({'config/base/all.php': {database: {connections}, magds}});
  const told = (await readConnections(root, {})).connections.map((each) => [
    each.name,
    each.isPrimary,
    each.isReplica,
  ]);
  expect(told).toEqual([
    ['a', false, false],
    ['b', true, false],
    ['c', false, true],
  ]);
});

test.each<[string, Plain, object]>([
  ['port as a number', {database: 'd', port: 5433}, {host: '127.0.0.1', port: 5433, database: 'd'}],
  ['sslmode', {database: 'd', sslmode: 'verify-full'}, {sslmode: 'verify-full', database: 'd'}],
  [
    'a dsn over all but user and password',
    {dsn: "pgsql:host=/tmp/x;port=1;dbname='my db';user=a;sslmode=require", username: 'b', database: 'no'},
    {host: '/tmp/x', port: 1, database: 'my db', user: 'b', sslmode: 'require'},
  ],
  ['a dsn with spaces', {dsn: 'pgsql:host = h dbname = d'}, {host: 'h', database: 'd'}],
  ['no database but a user', {database: '', username: 'u'}, {database: 'u', user: 'u'}],
  ['a service', {dsn: 'pgsql:service=magds;dbname=d'}, {service: 'magds', database: 'd'}],
])('%s', async (_, entry, connection) => {
  expect(await reach(entry)).toEqual({connection: expect.objectContaining(connection)});
});

test.each<[string, Plain, string]>([
  ['another driver', {driver: 'sqlite', database: '/x'}, 'its driver is sqlite, not pgsql'],
  ['a database with a space', {database: 'my db'}, 'PHP cannot connect by it either'],
  ['no database', {}, 'it names no database'],
  ['several ports', {database: 'd', port: '1,2'}, 'its port is not one number'],
  ['an array', {database: ['d']}, 'its database (config/base/database.php:3) is an array'],
  ['a scalar', 'x', 'no array'],
  ['the dsn of another', {dsn: 'sqlite:/x'}, 'its dsn is not one of pgsql'],
  ['what cannot be carried over', {dsn: 'pgsql:dbname=d;sslrootcert=/x'}, 'its dsn says more than'],
  ['an empty host', {host: '', database: 'd'}, 'its host is empty'],
  ['quotes in a name', {database: `'it''s'`}, 'PHP cannot connect by it either'],
])('%s is a reason', async (_, entry, reason) => {
  expect(await reach(entry)).toEqual({
    reason: expect.stringMatching(/^database\.connections\.magdsdb \(config\/base\/database\.php:3\): /),
  });
  expect(await reach(entry)).toEqual({reason: expect.stringContaining(reason)});
});

test.each([
  [
    'a value',
    `['database' => ['connections' => ['magdsdb' => ['password' => vault('hunter2'), 'database' => 'd']]]]`,
  ],
  ['a connection', `['database' => ['connections' => ['magdsdb' => connect('hunter2')]]]`],
  ['all of them', `['database' => connect('hunter2')]`],
  ['a dsn', `['database' => ['connections' => ['magdsdb' => ['dsn' => 'pgsql:password=hunter2;;dbname']]]]`],
  ['a key', `['database' => ['connections' => ['magdsdb' => ['dsn' => 'pgsql:password=a hunter2=c']]]]`],
  ['a file', `['database' => 'hunter2' 'hunter2']`],
  ['$_ENV', `['database' => ['connections' => ['magdsdb' => ['host' => $_ENV['hunter2']]]]]`],
])('what cannot be told is said, and no secret of it: %s', async (_, code) => {
  const root = rootWith({'config/base/a.php': `<?php return ${code};`});
  const read = await findConnections(root, {})('magdsdb');
  expect(read).toEqual({reason: expect.stringContaining('config/base/a.php:1')});
  expect(everything(await readConnections(root, {}))).not.toContain('hunter2');
});

test('a name that is not there is told with those that are', async () => {
  const root = rootWith({'config/base/a.php': {database: {connections: {magdsdb: {database: 'd'}}}}});
  expect(await findConnections(root, {})('magds')).toEqual({
    reason: 'the PHP configuration has no connection magds; it has magdsdb',
  });
});

test.each([
  ["host=/tmp/x port=1 dbname='a b'", {host: '/tmp/x', port: '1', dbname: 'a b'}],
  ["dbname=x'y", {dbname: "x'y"}],
  ['host= dbname=foo', {host: 'dbname=foo'}],
  ['host = h dbname = a\\ b', {host: 'h', dbname: 'a b'}],
  ["dbname='it\\'s \\\\'host=h", {dbname: "it's \\", host: 'h'}],
  ['dbname=a\\', {dbname: 'a'}],
  ['dbname=a dbname=b', {dbname: 'b'}],
  ['  ', {}],
  ["dbname='x'y", null],
  ['dbname=my db', null],
  ["dbname='x", null],
])('libpq reads %s so', (text, values) => {
  expect(parseConninfo(text)).toEqual(values && new Map(Object.entries(values)));
});

test('whatever is quoted by the rules of libpq is read back', () => {
  const quote = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z_]+$/), fc.string({unit: 'binary'})), (given) => {
      const text = Object.entries(given).map(([key, value]) => `${key}=${quote(value)}`);
      expect(parseConninfo(text.join(' '))).toEqual(new Map(Object.entries(given)));
    }),
  );
});

test.skipIf(!hasPdo())('PHP refuses what is refused here, and goes where we go', () => {
  const asked = [
    'host=/tmp/x dbname=my db',
    "dbname='x'y host=/tmp/x",
    "host=/tmp/nope dbname='a b'",
    'host= dbname=foo',
  ];
  const code = `foreach (json_decode($argv[1]) as $d) try { new PDO("pgsql:$d", "u"); } catch (PDOException $e) {
    echo json_encode(str_contains($e->getMessage(), 'missing "="')), "\\n"; }`;
  const said = execFileSync('php', ['-r', code, JSON.stringify(asked)], {encoding: 'utf8'})
    .trim()
    .split('\n');
  expect(said.map((line) => JSON.parse(line))).toEqual(asked.map((text) => parseConninfo(text) === null));
});

function hasPdo(): boolean {
  try {
    return execFileSync('php', ['-m'], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}).includes(
      'pdo_pgsql',
    );
  } catch {
    return false;
  }
}

test('it is read once, however many are asked for, and anew by the next who asks', async () => {
  const root = rootWith({
    'config/base/a.php': {database: {connections: {a: {database: 'a'}, b: {database: 'b'}}}},
  });
  const find = findConnections(root, {});
  expect(await find('a')).toMatchObject({connection: {database: 'a'}});
  fs.rmSync(`${root}/config/base/a.php`);
  expect(await find('b')).toMatchObject({connection: {database: 'b'}});
  expect(await findConnections(root, {})('b')).toEqual({
    reason: 'the PHP configuration has no connection b; it has none',
  });
});
