import {beforeAll, describe, expect, test} from 'vitest';
import {countLiveRows} from '../../../source/engine/postgres/live-rows.ts';
import {inSession} from '../../../source/engine/postgres/session.ts';
import {liveRows} from '../../../source/engine/postgres/table-rows.ts';
import {type Cluster, noServer, startCluster} from '../../support/postgres.ts';

describe.skipIf(noServer !== null)('rows that a server has now', () => {
  let cluster: Cluster;
  const {signal} = new AbortController();
  const counting = {schemas: null, limit: 20_000, signal, onTable: () => {}};

  beforeAll(() => {
    cluster = startCluster();
    cluster.sql('CREATE DATABASE shop');
    cluster.sql(
      `CREATE TABLE accounts (id int); INSERT INTO accounts SELECT generate_series(1, 300);
      CREATE TABLE parts (id int) PARTITION BY LIST (id);
      CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1); CREATE TABLE parts_2 PARTITION OF parts FOR VALUES IN (2);
      INSERT INTO parts VALUES (1), (2), (2);
      CREATE SCHEMA "a.b"; CREATE TABLE "a.b"."c""d'é" (i int); INSERT INTO "a.b"."c""d'é" VALUES (1);
      CREATE VIEW seen AS SELECT * FROM accounts; ANALYZE`,
      'shop',
    );
  });

  test('of one table: also one without columns; and one that is not there is told as that', async () => {
    cluster.sql(
      `CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES; INSERT INTO bare DEFAULT VALUES;
      CREATE TABLE made (a int, b int GENERATED ALWAYS AS (a) STORED); INSERT INTO made VALUES (1)`,
      'postgres',
    );
    const rowsOf = async (name: string): Promise<string[]> => {
      const lines: string[] = [];
      const reading = {
        table: {schema: 'public', name},
        signal,
        take: (line: string) => void lines.push(line),
      };
      expect(await liveRows(cluster.connection(), reading)).toBe(lines.length);
      return lines;
    };
    expect(await rowsOf('bare')).toEqual(['{}\n', '{}\n']);
    expect(await rowsOf('made')).toEqual(['{"a":"1"}\n']);
    await expect(rowsOf('gone')).rejects.toThrow('the server has no such table any more');
  });

  test('are counted by table, partitions as their table', async () => {
    const {rows, uncounted, version, at} = await countLiveRows(cluster.connection('shop'), counting);
    expect(rows).toEqual(
      new Map([
        ['"a.b"."c""d\'é"', 1],
        ['public.accounts', 300],
        ['public.parts', 3],
      ]),
    );
    expect(uncounted).toEqual([]);
    expect(version).toMatch(/^\d+\./);
    expect(Math.abs(Date.now() - at.getTime())).toBeLessThan(60_000);
    const narrow = await countLiveRows(cluster.connection('shop'), {...counting, schemas: ['a.b']});
    expect([...narrow.rows.keys()]).toEqual(['"a.b"."c""d\'é"']);
  });

  test('the time that is over is told of each table that it was over for', async () => {
    await inSession(cluster.connection('shop'), {}, async (session) => {
      await session.run('BEGIN');
      await session.run('LOCK TABLE public.accounts IN ACCESS EXCLUSIVE MODE');
      const began = performance.now();
      const {rows, uncounted} = await countLiveRows(cluster.connection('shop'), {...counting, limit: 1500});
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(uncounted).toContain('public.accounts');
      expect([...rows.keys(), ...uncounted].toSorted()).toEqual([
        '"a.b"."c""d\'é"',
        'public.accounts',
        'public.parts',
      ]);
    });
  });

  test('a server that cannot be asked is one line', async () => {
    await expect(countLiveRows(cluster.connection('none'), counting)).rejects.toThrow(/^database "none" on /);
  });
});
