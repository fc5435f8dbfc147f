import fc from 'fast-check';
import {render} from 'ink-testing-library';
import {createElement} from 'react';
import stringWidth from 'string-width';
import {describe, expect, test} from 'vitest';
import type {Relation} from '../../../../source/engine/differences/compare.ts';
import type {DifferenceEvent} from '../../../../source/engine/differences/difference.ts';
import type {Difference} from '../../../../source/engine/differences/texts.ts';
import {cutBoth, type Line} from '../../../../source/ui/kit/line.ts';
import {RoomContext} from '../../../../source/ui/kit/part.tsx';
import {reduce} from '../../../../source/ui/reduce.ts';
import {OthersView} from '../../../../source/ui/screens/differences/OthersView.tsx';
import {differencesSlice} from '../../../../source/ui/screens/differences/state.ts';
import type {AppAction, AppState} from '../../../../source/ui/state.ts';
import {rows, verified} from '../../../support/catalog.ts';
import {
  aDifference,
  aFile,
  aSame,
  aTable,
  differenceRead,
  differencesCompared,
  tablesRead,
} from '../../../support/difference-states.ts';
import {frameText, lineText, screenOf} from '../../../support/frames.ts';
import {hostile, unprintable} from '../../../support/hostile.ts';
import {anApp, aRow, reduceAll} from '../../../support/states.ts';

const differencesScreen = screenOf('differences');
const differenceScreen = screenOf('difference');

const large = {columns: 80, rows: 24};
const small = {columns: 60, rows: 16};
const app = (size = large, ...actions: AppAction[]) => reduceAll(anApp(rows, {size}), ...actions);

describe('the datasets', () => {
  const shown = (size = large, ...more: AppAction[]) =>
    frameText(differencesScreen(app(size, ...differencesCompared(verified), ...more))).trimEnd();

  test('beside the live files, at 80x24', () => {
    expect(shown()).toBe(`\
 20261123_030000_release   against live
   ! 1 of 2 differs
   DATASET  THIS                   LIVE
 > tenants    25 kB  09:00:00Z       26 kB  11:30:00Z     ! differs
   ledger     25 kB  09:00:00Z       25 kB  09:00:00Z     = same









 -- tenants -------------------------------------------------------------------
   - counting what differs ...
   this   25000 bytes, 2026-11-23 09:00:00Z, sha256
          ${'ab'.repeat(32)}
   live   26000 bytes, 2026-11-23 11:30:00Z, sha256
          ${'cd'.repeat(32)}`);
  });

  test('at 60x16 the times give way to the details', () => {
    expect(shown(small)).toBe(`\
 20261123_030000_release   against live
   ! 1 of 2 differs
   DATASET  THIS      LIVE
 > tenants    25 kB     26 kB   ! differs
   ledger     25 kB     25 kB   = same


 -- tenants -----------------------------------------------
   - counting what differs ...
   this   25000 bytes, 2026-11-23 09:00:00Z, sha256
          ${'ab'.repeat(32).slice(0, 49)}
          ${'ab'.repeat(32).slice(49)}
   live   26000 bytes, 2026-11-23 11:30:00Z, sha256`);
  });

  test('how much the chosen one differs, once that is counted; nothing where it cannot be', () => {
    const counts = {
      of: 'entries' as const,
      counts: [{name: '', onlyLive: 24, onlyCopy: 0, differ: 1}],
      isWhole: true,
    };
    const counted = (found: typeof counts | null) =>
      shown(large, differencesSlice.to({type: 'differences counted', name: 'tenants', counts: found}));
    expect(counted(counts)).toContain('\n   ! 24 entries only in live; 1 entry differs\n   this ');
    expect(counted(null)).toMatch(/-- tenants -+\n {3}this /);
  });

  test('all the same says so', () => {
    expect(
      frameText(differencesScreen(app(large, ...differencesCompared(verified, [aSame('a'), aSame('b')])))),
    ).toContain('= all 2 hold the same bytes');
  });

  test('what is missing, unknown or damaged has its own mark, and says why', () => {
    const datasets = [
      aDifference('gone', {
        relation: 'one side',
        other: {...aFile(), state: 'absent', bytes: null, at: null, reason: 'the live file is missing'},
      }),
      aDifference('beside', {
        relation: 'one side',
        one: {...aFile(), state: 'absent', bytes: null, at: null},
      }),
      aDifference('linked', {relation: 'unknown'}),
      aDifference('bad', {one: aFile({altered: true, reason: 'the copy is not what the manifest recorded'})}),
    ];
    const text = frameText(differencesScreen(app(small, ...differencesCompared(verified, datasets))));
    expect(text).toContain('x 1 damaged in THIS   ! 3 of 4 differ   ? 1 not compared');
    expect(text).toMatch(/^ > gone {7}25 kB {9}- {3}! only here$/m);
    expect(text).toMatch(/^ {3}beside .*! not in it$/m);
    expect(text).toMatch(/^ {3}linked .*\? unknown$/m);
    expect(text).toMatch(/^ {3}live {3}- the live file is missing$/m);
    const last = frameText(
      differencesScreen(app(small, ...differencesCompared(verified, datasets), {type: 'moved', how: 'last'})),
    );
    expect(last).toMatch(/^ > bad .*x this damaged$/m);
    expect(last).toMatch(/^ {10}x the copy is not what the manifest recorded$/m);
  });

  test('a write-ahead log that is not compared is named', () => {
    const datasets = [
      aDifference('ledger', {relation: 'unknown', other: aFile({beside: 'ledger.sqlite-wal'})}),
    ];
    const text = frameText(differencesScreen(app(large, ...differencesCompared(verified, datasets))));
    expect(text).toMatch(/^ > ledger .*\? unknown$/m);
    expect(text).toMatch(/^ {10}! ledger\.sqlite-wal may hold more: not compared$/m);
  });

  test('while it is read how far it is, and why there is nothing', () => {
    const begun = app(
      large,
      differencesSlice.open({type: 'differences opened', id: verified, other: null}),
      differencesSlice.to({
        type: 'differences event',
        event: {type: 'started', datasets: [aDifference('a')], totalBytes: 2e9},
      }),
      differencesSlice.to({type: 'differences event', event: {type: 'progress', bytesDone: 1e9}}),
    );
    expect(frameText(differencesScreen(begun))).toContain('- reading both: 1.0 GB of 2.0 GB hashed');
    const failed = reduce(
      begun,
      differencesSlice.to({type: 'differences failed', problem: 'manifest.json is cut short'}),
    );
    expect(frameText(differencesScreen(failed))).toContain('x manifest.json is cut short');
    const none = app(
      large,
      differencesSlice.open({type: 'differences opened', id: verified, other: null}),
      differencesSlice.to({
        type: 'differences event',
        event: {type: 'finished', result: 'nothing'},
      }),
    );
    expect(frameText(differencesScreen(none))).toContain('It holds no datasets');
  });
});

describe('one dataset', () => {
  const shown = (size = large, ...more: AppAction[]) =>
    frameText(differenceScreen(app(size, ...differencesCompared(verified), ...more))).trimEnd();

  test('its lines, which side is which above them', () => {
    expect(shown(large, ...differenceRead(['{"a": 1,', '"b": 2}'], ['{"a": 1,', '"b": "three"}']))).toBe(`\
 tenants   - 20261123_030000_release   + live
   JSON: - 1   + 1   lines 1-8 of 8
   Entries: 1 differs (b); 1 the same.
   Keys sorted, one value a line: how it is formatted is no difference.
 -- from line 1 --
   {
     "a": 1,
 -   "b": 2
 +   "b": "three"
   }`);
  });

  test('a long line is cut with a mark, and looked at sideways', () => {
    const lines = differenceRead(['x'.repeat(100)], [`${'x'.repeat(90)}y`]);
    const right = differencesSlice.to({type: 'looked sideways', how: 'right'});
    expect(shown(small, ...lines)).toContain(` - ${'x'.repeat(55)}~\n + ${'x'.repeat(55)}~`);
    const moved = shown(small, ...lines, right, right, right);
    expect(moved).toContain('column 45');
    expect(moved).toContain(` - ~${'x'.repeat(55)}\n + ~${'x'.repeat(45)}y`);
  });

  test('of what has no lines: where the bytes differ, why no more, sizes and hashes', () => {
    const text = shown(
      small,
      differencesSlice.open({type: 'difference opened', name: 'tenants'}, 'difference'),
      differencesSlice.to({
        type: 'difference event',
        event: {type: 'finished', difference: {kind: 'bytes', why: 'it is an SQLite database', offset: 5000}},
      }),
    );
    expect(text).toContain(
      'The bytes differ, first at offset 5000.\n   No more can be said: it is an SQLite database.',
    );
    expect(text).toContain('this   25000 bytes');
    expect(text).toContain('live   26000 bytes');
  });

  test('while it is compared, and why it could not be', () => {
    const open: AppAction = differencesSlice.open({type: 'difference opened', name: 'tenants'}, 'difference');
    const progress: AppAction = differencesSlice.to({
      type: 'difference event',
      event: {type: 'reading', bytesDone: 1e6, totalBytes: 2e9},
    });
    expect(shown(large, open)).toContain('- comparing ...');
    expect(shown(large, open, progress)).toContain('- comparing: 1.0 MB of 2.0 GB');
    expect(
      shown(large, open, differencesSlice.to({type: 'difference failed', problem: 'it is gone'})),
    ).toContain('x it is gone');
  });
});

test('the list of what it can be compared with', () => {
  const state = app(
    large,
    ...differencesCompared(verified),
    differencesSlice.open({type: 'others opened'}, 'others'),
  );
  const others = createElement(OthersView, {state, slice: differencesSlice.of(state)});
  const {lastFrame, unmount} = render(createElement(RoomContext, {value: {columns: 80, height: 21}}, others));
  const text = (lastFrame() ?? '').replace(/\u001b\[[0-9;]*m/g, '');
  unmount();
  expect(text).toMatch(/^ {2}> live {22}the files as they are now$/m);
  expect(text).toMatch(/^ {4}20261123_110000_nightly {3}1h ago {4}\S+ . ?\S* {2}/m);
  expect(text).not.toContain(verified);
});

describe('whatever a file or a manifest says', () => {
  const harmless = (state: AppState, screen: (state: AppState) => Line[]): void => {
    for (const line of screen(state)) {
      const text = lineText(line);
      expect(stringWidth(text), text).toBeLessThanOrEqual(state.size.columns);
      expect(text).not.toMatch(unprintable);
    }
  };
  const sizes = fc.record({columns: fc.integer({min: 60, max: 140}), rows: fc.integer({min: 16, max: 40})});
  const texts = fc.array(hostile, {maxLength: 8});
  const relation = fc.constantFrom<Relation>('same', 'differs', 'one side', 'unknown', 'reading');

  test('no line of a difference is too wide or drives the terminal, however far it is scrolled', () => {
    fc.assert(
      fc.property(
        hostile,
        hostile,
        texts,
        texts,
        sizes,
        fc.nat({max: 8}),
        (id, name, one, other, size, steps) => {
          const state = reduceAll(
            anApp([aRow(id)], {size}),
            ...differencesCompared(id, [aDifference(name)], `20261123_${name}`),
            ...differenceRead(one, other, name),
            ...Array<AppAction>(steps).fill(differencesSlice.to({type: 'looked sideways', how: 'right'})),
            {type: 'moved', how: 'down'},
          );
          harmless(state, differenceScreen);
        },
      ),
      {numRuns: 300},
    );
  });

  test('nor any of the list', () => {
    fc.assert(
      fc.property(hostile, texts, hostile, relation, sizes, (id, names, reason, how, size) => {
        const datasets = names.map((name) =>
          aDifference(name, {
            relation: how,
            one: aFile({reason, at: reason}),
            other: {...aFile({reason}), state: 'unknown'},
          }),
        );
        harmless(reduceAll(anApp([], {size}), ...differencesCompared(id, datasets, null)), differencesScreen);
      }),
      {numRuns: 300},
    );
  });

  test('the part of a line that is seen is never wider than there is room', () => {
    fc.assert(
      fc.property(
        fc.string({unit: fc.constantFrom('a', '漢', '😀', 'e\u0301')}),
        fc.nat({max: 30}),
        fc.integer({min: 1, max: 40}),
        (text, left, width) => {
          expect(stringWidth(cutBoth(text, left, width))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe('the tables of a database', () => {
  const tables = (size = large, ...read: Parameters<typeof tablesRead>) =>
    app(size, ...differencesCompared(verified), ...tablesRead(...read));

  test('those first that differ, at 80x24', () => {
    expect(frameText(differenceScreen(tables())).trimEnd()).toBe(`\
 ledger   - 20261123_030000_release   + live
   ! 1 of 2 differs
   TABLE     ROWS         BY
 > accounts  6000 / 6000  id  ! 815 differ
   log       6000 / 6000  id  = the same









 -- accounts ------------------------------------------------------------------
   accounts, by id: 815 differ; 6000 on the - side, 6000 on the + side.
   + The - side: SQLite finds it sound (integrity_check).`);
  });

  test('what is wrong with a side first, in a small terminal too', () => {
    const broken = [
      '+ The + side: SQLite finds it sound (quick_check).',
      'x The - side is broken inside: page 7.',
    ];
    const frame = frameText(
      differenceScreen(
        tables(small, [aTable('t', 0, {by: null, reason: 'SQLite cannot compare it'})], broken),
      ),
    );
    expect(frame).toMatch(
      / {3}\? 1 not compared\n[\s\S]* > t +- +\? not compared: SQLite cannot compare it\n[\s\S]*\n {3}x The - side is broken inside: page 7\./,
    );
  });

  test('the rows of one, and how many are not listed', () => {
    const rowsScreen = screenOf('rows');
    expect(frameText(rowsScreen(tables())).trimEnd()).toBe(`\
 ledger   - 20261123_030000_release   + live
   accounts, by id: 815 differ   lines 1-3 of 3
 ! 3  balance 18303 -> 0
 ! 10  balance 18303 -> 0
   813 more are not listed.`);
  });

  describe('whose rows were only counted', () => {
    const counted = (name: string, fewer: number) =>
      aTable(name, 0, {by: null, differ: null, other: 6000 - fewer, onlyOne: fewer, isCounted: true});
    const event = (of: DifferenceEvent) =>
      differencesSlice.to({type: 'rows event', table: 'postings', event: of});
    const reading = event({
      type: 'comparing',
      what: 'reading postings, row 7',
      done: 0,
      of: 0,
      limit: 60_000,
    });
    const found = (difference: Difference) => event({type: 'finished', difference});
    const open: AppAction[] = [
      ...differencesCompared(verified),
      ...tablesRead([counted('accounts', 3), counted('log', 0), counted('postings', 0)], []),
      {type: 'moved', how: 'last'},
      differencesSlice.open({type: 'rows opened'}, 'rows'),
    ];
    const rowsOf = (...actions: AppAction[]) =>
      frameText(screenOf('rows')(app(large, ...open, ...actions))).trimEnd();
    const compared: Difference = {
      kind: 'tables',
      as: 'postgres',
      tables: [aTable('postings', 1)],
      notes: ['Rows were compared.'],
      isWhole: true,
    };

    test('are read when they are opened', () => {
      expect(rowsOf()).toContain('- reading the rows of both sides ...');
      expect(rowsOf(reading)).toContain('- comparing: reading postings, row 7; 60s at most');
    });

    test('are listed once they are compared, and the very table stays chosen where it moves up', () => {
      expect(rowsOf(reading, found(compared))).toBe(`\
 ledger   - 20261123_030000_release   + live
   postings, by id: 1 differs   lines 1-1 of 1
 ! 3  balance 18303 -> 0`);
      const frame = frameText(differenceScreen(app(large, ...open, found(compared), {type: 'went back'})));
      expect(frame).toMatch(/ {3}accounts .*\n > postings .*! 1 differs\n {3}log .*= as many rows/);
      expect(frame).toContain('   Rows were compared.');
    });

    test('or it is said why they cannot be', () => {
      const why = 'of the - side its dump is not there';
      expect(rowsOf(reading, found({kind: 'none', why}))).toContain(`x Its rows were not compared: ${why}.`);
      const failed = differencesSlice.to({type: 'rows failed', table: 'postings', problem: 'it broke'});
      expect(rowsOf(reading, failed)).toContain('x Its rows were not compared: it broke.');
      expect(rowsOf(failed, differencesSlice.open({type: 'rows opened'}, 'rows'))).toContain(
        '- reading the rows',
      );
      // Once more, and it is forgotten.
      expect(rowsOf(failed, found(compared))).toContain('1 differs');
    });
  });

  test('nothing in a database drives a terminal, or is wider than it', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom(large, small), (text, size) => {
        const hostileTable = aTable(text, 1, {
          by: text,
          notes: [text],
          rows: [{mark: '!', key: text, columns: [{name: text, one: text, other: text}], left: 0}],
        });
        for (const screen of [differenceScreen, screenOf('rows')]) {
          for (const line of frameText(screen(tables(size, [hostileTable], [text]))).split('\n')) {
            expect(line).not.toMatch(unprintable);
            expect(stringWidth(line)).toBeLessThanOrEqual(size.columns);
          }
        }
      }),
      {numRuns: 50},
    );
  });
});
