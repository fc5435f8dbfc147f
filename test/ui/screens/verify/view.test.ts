import {describe, expect, test} from 'vitest';
import type {AppAction, AppState} from '../../../../source/ui/state.ts';
import {newest, rows} from '../../../support/catalog.ts';
import {contentEvents} from '../../../support/content-states.ts';
import {frameText, screenOf} from '../../../support/frames.ts';
import {anApp, aResult, finished, reduceAll, started} from '../../../support/states.ts';

const verifyScreen = screenOf('verify');

const smallest = {columns: 60, rows: 16};
const events = (names: string[], ...more: AppAction[]): AppState =>
  reduceAll(
    anApp(rows, {size: smallest}),
    {type: 'verify started', id: newest},
    {type: 'verify event', event: started(newest, names), seconds: 0},
    ...more,
  );
const end = (...results: Parameters<typeof finished>[1]): AppAction => ({
  type: 'verify event',
  event: finished(newest, results),
  seconds: 3,
});
const each = (...results: Parameters<typeof finished>[1]): AppAction[] =>
  results.map((result, index) => ({
    type: 'verify event',
    event: {type: 'dataset', backup: 0, index, result},
    seconds: 3,
  }));

test('while it runs: how far it is, and that nothing is lost with the connection', () => {
  const state = events(['tenants', 'ledger'], {
    type: 'verify event',
    event: {type: 'progress', bytes: [[1000, 220]], bytesDone: 1220},
    seconds: 2,
  });
  const text = frameText(verifyScreen(state));
  expect(text).toMatch(/^ {3}tenants +1\.0 kB +\[#+\] 100% +- reading$/m);
  expect(text).toMatch(/^ {3}ledger +1\.0 kB +\[#+\.+\] +22% +- reading$/m);
  expect(text).toMatch(/^ {3}whole +2\.0 kB +\[#+\.+\] +61%$/m);
  expect(text).toMatch(/1\.2 kB read +610 B\/s +2s so far +about 1s left/);
  expect(text).toContain('Nothing is harmed');
});

test('a pass is said together with what it does not mean', () => {
  const results = [aResult('tenants'), aResult('ledger')];
  const text = frameText(verifyScreen(events(['tenants', 'ledger'], ...each(...results), end(...results))));
  expect(text).toContain('+ PASSED');
  expect(text).toContain('unaltered, not correct');
});

test.each([
  ['sha256', 'manifest.json, verifications.jsonl and SHA256SUMS'],
  ['md5', 'manifest.json and verifications.jsonl'],
])('where the result of %s hashes is recorded is said to its end', (algorithm, where) => {
  const event = finished(newest, [aResult('tenants'), aResult('ledger', {algorithm})]);
  if (event.type !== 'finished') throw new Error('it has no results');
  const results = event.results.map((each) => ({
    ...each,
    recorded: {record: true, manifest: true, note: null},
  }));
  const state = events(
    ['tenants', 'ledger'],
    {type: 'resized', size: {columns: 80, rows: 24}},
    {type: 'verify event', event: {...event, results}, seconds: 3},
  );
  expect(frameText(verifyScreen(state))).toContain(`   Recorded in its ${where}.`);
});

test('a failure names the dataset and the reason', () => {
  const results = [aResult('tenants'), aResult('ledger', {status: 'missing', reason: 'the copy is missing'})];
  const text = frameText(verifyScreen(events(['tenants', 'ledger'], ...each(...results), end(...results))));
  expect(text).toContain('x FAILED: ledger: missing.');
  expect(text).not.toContain('PASSED');
});

test('a failure is read to its end, however long its reason', () => {
  const reason =
    'the copy cannot be read: the disk failed to read it (I/O error), at the very end of the file';
  const results = [aResult('tenants', {status: 'unreadable', reason})];
  const text = frameText(verifyScreen(events(['tenants'], ...each(...results), end(...results))));
  expect(text.replace(/\s+/g, ' ')).toContain(`tenants: ${reason}`);
});

test('one that was stopped says that nothing was recorded, and does not look done', () => {
  const results = [aResult('tenants'), aResult('ledger', {status: 'cancelled', bytes: null})];
  const text = frameText(verifyScreen(events(['tenants', 'ledger'], ...each(...results), end(...results))));
  expect(text).toMatch(/Stopped\. Nothing was recorded/);
  expect(text.split('\n').find((line) => line.includes('whole'))).not.toContain('100%');
});

test('the mark of a dataset with a long name is on the smallest screen too', () => {
  const name = 'media_index_of_the_tenants_a';
  const results = [aResult(name, {status: 'unsupported', reason: 'no'})];
  const text = frameText(verifyScreen(events([name], ...each(...results))));
  expect(text).toContain('x unsupported');
});

test('of more datasets than fit, those that need the operator are on the screen', () => {
  const names = Array.from({length: 50}, (_, index) => `dataset_${index}`);
  const results = names.map((name, index) => aResult(name, index === 49 ? {status: 'mismatch'} : {}));
  const text = frameText(verifyScreen(events(names, ...each(...results))));
  expect(text).toMatch(/dataset_49.*x mismatch/);
});

describe('what was found inside', () => {
  const results = [aResult('tenants'), aResult('ledger')];
  const passed = [...each(...results), end(...results)];
  const shown = (more: AppAction[], size = {columns: 80, rows: 24}): string =>
    frameText(verifyScreen({...events(['tenants', 'ledger'], ...passed, ...more), size}));
  const inside = contentEvents(newest);

  test('follows the hashes, dataset by dataset', () => {
    expect(shown([inside.started])).toContain(
      '\n   - tenants: JSON check follows\n   - ledger: SQLite check follows',
    );
    const text = shown([inside.started, inside.checking('ledger'), inside.sound('tenants')]);
    expect(text).toContain(
      '\n   - ledger: SQLite looks into a private copy of it\n   + tenants parses as JSON',
    );
    expect(text).toContain('+ PASSED: 2 of 2');
  });

  test('what is broken comes first, to its end, with nothing of it obeyed', () => {
    const complaint = `Tree 2 page 4\u001b[31m${' cell'.repeat(30)} END`;
    const text = shown([inside.started, inside.sound('tenants'), ...inside.broken('ledger', complaint)]);
    expect(text).toMatch(/ {3}x ledger: SQLite says: Tree 2 page 4\\u\{1b\}\[31m cell/);
    expect(text).toContain('x UNALTERED, but broken inside: ledger.');
    expect(text).not.toContain('PASSED');
    expect(text.replace(/\s+/g, ' ')).toContain('cell END + tenants parses as JSON');
    expect(text).not.toContain('\u001b');
  });

  test('on the smallest screen one line names what is broken', () => {
    const text = shown([inside.started, inside.sound('tenants'), ...inside.broken('ledger', 'no')], smallest);
    expect(text).toContain('\n   x ledger: SQLite says: no\n');
    expect(text.split('\n').length).toBeLessThanOrEqual(13);
  });

  test('stopped says how far it was, and the pass stays', () => {
    const text = shown([inside.started, inside.sound('tenants'), inside.cancelled]);
    expect(text).toContain('- looking inside was stopped: 1 of 2 done');
    expect(text).toContain('+ PASSED: 2 of 2');
  });
});
