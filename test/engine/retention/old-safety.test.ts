import fs from 'node:fs';
import {expect, test} from 'vitest';
import {Directory} from '../../../source/engine/base/directory.ts';
import {oldSafety, removeOldSafety, safetyUntil} from '../../../source/engine/retention/old-safety.ts';
import {incidentLines, keepIncident} from '../../../source/engine/session/incident.ts';
import {toldIn} from '../../support/audit.ts';
import {changeJournal, makeRestorable} from '../../support/restores.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const now = Date.parse('2026-11-23T03:00:00Z');
const ids = [
  '20261001_000000_before-restore-1',
  '20261020_000000_before-restore-2',
  '20261122_000000_before-restore-3',
];

function withSafety<T>(names: string[], use: (state: Directory) => T): T {
  const state = Directory.open(temporaryDirectory());
  for (const name of names) {
    fs.mkdirSync(`${state.name}/safety/${name}/datasets`, {recursive: true});
    fs.writeFileSync(`${state.name}/safety/${name}/manifest.json`, '{}');
  }
  try {
    return use(state);
  } finally {
    state.close();
  }
}

test('those of the days before go, oldest first, and the newest never', () => {
  withSafety(ids, (state) => {
    expect(oldSafety(state, 30, now)).toEqual(ids.slice(0, 2));
    expect(oldSafety(state, 40, now)).toEqual(ids.slice(0, 1));
    expect(oldSafety(state, null, now)).toEqual([]);
    expect(oldSafety(state, 1, now + 1e12)).toEqual(ids.slice(0, 2));
    expect(removeOldSafety(state, 40, now)).toEqual({removed: ids.slice(0, 1), problems: []});
    expect(fs.readdirSync(`${state.name}/safety`)).toEqual(ids.slice(1));
  });
});

test('while an incident has a time since when things are bad none goes', () => {
  withSafety(ids, (state) => {
    const say = (badSince: string | null) =>
      keepIncident(state, incidentLines({badSince}, {operator: 'amira'}, new Date(now)));
    say('2026-11-23T01:10:00.000Z');
    expect(removeOldSafety(state, 30, now)).toEqual({removed: [], problems: []});
    say(null);
    expect(oldSafety(state, 30, now)).toEqual(ids.slice(0, 2));
  });
});

test('what is no safety backup stays', () => {
  const others = ['20200101_000000', 'notes', '20200101_000000_before-restore-x'];
  withSafety([...others, ...ids], (state) => {
    removeOldSafety(state, 30, now);
    expect(fs.readdirSync(`${state.name}/safety`)).toEqual([...others, ids[2]].sort());
  });
});

test('where there is none, none goes', () => {
  expect(oldSafety(null, 30, now)).toEqual([]);
  withSafety([], (state) => expect(removeOldSafety(state, 30, now)).toEqual({removed: [], problems: []}));
});

test('how long one is kept follows from its name', () => {
  expect(safetyUntil('20261123_030000_before-restore-1', 30)).toBe(Date.parse('2026-12-23T03:00:00Z'));
  expect(safetyUntil('20261123_030000_before-restore-1', null)).toBeNull();
  expect(safetyUntil('nothing', 30)).toBeNull();
});

test('while a session is open none goes; once it is signed off the next prune removes what is over', async () => {
  const {root, restore, state, command, close} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const old = '20200101_000000_before-restore-9';
  fs.cpSync(`${state('safety')}/${fs.readdirSync(state('safety'))[0]}`, `${state('safety')}/${old}`, {
    recursive: true,
  });
  const pruned = async () =>
    JSON.parse((await command('backup', 'prune', '--json')).stdout)['safety_removed'];
  expect(await pruned()).toEqual([]);
  await close(1);
  const dry = await command('backup', 'prune', '--dry-run');
  expect(dry.stdout).toContain(`- ${old}  safety backup, its restore is signed off for over 30 days`);
  expect(await pruned()).toEqual([old]);
  const reason = 'a safety backup: its session is signed off, and its days are over';
  expect(toldIn(root)).toContainEqual({action: 'magdb.backup.pruned', payload: {id: old, reason}});
  expect(fs.readdirSync(state('safety'))).toHaveLength(1);
});

test('what cannot be read may be an open one: none goes', async () => {
  const {restore, state, close} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  await close(1);
  fs.mkdirSync(state('safety', ids[0] as string));
  const look = () => {
    const directory = Directory.open(state());
    try {
      return oldSafety(directory, 30, Date.now());
    } finally {
      directory.close();
    }
  };
  expect(look()).toEqual(ids.slice(0, 1));
  changeJournal(state('sessions/1/journal.json'), (journal) => ({...journal, session: 2}));
  expect(look()).toEqual([]);
});
