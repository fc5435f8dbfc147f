import {expect, test} from 'vitest';
import type {RestorePlan} from '../../source/engine/restore/action.ts';
import type {DatabaseFacts} from '../../source/engine/session/database-facts.ts';
import {costFacts, databaseFacts} from '../../source/presenters/restore-facts.ts';

const now = Date.parse('2026-11-28T22:16:00Z');
const database: DatabaseFacts = {
  reached: {named: null, environment: null, host: 'db'} as DatabaseFacts['reached'],
  name: 'magds',
  path: 'database "magds" on db',
  serverVersion: '15.18 (Debian)',
  role: 'magds',
  live: {
    oid: 1,
    owner: 'magds',
    encoding: 'UTF8',
    collate: null,
    ctype: null,
    allows: true,
    limit: -1,
    comment: null,
    bytes: 12_000_000,
  },
  comes: {
    how: 'load',
    database: 'magds',
    connection: null,
    serverVersion: null,
    snapshotAt: null,
    rows: {'public.accounts': 6000, 'public.postings': 412},
  },
  sessions: [
    {pid: 1, user: 'web', application: 'php-fpm', from: '10.0.0.5', since: '2026-11-28T21:00:00Z'},
    {pid: 2, user: null, application: '', from: null, since: null},
  ],
};
const planOf = (facts: DatabaseFacts) =>
  ({actions: [{dataset: 'magdsdb', action: 'overwrite', database: facts}]}) as unknown as RestorePlan;

test('a plan says what comes into a database, what gives way, and whose sessions end', () => {
  expect(databaseFacts(planOf(database), now)).toMatchObject([
    {
      mark: ' ',
      word: 'Database',
      text: 'magdsdb: 6,412 rows in 2 tables come, in the place of 12 MB; PostgreSQL 15.18, as magds',
    },
    {
      mark: '!',
      word: 'Sessions',
      text: 'magdsdb: 2 are ended: php-fpm as web from 10.0.0.5 since 21:00:00Z, ? since ?',
    },
  ]);
});

test('one that had not been there goes again, and nothing is loaded', () => {
  const [said] = databaseFacts(planOf({...database, comes: null, sessions: []}), now);
  expect(said?.text).toBe(
    'magdsdb: it was not there before, and goes again, 12 MB; PostgreSQL 15.18, as magds',
  );
});

test('one that is not there is made without what no dump holds of it', () => {
  const [, made] = databaseFacts(planOf({...database, live: null, sessions: []}), now);
  expect(made).toMatchObject({
    mark: '!',
    text: expect.stringContaining("made as magds's, without its own settings and grants"),
  });
});

test('what a server has room for is said, and what is short stands out', () => {
  const roomOf = (room: {needed: number; free: number}) =>
    databaseFacts(planOf({...database, sessions: [], room}), now).at(-1);
  expect(roomOf({needed: 12_000_000, free: 90_000_000})).toMatchObject({
    mark: ' ',
    text: 'magdsdb: about 12 MB more, 90 MB free',
  });
  expect(roomOf({needed: 12_000_000, free: 5_000_000})?.mark).toBe('!');
});

test('without a safety backup no way leads back to a database once the session is closed', () => {
  const ways = (safety: boolean, facts: DatabaseFacts) =>
    costFacts({...planOf(facts), into: null, undoes: null, seconds: 1, space: [], safety}).at(-1)?.text;
  expect(ways(false, database)).toBe('NONE once the session is closed: no safety backup');
  expect(ways(true, database)).toBe('undo, from a safety backup that is made first');
  expect(ways(false, {...database, live: null})).toBe('undo');
});

test('one that nobody is connected to, and that comes back by its name, says so', () => {
  const back: DatabaseFacts = {
    ...database,
    live: null,
    sessions: [],
    comes: {how: 'rename', oid: 7, database: 'magds_before_3'},
  };
  expect(databaseFacts(planOf(back), now).map(({text}) => text)).toEqual([
    'magdsdb: the database "magds_before_3" comes back; PostgreSQL 15.18, as magds',
  ]);
});
