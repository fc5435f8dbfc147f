import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {byDataset, type DatasetPlan} from '../../../source/engine/restore/by-dataset.ts';
import {countLoss} from '../../../source/engine/restore/losses.ts';
import type {DatabaseFacts} from '../../../source/engine/session/database-facts.ts';
import {noServer, startCluster} from '../../support/postgres.ts';
import {anAction, aRestorePlan} from '../../support/restore-states.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const place = {root: null, readOnly: true};

function oneIn(root: string, copy: unknown, live: unknown): DatasetPlan {
  fs.writeFileSync(`${root}/copy.json`, JSON.stringify(copy));
  fs.writeFileSync(`${root}/live.json`, JSON.stringify(live));
  const action = anAction('tenants', {
    copy: ['copy.json'],
    place: {path: `${root}/live.json`, base: root, segments: ['live.json']},
  });
  return byDataset(aRestorePlan('id', [action]), []).get('tenants') as DatasetPlan;
}

test('what only the live file has is lost, not what only the copy has', async () => {
  const root = temporaryDirectory();
  const set = oneIn(root, {a: 1, b: 2, old: 1}, {a: 1, b: 3, new: 1, newer: 1});
  expect((await countLoss(set, root, place, new AbortController().signal)).counts).toEqual({
    of: 'entries',
    counts: [{name: '', onlyCopy: 1, onlyLive: 2, differ: 1}],
    isWhole: true,
  });
});

test('it ends at once when nobody wants to know any more', async () => {
  const root = temporaryDirectory();
  const set = oneIn(root, {a: 1}, {a: 2});
  await expect(countLoss(set, root, place, AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
});

describe.skipIf(noServer !== null)('of a database', () => {
  const {signal} = new AbortController();

  test('rows that its tables have more now are lost, in whichever schema they are', async () => {
    const cluster = startCluster();
    cluster.sql('CREATE DATABASE shop');
    cluster.sql(
      `CREATE TABLE accounts (id int); INSERT INTO accounts SELECT generate_series(1, 300);
      CREATE TABLE postings (id int); CREATE TABLE same (id int); INSERT INTO same VALUES (1);
      CREATE SCHEMA other; CREATE TABLE other.later (id int); INSERT INTO other.later VALUES (1), (2)`,
      'shop',
    );
    const {host = '', port = 0, user = ''} = cluster.connection();
    const lossOf = async (name: string, rows: Record<string, number> | null) => {
      const database = {
        name,
        reached: {named: null, environment: null, host, port, user},
        comes: {how: 'load', rows},
      } as DatabaseFacts;
      const plan = aRestorePlan('id', [anAction('shop', {database})]);
      const set = byDataset(plan, []).get('shop') as DatasetPlan;
      return (await countLoss(set, '/', {root: '/', readOnly: true, limit: 20_000}, signal)).counts;
    };
    const counts = await lossOf('shop', {'public.accounts': 290, 'public.postings': 7, 'public.same': 1});
    expect(counts?.isWhole).toBe(false);
    expect(counts?.of).toBe('rows');
    expect(counts?.counts.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      {name: 'other.later', onlyCopy: 0, onlyLive: 2, differ: 0},
      {name: 'public.accounts', onlyCopy: 0, onlyLive: 10, differ: 0},
      {name: 'public.postings', onlyCopy: 7, onlyLive: 0, differ: 0},
    ]);
    expect(await lossOf('shop', null)).toBeNull();
    expect(await lossOf('gone', {'public.accounts': 1})).toBeNull();
  });
});
