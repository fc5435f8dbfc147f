import {describe, expect, test} from 'vitest';
import type {Counts} from '../../source/engine/differences/counts.ts';
import {byDataset, type DatasetPlan} from '../../source/engine/restore/by-dataset.ts';
import {type Loss, lossKey} from '../../source/engine/restore/losses.ts';
import {
  differsText,
  isCounting,
  lossJson,
  lossSentence,
  lossWord,
} from '../../source/presenters/dataset-losses.ts';
import {anAction, aRestorePlan} from '../support/restore-states.ts';
import {noon} from '../support/states.ts';

const setOf = (...actions: ReturnType<typeof anAction>[]): DatasetPlan =>
  byDataset(aRestorePlan('id', actions), []).values().next().value as DatasetPlan;

const tenants = setOf(anAction('tenants'));
const counted = (counts: Partial<Counts>, set = tenants): Loss => ({
  of: lossKey(set),
  counts: {of: 'rows', counts: [], isWhole: true, ...counts},
});
const count = (name: string, onlyLive: number, differ: number, onlyCopy = 0) => ({
  name,
  onlyLive,
  differ,
  onlyCopy,
});

describe('what is lost of a dataset', () => {
  test.each<[string, Loss | undefined, string, string]>([
    ['not counted yet', undefined, 'counting', 'changes between 09:00:00Z and 11:00:00Z (2h00m)'],
    [
      'counted of another live file',
      {...counted({}), of: 'other'},
      'counting',
      'changes between 09:00:00Z and 11:00:00Z (2h00m)',
    ],
    [
      'in entries',
      counted({of: 'entries', counts: [count('', 1, 0)]}),
      '1 entry',
      '1 entry only in live; changes between 09:00:00Z and 11:00:00Z (2h00m)',
    ],
    [
      'in rows, by their tables',
      counted({counts: [count('postings', 600, 0), count('audit', 30, 0), count('accounts', 0, 815)]}),
      '1445 rows',
      '630 rows (postings 600, audit 30) only in live; the live values of 815 rows (accounts); changes between 09:00:00Z and 11:00:00Z (2h00m)',
    ],
    [
      'not all compared',
      counted({counts: [count('postings', 6, 0)], isWhole: false}),
      '6 rows or more',
      'at least 6 rows (postings) only in live; changes between 09:00:00Z and 11:00:00Z (2h00m)',
    ],
    [
      'nothing but what comes back',
      counted({of: 'entries', counts: [count('', 0, 0, 12)]}),
      'nothing',
      'nothing that is live now: the copy only has more, 12 entries; what was added or changed between 09:00:00Z and 11:00:00Z (2h00m) is in neither',
    ],
    [
      'the same in other bytes',
      counted({of: 'entries', counts: []}),
      'nothing',
      'nothing: live says the same in other bytes',
    ],
    [
      'in no terms of its own',
      {of: lossKey(tenants), counts: null},
      '2h00m of changes',
      'changes between 09:00:00Z and 11:00:00Z (2h00m)',
    ],
  ])('%s', (_, loss, word, text) => {
    expect([lossWord(tenants, loss), lossSentence(tenants, loss, noon)]).toEqual([word, text]);
  });

  test('of a directory by its files, which nobody counts the entries of', () => {
    const media = setOf(anAction('media/a'), anAction('media/b', {action: 'unchanged', loses: null}));
    expect(isCounting(media, undefined)).toBe(false);
    expect(lossWord(media, undefined)).toBe('1 file');
    expect(lossSentence(media, undefined, noon)).toMatch(/^1 of 2 files; changes between/);
  });

  test('that was not written since, or is not there', () => {
    const old = setOf(anAction('tenants', {live: {...anAction('x').live, mtimeMs: noon - 1e9} as never}));
    const unknown: Loss = {of: lossKey(old), counts: null};
    expect(lossWord(old, unknown)).toBe('what it holds');
    expect(lossSentence(old, unknown, noon)).toBe('what live holds instead');
    const absent = setOf(
      anAction('tenants', {action: 'create', loses: null, live: {kind: 'absent', missing: []}}),
    );
    expect([lossWord(absent, undefined), lossSentence(absent, undefined, noon)]).toEqual(['-', null]);
  });

  test('for scripts', () => {
    expect(lossJson(tenants, counted({of: 'entries', counts: [count('', 13, 2, 1)]}))).toEqual({
      dataset: 'tenants',
      files: 1,
      from: '2026-11-23T09:00:00.000Z',
      to: '2026-11-23T11:00:00.000Z',
      counted: {of: 'entries', only_live: 13, differ: 2, only_copy: 1, whole: true},
    });
    expect(lossJson(tenants, undefined).counted).toBeNull();
  });
});

test('how two sides differ, in a line', () => {
  const said = (counts: Counts['counts'], isWhole = true) =>
    differsText({of: 'rows', counts, isWhole}, 'live');
  expect(said([count('postings', 600, 2, 3), count('audit', 30, 0)])).toBe(
    '630 rows (postings 600, audit 30) only in live; 3 rows (postings) only in it; 2 rows (postings) differ',
  );
  expect(said([count('', 0, 1)], false)).toBe('at least 1 row differs');
  expect(said([])).toBe('the same in other bytes');
  expect(said([], false)).toBe('not all of its rows could be compared');
});
