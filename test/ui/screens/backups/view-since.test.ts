import fc from 'fast-check';
import stringWidth from 'string-width';
import {describe, expect, test} from 'vitest';
import {directory} from '../../../../source/engine/datasets/directory.ts';
import {noIncident} from '../../../../source/engine/session/incident.ts';
import {openCatalog} from '../../../../source/presenters/catalog.ts';
import {footer, header} from '../../../../source/ui/frame.ts';
import {bodyHeight, type Size} from '../../../../source/ui/layout.ts';
import {backupsSlice} from '../../../../source/ui/screens/backups/state.ts';
import {restoreSlice} from '../../../../source/ui/screens/restore/state.ts';
import type {AppAction, AppState} from '../../../../source/ui/state.ts';
import {frameText, lineText, screenOf} from '../../../support/frames.ts';
import {hostile, unprintable} from '../../../support/hostile.ts';
import {keyboard} from '../../../support/keyboard.ts';
import {anAction, aRestorePlan} from '../../../support/restore-states.ts';
import {configured} from '../../../support/run-states.ts';
import {aLine, aStory, liveFile, sessionsRead} from '../../../support/session-states.ts';
import {
  aDataset,
  aHold,
  anApp,
  aRow,
  badSinceGiven,
  idAt,
  listing,
  noon,
  reduceAll,
  verification,
} from '../../../support/states.ts';

const backupsScreen = screenOf('backups');

const bytes = (content: string) => aDataset('tenants', {content: `sha256:${content}`});
const verified = {verification: verification('verified')};
const rows = [
  aRow(idAt(2, 'nightly'), {...verified, datasets: [bytes('2')]}),
  aRow(idAt(4, 'nightly'), {...verified, datasets: [bytes('1')]}),
  aRow(idAt(5), {...verified, datasets: [bytes('1')], label: 'before restore, session 3'}),
  aRow(idAt(30, 'release'), {datasets: [bytes('1')]}),
];
const since = (hoursAgo: number, by = 'amira'): AppAction => badSinceGiven(noon - hoursAgo * 3_600_000, by);
const writes: AppAction = {
  type: 'writes seen',
  writes: [
    {name: 'tenants', seconds: 2},
    {name: 'ledger', seconds: 9},
  ],
};

function frame(size: Size, ...actions: AppAction[]): string {
  const state = reduceAll(anApp(rows, {size}), ...actions);
  const opened = reduceAll(
    state,
    backupsSlice.to({type: 'detail opened', id: backupsSlice.of(state).selected}),
  );
  return frameText([header(opened), ...backupsScreen(opened), footer(opened)]);
}

const large = {columns: 80, rows: 24};
const small = {columns: 60, rows: 16};

test('the line stands between after and before, and the newest good copy of before is marked', () => {
  expect(frame(large, writes, since(3))).toMatchInlineSnapshot(`
    " magds > Backups  db-01 /srv/magmoboce                                   12:00Z
     ! service is writing: tenants, ledger, 2s ago

       BACKUP (UTC) v          AGE   tenants
       20261123_100000_nightly 2h    + 2
     --- bad since 09:00Z (amira) ---------------------------------------- t change
     > 20261123_080000_nightly 4h    + 1 *
       20261123_070000 safety  5h    + 1
       20261122_060000_release 30h   ? 1





     -- 20261123_080000_nightly ---------------------------------------------------
       Verified 2h ago. Verified means unaltered, not correct.
       tenants   1.0 kB  + unaltered
       * newest good copy from before 09:00Z   = same as live   + unaltered




     Enter diff  v verify  t bad since  m manifest  / filter  : menu  ? help  q quit"
  `);
  expect(frame(small, writes, since(3))).toMatchInlineSnapshot(`
    " magds > Backups  db-01 /srv/magmoboce               12:00Z
     ! service is writing: tenants, ledger, 2s ago
       BACKUP (UTC) v          AGE   tenants
       20261123_100000_nightly 2h    + 2
     --- bad since 09:00Z (amira) -------------------- t change
     > 20261123_080000_nightly 4h    + 1 *
       20261123_070000 safety  5h    + 1
       20261122_060000_release 30h   ? 1

     -- 20261123_080000_nightly -------------------------------
       Verified 2h ago. Verified means unaltered, not correct.
       tenants   1.0 kB  + unaltered


     Enter diff  v verify  t bad since  : menu  ? help  q quit"
  `);
});

test('without the line nothing is marked', () => {
  expect(frame(large)).not.toContain('*');
});

const linesOf = (size: Size, ...actions: AppAction[]): string[] => frame(size, ...actions).split('\n');

describe('the lines above the list', () => {
  test('say calmly that none is verified, and what to do about it', () => {
    expect(linesOf(large, since(10))[1]).toBe(
      ` ? None verified before 02:00Z of tenants:  v on ${rows[3]?.id}`,
    );
    expect(linesOf(small, since(10))[1]).toBe(' ? None verified before 02:00Z:  v on 20261122_060000_relea~');
    expect(linesOf(large, since(40))[1]).toBe(' x No good copy from before 11-21 20:00Z of tenants');
  });

  test('say who writes, then what PHP deletes', () => {
    const php = configured({php: {path: '/srv/magmoboce/storage/backups', maxCount: 4}});
    expect(linesOf(large, php, writes).slice(1, 3)).toEqual([
      ' ! service is writing: tenants, ledger, 2s ago',
      ` ! PHP's next run deletes ${rows[3]?.id}  h hold`,
    ]);
    expect(linesOf(small, php, writes)[1]).toBe(' ! service is writing: tenants, ledger, 2s ago');
    const now: AppAction = {type: 'writes seen', writes: [{name: 'tenants', seconds: 0}]};
    expect(linesOf(large, now)[1]).toBe(' ! service is writing: tenants, just now');
  });

  test('ask for the time, and say what is understood', () => {
    const asked: AppAction = {type: 'asked', kind: 'since', id: '', text: '01:1'};
    expect(linesOf(large, asked).slice(1, 3)).toEqual([
      ' Bad since when (UTC)? 01:1_   Enter confirm, Esc cancel',
      '   01:10, 01:10Z, 01:10 local, 2026-11-23 01:10, 2h ago, -90m; empty removes it',
    ]);
    expect(linesOf(small, asked)[1]).toBe(' Bad since when (UTC)? 01:1_   such as 01:10, 2h ago, -90m');
  });
});

test('sorted by something else the line stands above all, and says so', () => {
  expect(linesOf(large, since(3), backupsSlice.to({type: 'sorted', key: 'size'}))[4]).toBe(
    ' --- bad since 09:00Z (amira); B sorts by time ----------------------- t change',
  );
});

test('the time is in view wherever the list stands', () => {
  const many = Array.from({length: 40}, (_, hour) =>
    aRow(idAt(hour + 1), {createdAt: null, ...(hour === 30 ? verified : {})}),
  );
  for (const size of [large, small]) {
    let state = reduceAll(anApp(many, {size}), since(20));
    expect(backupsSlice.of(state).selected).toBe(many[30]?.id);
    for (const how of ['first', 'last', 'pageUp', 'up', 'pageUp'] as const) {
      state = reduceAll(state, {type: 'moved', how});
      const lines = backupsScreen(state).map(lineText);
      const at = lines.findIndex((line) => line.includes('bad since 11-22 16:00Z'));
      const listed = lines.flatMap((line, index) => {
        const id = /^ [> ] (\d{8}_\d{6})/.exec(line)?.[1];
        return id ? [{id, index}] : [];
      });
      expect(at).toBeGreaterThan(0);
      for (const {id, index} of listed) expect(index > at).toBe(id < '20261122_160000');
    }
  }
});

test('whoever said it, whatever writes, however it is held: nothing drives the terminal, nothing is too wide', () => {
  const any = fc.record({
    size: fc.record({columns: fc.integer({min: 60, max: 180}), rows: fc.integer({min: 16, max: 60})}),
    by: hostile,
    name: hostile,
    label: hostile,
    text: hostile,
    hours: fc.integer({min: 0, max: 40}),
    asking: fc.boolean(),
  });
  fc.assert(
    fc.property(any, ({size, by, name, label, text, hours, asking}) => {
      const all = [1, 9, 30].map((hour) => aRow(idAt(hour, label), hour === 9 ? verified : {}));
      const held = new Map([[all[1]?.id ?? '', aHold(all[1]?.id ?? '')]]);
      const app = anApp(all, {size});
      const state = reduceAll(
        {...app, catalog: {...app.catalog, held}},
        since(hours, by),
        {
          type: 'writes seen',
          writes: [
            {name, seconds: 2},
            {name: `${name}2`, seconds: 3},
          ],
        },
        ...(asking ? [{type: 'asked' as const, kind: 'since' as const, id: '', text}] : []),
      );
      const lines = backupsScreen(state).map(lineText);
      expect(lines).toHaveLength(bodyHeight(size));
      for (const line of lines) {
        expect(stringWidth(line), line).toBeLessThanOrEqual(size.columns);
        expect(line).not.toMatch(unprintable);
      }
    }),
    {numRuns: 150},
  );
});

test('the newest good copy of each dataset is marked by itself', () => {
  const whole = ['tenants', 'ledger', 'sessions'].map((name) => aDataset(name));
  const brokenInside = [{name: 'ledger', detail: 'no JSON'}];
  const some = [
    aRow(idAt(4, 'nightly'), {...verified, datasets: whole, brokenInside}),
    aRow(idAt(6, 'nightly'), {...verified, datasets: whole.slice(0, 2)}),
  ];
  const state = reduceAll(anApp(some, {size: large}), since(3));
  const lines = backupsScreen(state).map(lineText);
  // What has a fault is what is looked for.
  expect(backupsSlice.of(state).selected).toBe(some[1]?.id);
  expect(lines[2]).toMatch(/AGE +ledger +tenants +sessions/);
  expect(lines[4]).toMatch(/4h +x broken +\+ 1 \* +\+ 1 \*/);
  expect(lines[5]).toMatch(/6h +\+ 1 \* +\+ 1 +-/);
});

test('columns stay where they were seen, and a start of the app puts faults first', () => {
  const whole = ['tenants', 'ledger'].map((name) => aDataset(name));
  const faulty = aRow(idAt(4), {datasets: whole, brokenInside: [{name: 'ledger', detail: 'no JSON'}]});
  const heads = (state: AppState) =>
    lineText(backupsScreen(state)[2] ?? [])
      .trim()
      .split(/ +/)
      .slice(-2);
  const complete: AppAction = {type: 'catalog', event: {type: 'complete'}};
  const found: AppAction = {type: 'catalog', event: {type: 'rows', rows: [faulty]}};
  const more = aRow(idAt(4), {datasets: [...whole, aDataset('media')]});
  const added: AppAction = {type: 'catalog', event: {type: 'rows', rows: [more]}};
  const state = reduceAll(anApp([aRow(idAt(4), {datasets: whole})], {size: large}), complete, found);
  expect(heads(state)).toEqual(['tenants', 'ledger']);
  expect(heads(anApp([faulty], {size: large}))).toEqual(['ledger', 'tenants']);
  expect(backupsSlice.of(reduceAll(state, added)).datasets).toHaveLength(3);
});

test('at a start the list goes to the good copy of what has a fault, once it is known', () => {
  const some = [
    aRow(idAt(1), {datasets: [bytes('3')], brokenInside: [{name: 'tenants', detail: 'no JSON'}]}),
    aRow(idAt(4), {...verified, datasets: [bytes('2')]}),
    aRow(idAt(6), {...verified, datasets: [bytes('1')]}),
  ];
  const ids = some.map(({id}) => id);
  const incident = {
    ...noIncident,
    badSince: {value: new Date(noon - 5 * 3_600_000).toISOString(), by: 'amira', at: ''},
  };
  const start = anApp([], {size: large, incident, catalog: openCatalog(listing(ids), some.slice(0, 1))});
  const read: AppAction = {type: 'catalog', event: {type: 'rows', rows: some}};
  const selected = (...actions: AppAction[]) => backupsSlice.of(reduceAll(start, ...actions)).selected;
  expect(selected()).toBe(ids[0]);
  expect(selected(read)).toBe(ids[2]);
  expect(selected({type: 'moved', how: 'down'}, read)).toBe(ids[1]);
});

test('without a good copy it goes to the newest one to verify of any dataset, also where another one is whole', () => {
  const partial = aRow(idAt(5), {
    datasets: [aDataset('tenants')],
    partial: [{dataset: 'ledger', reason: 'cut off'}],
  });
  const whole = aRow(idAt(6), {datasets: ['tenants', 'ledger'].map((name) => aDataset(name))});
  const state = reduceAll(anApp([aRow(idAt(4)), partial, whole], {size: large}), since(4.5));
  expect(backupsSlice.of(state).selected).toBe(partial.id);
});

test('the line above the list is of what has a fault, and of what is to be restored alone', () => {
  const of = (...names: string[]) => ({datasets: names.map((name) => aDataset(name))});
  const all = of('tenants', 'ledger', 'media');
  const failed = verification('failed', {failed: ['ledger']});
  const some = [aRow(idAt(4), {...all, verification: failed}), aRow(idAt(6), all)];
  const first = (...actions: AppAction[]) =>
    lineText(backupsScreen(reduceAll(anApp(some, {size: large}), since(3), ...actions))[0] ?? []);
  expect(first()).toBe(` ? None verified before 09:00Z of ledger:  v on ${idAt(6)}`);
  const subject = {id: idAt(4), undoes: null};
  const plan = aRestorePlan(
    idAt(4),
    ['tenants', 'ledger'].map((name) => anAction(name)),
  );
  const planned = [
    restoreSlice.open({type: 'restore opened', subject}),
    restoreSlice.to({type: 'restore planned', plan, reasons: []}),
    restoreSlice.to({type: 'restore toggled'}),
  ];
  expect(first(...planned)).toBe(` ? None verified before 09:00Z of tenants:  v on ${idAt(4)}`);
  // What was chosen in a plan that was left is not meant any more.
  expect(first(...planned, {type: 'went back'})).toBe(first());
});

test('a copy from the bad time of an incident that is signed off says so, and is asked about', () => {
  const iso = (hoursAgo: number) => new Date(noon - hoursAgo * 3_600_000).toISOString();
  const story = aStory({closed: true, badSince: iso(3), endedAt: iso(1)});
  const shown = frame(large, sessionsRead(story));
  expect(shown).toMatch(/> 20261123_100000_nightly 2h {4}\+ 2 bad\n.*_080000_nightly 4h {4}\+ 1\n/);
  expect(shown).toMatch(/tenants +1.0 kB {2}\+ unaltered +bad time of INC-4711/);
  const board = keyboard(reduceAll(anApp(rows), configured(), sessionsRead(story)));
  board.press('r');
  expect(board.state().message?.text).toBe(
    `${idAt(2, 'nightly')} holds tenants from the bad time of INC-4711. r again goes on with it.`,
  );
});

test('a directory from the bad time says so by its own name, and what was put back of it does not', () => {
  const iso = (hoursAgo: number) => new Date(noon - hoursAgo * 3_600_000).toISOString();
  const uploads = (id: string, content: string) =>
    aRow(id, {
      datasets: ['a', 'b'].map((name) =>
        aDataset(`uploads/${name}.jpg`, {content: `sha256:${name}${content}`}),
      ),
    });
  const [restored, same, other] = [
    uploads(idAt(8), 'good'),
    uploads(idAt(3), 'good'),
    uploads(idAt(2), 'bad'),
  ];
  const live = ['uploads/a.jpg', 'uploads/b.jpg'].map(liveFile);
  const story = aStory({
    id: restored.id,
    closed: true,
    badSince: iso(4),
    endedAt: iso(1),
    lines: [aLine('switched', {live})],
  });
  const datasets = {
    value: [{name: 'uploads', source: '/srv/uploads', type: directory, from: 'x'}],
    from: 'x',
    problem: null,
  };
  const asked = (cursor: AppAction[]) => {
    const board = keyboard(
      reduceAll(anApp([other, same, restored]), configured({datasets}), sessionsRead(story), ...cursor),
    );
    board.press('r');
    return {text: board.state().message?.text, board};
  };
  expect(asked([]).text).toBe(
    `${other.id} holds uploads from the bad time of INC-4711. r again goes on with it.`,
  );
  expect(asked([{type: 'moved', how: 'down'}]).text).toBeUndefined();
});
