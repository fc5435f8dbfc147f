import fs from 'node:fs';
import {expect, test} from 'vitest';
import {recordFile, SessionRecord} from '../../../source/engine/session/record.ts';
import {restoredAt, stories} from '../../../source/engine/session/story.ts';
import {findState} from '../../../source/engine/storage/runbook/state-directory.ts';
import {makeRoot} from '../../support/backups.ts';
import {aJournal, anItem} from '../../support/journals.ts';
import {aLine, aStory, liveFile} from '../../support/session-states.ts';
import {writeAny} from '../../support/write-any.ts';

/** A session that has been signed off, and its stories as they are told now. */
function makeClosed(items = [anItem('tenants')]) {
  const {root} = makeRoot();
  const directory = `${root}/storage/runbook/sessions/1`;
  fs.mkdirSync(directory, {recursive: true});
  const state = `${root}/storage/runbook`;
  const journal = aJournal({root, state, phase: 'done', closed: true, items});
  fs.writeFileSync(`${directory}/journal.json`, `${JSON.stringify(journal)}\n`);
  const record = new SessionRecord(directory, 'anna');
  writeAny(record, 'opened', {id: journal.id});
  writeAny(record, 'finished', {outcome: 'done'});
  record.close();
  const told = () => {
    const found = findState(root);
    try {
      return stories(found)[0];
    } finally {
      found?.close();
    }
  };
  return {directory, told};
}

test('of a session that is signed off is read again only when something of it was changed', () => {
  const {directory, told} = makeClosed();
  const first = told();
  expect(first).toMatchObject({state: 'done', closed: true, broken: null, id: '20261123_131813'});
  expect(told()).toBe(first);
  const record = new SessionRecord(directory, 'ben');
  writeAny(record, 'time', {what: 'noticed', at: '2026-11-23T13:00:00.000Z'});
  record.close();
  expect(told()).toMatchObject({times: {noticed: '2026-11-23T13:00:00.000Z'}});
  fs.rmSync(`${directory}/journal.json`);
  expect(told()).toMatchObject({phase: null});
});

test('of a record whose bytes were changed, its size and time put back, says so', () => {
  const {directory, told} = makeClosed();
  expect(told()).toMatchObject({broken: null});
  const file = `${directory}/${recordFile}`;
  const {atime, mtime} = fs.statSync(file);
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('anna', 'otto'));
  fs.utimesSync(file, atime, mtime);
  expect(told()).toMatchObject({broken: expect.stringContaining('line 2 does not follow from line 1')});
});

test('of thousands of files is the same, and one that was cut off is unreadable', () => {
  const items = Array.from({length: 1000}, (_, n) => anItem(`file-${n}`));
  const {directory, told} = makeClosed(items);
  expect(told()).toMatchObject({state: 'done', phase: 'done', closed: true, id: '20261123_131813'});
  const file = `${directory}/journal.json`;
  expect(fs.statSync(file).size).toBeGreaterThan(256 * 1024);
  fs.truncateSync(file, fs.statSync(file).size - 10);
  expect(told()).toMatchObject({state: 'unreadable'});
});

test.each([
  [
    'only begun to look',
    [],
    /^it stopped while it looked once more .*: nothing had begun, and nothing was changed$/,
  ],
  [
    'run a hook',
    [['hook-begins', {command: ['stop']}]],
    /^it stopped before any live file was changed, but a hook had begun/,
  ],
] as [string, [string, Record<string, unknown>][], RegExp][])(
  'one that had %s when it stopped says so',
  (_, lines, reason) => {
    const {directory, told} = makeClosed();
    fs.rmSync(`${directory}/journal.json`);
    fs.rmSync(`${directory}/${recordFile}`);
    const record = new SessionRecord(directory, 'anna');
    writeAny(record, 'opened', {id: '20261123_131813'});
    for (const [type, data] of lines) writeAny(record, type, data);
    record.close();
    expect(told()).toMatchObject({state: 'refused', reason: expect.stringMatching(reason)});
  },
);

test('when each dataset was last switched: a drill switches none', () => {
  const drill = aStory({drill: true, lines: [aLine('switched', {live: [liveFile('media')]})]});
  const at = Date.parse(aLine('switched').at);
  expect([...restoredAt([aStory(), drill])]).toEqual([
    ['tenants', at],
    ['ledger', at],
  ]);
});

test('a directory dataset was written to by its files, by a recovery, and by what tidies up after it', () => {
  const at = (type: string, second: number, data = {}) => ({
    ...aLine(type, data),
    at: `2026-11-23T11:58:0${second}.000Z`,
  });
  const lines = [
    at('switched', 1, {live: [liveFile('media/a.png'), liveFile('ledger')]}),
    at('recovered', 2, {files: [{dataset: 'rates', target: '/x', becomes: 'new'}], outcome: 'done'}),
    at('closed', 3, {kept: []}),
  ];
  const times = restoredAt([aStory({lines})]);
  const seconds = (name: string) => new Date(times.get(name) ?? 0).getUTCSeconds();
  expect(['media', 'ledger', 'rates'].map(seconds)).toEqual([3, 2, 2]);
});
