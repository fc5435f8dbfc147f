import {describe, expect, test} from 'vitest';
import {datasetTypes, entrySchema, readDataset} from '../../../source/engine/datasets/all.ts';
import type {PostgresDataset} from '../../../source/engine/datasets/postgres.ts';

const schema = entrySchema(datasetTypes);
const read = (entry: Record<string, unknown>): PostgresDataset =>
  readDataset(schema.parse({name: 'db', type: 'postgres', ...entry}), '/srv/x', 'here') as PostgresDataset;

describe('a database is configured', () => {
  test('by a connection of the PHP configuration', () => {
    const dataset = read({connection: 'magdsdb', schemas: ['cp_auth'], globals: true});
    expect(dataset).toMatchObject({
      name: 'db',
      source: '/srv/x/storage/restore/db.dump',
      reached: 'magdsdb',
      schemas: ['cp_auth'],
      globals: true,
    });
    expect(dataset.type.describe(dataset)).toBe('connection magdsdb, schemas cp_auth');
  });

  test.each([
    [{socket: '/run/postgresql', database: 'm', user: 'magds'}, 'database "m" on /run/postgresql'],
    [
      {host: 'db.example', port: 5433, database: 'm', sslmode: 'verify-full'},
      'database "m" on db.example:5433',
    ],
    [{service: 'site', database: 'm', passfile: '/etc/magds/pass'}, 'database "m" of service site'],
    [{database: 'm'}, 'database "m" on the local server'],
  ])('by how it is reached: %j', (entry, described) => {
    const dataset = read(entry);
    expect(dataset).toMatchObject({reached: {database: 'm'}, schemas: null, globals: false});
    expect(dataset.type.describe(dataset)).toBe(described);
  });

  test('under any name, of which its file has what a file may be called', () => {
    expect(read({name: '../é x', database: 'm'}).source).toBe('/srv/x/storage/restore/..---x.dump');
  });

  test.each([
    [{}, 'it needs a "connection" of the PHP configuration, or a "database" and where that is'],
    [{host: 'a'}, 'it needs a "connection" of the PHP configuration, or a "database" and where that is'],
    [{connection: 'a', host: 'b'}, '"connection" says all of it: "host" does not go with it'],
    [{database: 'm', host: 'a', socket: '/b'}, '"host" and "socket" do not go together'],
    [{database: 'm', service: 'a', user: 'b'}, 'the service says all of it: "user" does not go with it'],
  ])('wrongly, which is said: %j', (entry, message) => {
    const issues = schema.safeParse({name: 'db', type: 'postgres', ...entry}).error?.issues;
    expect(issues?.map((each) => each.message)).toEqual([message]);
  });

  test.each([
    {database: 'é'.repeat(32)},
    {database: ''},
    {database: 'a\0b'},
    {database: 'm', schemas: []},
    {database: 'm', port: 0},
    {database: 'm', socket: 'relative'},
    {database: 'm', sslmode: 'maybe'},
    {database: 'm', password: 'secret'},
    {database: 'm', source: 'x'},
  ])('by what is none of it: %j', (entry) => {
    expect(schema.safeParse({name: 'db', type: 'postgres', ...entry}).success).toBe(false);
  });
});
