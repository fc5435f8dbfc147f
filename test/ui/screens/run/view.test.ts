import fc from 'fast-check';
import stringWidth from 'string-width';
import {describe, expect, test} from 'vitest';
import {directory} from '../../../../source/engine/datasets/directory.ts';
import {file} from '../../../../source/engine/datasets/file.ts';
import type {PlannedDataset} from '../../../../source/engine/datasets/type.ts';
import {fill} from '../../../../source/ui/kit/line.ts';
import {bodyHeight} from '../../../../source/ui/layout.ts';
import {runSlice} from '../../../../source/ui/screens/run/state.ts';
import type {AppAction} from '../../../../source/ui/state.ts';
import {frameText, lineText, screenOf} from '../../../support/frames.ts';
import {hostile, hostileText, unprintable} from '../../../support/hostile.ts';
import {
  aPlan,
  aPlanned,
  aRunResult,
  begun,
  configured,
  copied,
  madeId,
  planned,
  runEvent,
  someFiles,
  twoDatasets,
  verdict,
} from '../../../support/run-states.ts';
import {anApp, reduceAll} from '../../../support/states.ts';

const runScreen = screenOf('run');

const standard = {columns: 80, rows: 24};
const sizes = [{columns: 60, rows: 16}, standard, {columns: 120, rows: 40}];
const sessions = aPlanned('sessions', {missing: 'its source is missing'});
const media = aPlanned('media', {
  dataset: {name: 'media', source: '/srv/magmoboce/storage/media', type: directory, from: 'x'},
  files: someFiles('media', 500, 500),
  leftOut: [{name: 'media/secret', reason: 'permission denied', grave: true}],
});
const plan = aPlan(twoDatasets);

const shown = (actions: AppAction[], size = standard): string[] =>
  frameText(runScreen(reduceAll(anApp([], {size}), configured(), ...actions)))
    .trimEnd()
    .split('\n');

const finished = (...end: Parameters<typeof aRunResult>): AppAction =>
  runEvent({type: 'finished', result: aRunResult(...end)});
const allCopied = [copied(0, 'tenants', 1000), copied(1, 'ledger', 3000)];
const published = runEvent({type: 'published', id: madeId});

const full = aPlan([...twoDatasets, sessions, media], {
  needed: 60_000_000,
  php: ['20261101_000000', '20261102_000000', '20261103_000000'],
  retention: [verdict('20261101_000000_old', false)],
  changes: ['ledger is not backed up any more', 'max_count is 2 instead of 7'],
});

/** Every state there is, by what an operator would call it. */
const states: Record<string, AppAction[]> = {
  planning: [runSlice.open({type: 'run opened'})],
  ready: planned(plan, 'nightly'),
  'ready, with all that can be said': planned(full, 'nightly'),
  'ready, with nothing to copy': planned(aPlan([sessions]), ''),
  'ready, with a bad label': planned(plan, 'y'.repeat(300)),
  refused: [
    runSlice.open({type: 'run opened'}),
    runSlice.to({
      type: 'run refused',
      problem: 'Backups are switched off: magds.backup.enabled is false (default). Nothing was written.',
    }),
  ],
  running: [...begun(plan), runEvent({type: 'progress', bytes: [1000, 500], bytesDone: 1500})],
  waiting: [
    ...begun(plan),
    runEvent({
      type: 'waiting',
      reason: "for the clock to pass 20261123_120000 UTC, the newest backup's",
    }),
  ],
  stopping: [
    ...begun(plan),
    runEvent({type: 'progress', bytes: [1000, 500], bytesDone: 1500}),
    runSlice.to({type: 'run stopping'}),
  ],
  done: [...begun(plan), ...allCopied, published, finished('done')],
  'done, with old ones removed': [
    ...begun(plan),
    ...allCopied,
    published,
    finished('done', {pruned: ['20261101_000000_old']}),
  ],
  'done, but not pruned': [
    ...begun(plan),
    ...allCopied,
    published,
    finished('done', {notPruned: '20261101_000000_old: permission denied: run as its owner, or as root'}),
  ],
  'done, but not remembered': [
    ...begun(plan),
    ...allCopied,
    published,
    finished('done', {notRemembered: '/srv/magmoboce/storage/runbook/last-run.json: the disk is full'}),
  ],
  partial: [
    ...begun(aPlan([...twoDatasets, sessions])),
    ...allCopied,
    published,
    finished('partial', {
      missing: [{name: 'sessions', reason: 'its source is missing'}],
      changed: ['ledger'],
      notPruned:
        'retention waits for a run with nothing missing; 1 would be deleted ("magds backup prune" does it now)',
    }),
  ],
  failed: [
    ...begun(plan),
    finished('failed', {
      reason:
        'there is not enough space: 5000 bytes are needed, 1 are free, 4999 are missing. Nothing was written',
    }),
  ],
  cancelled: [
    ...begun(plan),
    runEvent({type: 'progress', bytes: [1000, 500], bytesDone: 1500}),
    finished('cancelled'),
  ],
};
const linesOf = (name: string): string[] => shown(states[name] as AppAction[]);

describe('at 80x24', () => {
  test('while it is planned', () => {
    expect(linesOf('planning')).toEqual([' NOTHING WRITTEN YET', '', '   Looking at the sources ...']);
  });

  test('ready: what will be copied, and what follows', () => {
    expect(linesOf('ready')).toEqual([
      ' NOTHING WRITTEN YET',
      '   Label (optional): nightly_',
      '   id 20261123_120000_nightly, or by the time it starts',
      '',
      '   + tenants  1.0 kB  storage/data/tenants.json',
      '   + ledger   3.0 kB  storage/data/ledger.json',
      '',
      '   SPACE      4.0 kB of 50 MB free',
      '   RETENTION  deletes nothing',
    ]);
  });

  test('ready: where the data come from, as the type of the dataset says it', () => {
    const type = {...directory, describe: () => 'magdsdb on localhost', counted: () => null};
    const dump = {dataset: {name: 'magdsdb', source: '/srv/x', type, from: 'x'}};
    const lines = shown(planned(aPlan([aPlanned('magdsdb', dump), media]), ''));
    expect(lines.map((line) => line.trimEnd()).slice(4, 6)).toEqual([
      '   + magdsdb  1.0 kB  magdsdb on localhost',
      '   + media    1.0 kB  2 files in storage/media',
    ]);
  });

  test('ready, with nothing to copy: why it cannot be started, and where to look', () => {
    expect(linesOf('ready, with nothing to copy')[2]).toBe(
      '   x nothing can be copied: c on the list shows the configuration',
    );
  });

  test('ready, with something missing, something left out, no space, and a changed configuration', () => {
    const lines = linesOf('ready, with all that can be said');
    expect(lines.slice(4, 11)).toEqual([
      '   + tenants   1.0 kB  storage/data/tenants.json',
      '   + ledger    3.0 kB  storage/data/ledger.json',
      '   x sessions       -  its source is missing',
      '   + media     1.0 kB  2 files in storage/media',
      '',
      '   SPACE      60 MB of 50 MB free: 10 MB are missing',
      '   RETENTION  waits, because something is missing',
    ]);
    expect(lines[11]).toBe(
      '   PHP        next run deletes 20261101_000000, 20261102_000000, 20261103_000000',
    );
    expect(lines.slice(12)).toEqual([
      '   LEFT OUT   media/secret: permission denied',
      '   CHANGED    since the last run: ledger is not backed up any more, and 1 more',
      '              Update docs/CurrentKernelMagDSStack_todoBeforeMagWS.md: "magds',
      '              config --markdown" prints the table.',
    ]);
  });

  test('ready: of what is left out, data that should have been copied comes first', () => {
    const odd = aPlanned('odd', {leftOut: [{name: 'odd/pipe', reason: 'a pipe', grave: false}]});
    expect(shown(planned(aPlan([odd, media]))).at(-1)).toBe(
      '   LEFT OUT   media/secret: permission denied, and 1 more',
    );
  });

  test('ready: what retention removes', () => {
    const ids = ['20261101_000000', '20261102_000000', '20261103_000000'];
    const retention = (count: number) => ids.slice(0, count).map((id) => verdict(id, false));
    const line = (count: number) =>
      shown(planned(aPlan(twoDatasets, {retention: [verdict(madeId, true), ...retention(count)]})))[8];
    expect(line(1)).toBe('   RETENTION  deletes 20261101_000000');
    expect(line(2)).toBe('   RETENTION  deletes 20261101_000000, 20261102_000000');
    expect(line(3)).toBe('   RETENTION  deletes 20261101_000000, 20261102_000000, 20261103_000000');
    const many = Array.from({length: 12}, (_, index) => verdict(`20261101_0000${index + 10}_nightly`, false));
    expect(shown(planned(aPlan(twoDatasets, {retention: many})))[8]).toBe(
      '   RETENTION  deletes 20261101_000010_nightly and 11 more',
    );
  });

  test('ready: free space that cannot be told is not told', () => {
    expect(shown(planned(aPlan(twoDatasets, {free: null})))[7]).toBe('   SPACE      4.0 kB');
  });

  test('ready, with a label that cannot be', () => {
    expect(linesOf('ready, with a bad label')[2]).toBe(
      '   x it makes a name of 316 bytes, and a name has at most 255: shorten it by 61',
    );
  });

  test('ready, with a label that is longer than its line', () => {
    const line = shown(planned(plan, `${'before the migration '.repeat(5)}of the ledger`))[1];
    expect(line).toMatch(/^ {3}Label \(optional\): ~.*of the ledger_$/);
    expect(line).toHaveLength(80);
  });

  test('refused', () => {
    expect(linesOf('refused')).toEqual([
      '',
      '   x Backups are switched off: magds.backup.enabled is false (default).',
      '     Nothing was written.',
    ]);
  });

  test('running', () => {
    expect(linesOf('running')).toEqual([
      ' 20261123_120000_nightly   appears when it is whole',
      ' - copying',
      '   tenants  1.0 kB  [#############################] 100%  - copying',
      '   ledger   3.0 kB  [####.........................]  16%  - copying',
      '',
      '   whole    4.0 kB  [##########...................]  37%',
      '   1.5 kB copied   750 B/s   2s so far   about 3s left',
      '',
      '   Connection lost? It is cancelled, and nothing of it stays.',
    ]);
  });

  test('waiting for the clock', () => {
    expect(linesOf('waiting').at(-1)).toBe(
      "   Waiting for the clock to pass 20261123_120000 UTC, the newest backup's.",
    );
  });

  test('ready: the hooks that are run around it', () => {
    const [stop, mail, start] = [
      ['systemctl', 'stop', 'php8.2-fpm'],
      ['mail', 'root'],
      ['systemctl', 'start', 'x'],
    ];
    const hooks = {before: [stop, mail], after: [start]} as {before: string[][]; after: string[][]};
    const lines = shown(planned(aPlan(twoDatasets, {hooks})));
    expect(lines.filter((line) => line.includes('hook'))).toEqual([
      '   BEFORE     it the hook systemctl stop php8.2-fpm, and 1 more (c on the list',
      '   AFTER      it the hook systemctl start x',
    ]);
  });

  test('waiting for a hook', () => {
    const hook = (when: 'before' | 'after', command: string[] | null) =>
      runEvent({type: 'hook', when, command});
    const before = [
      ...planned(plan),
      runSlice.to({type: 'run started'}),
      hook('before', ['systemctl', 'stop', 'x']),
    ];
    expect(shown(before).slice(2)).toEqual([
      '   tenants  1.0 kB  [.............................]   0%  - waiting',
      '   ledger   3.0 kB  [.............................]   0%  - waiting',
      '',
      '   whole    4.0 kB  [.............................]   0%',
      '   0 B copied',
      '',
      '   Waiting for the hook systemctl stop x.',
    ]);
    expect(shown([...before, runEvent({type: 'planned', plan})]).at(-1)).toMatch(/^ {3}Connection lost\?/);
    const after = [...begun(plan), ...allCopied, published, hook('after', ['systemctl', 'start', 'x'])];
    expect(shown(after).at(-1)).toBe('   + The backup is there. Waiting for the hook systemctl start x.');
    expect(shown([...after, hook('after', null)]).at(-1)).toBe(
      '   + The backup is there. Retention and notifications follow.',
    );
  });

  test('hooks that failed', () => {
    const hook = (when: 'before' | 'after', reason: string | null) => ({
      command: ['systemctl', 'start', 'x'],
      mayFail: false,
      when,
      reason,
      exit: 1,
      output: 'no such unit\n',
      seconds: 1,
    });
    const beware = '   ! Failed: the hook systemctl start x after it: it ended with 1, and said:';
    const hooks = [hook('before', null), hook('after', 'it ended with 1')];
    const done = shown([...begun(plan), ...allCopied, published, finished('done', {hooks})]);
    expect(done.slice(-3)).toEqual([
      '   + DONE: the backup is whole and on the disk. v verifies it.',
      beware,
      '     no such unit',
    ]);
    // That of the one that stopped it is told once.
    const reason =
      'the hook systemctl start x before it: it ended with 1, and said: no such unit. Nothing was written';
    const stopped = {reason, hooks: [hook('before', 'it ended with 1'), hook('after', 'it ended with 1')]};
    const failed = shown([...planned(plan), runSlice.to({type: 'run started'}), finished('failed', stopped)]);
    expect(failed.filter((line) => line.includes('Failed'))).toEqual([beware]);
    expect(failed.join(' ')).toContain('x FAILED: the hook systemctl start x before it: it ended with 1');
  });

  test('asked to stop', () => {
    expect(linesOf('stopping').at(-1)).toBe('   Cancelling ... what was copied is removed.');
  });

  test('done', () => {
    expect(linesOf('done').slice(0, 2)).toEqual([` ${madeId}`, '']);
    expect(linesOf('done').slice(2)).toEqual([
      '   tenants  1.0 kB  [#############################] 100%  + copied',
      '   ledger   3.0 kB  [#############################] 100%  + copied',
      '',
      '   whole    4.0 kB  [#############################] 100%',
      '   4.0 kB copied   1.3 kB/s   in 3s',
      '',
      '   + DONE: the backup is whole and on the disk. v verifies it.',
    ]);
    expect(linesOf('done, with old ones removed').at(-1)).toBe('   Retention deleted 1: 20261101_000000_old');
    const pruned = Array.from({length: 9}, (_, index) => `20261101_00000${index}`);
    expect(shown([...begun(plan), ...allCopied, published, finished('done', {pruned})]).at(-1)).toBe(
      '   Retention deleted 9: 20261101_000000, 20261101_000001 and 7 more',
    );
    expect(linesOf('done, but not pruned').slice(-2)).toEqual([
      '   ! Not pruned: 20261101_000000_old: permission denied: run as its owner, or',
      '     as root',
    ]);
  });

  test('done in part', () => {
    expect(linesOf('partial').slice(2)).toEqual([
      '   tenants   1.0 kB  [############################] 100%  + copied',
      '   ledger    3.0 kB  [############################] 100%  + copied',
      '   sessions     0 B  [............................]   0%  x missing',
      '',
      '   whole     4.0 kB  [############################] 100%',
      '   4.0 kB copied   1.3 kB/s   in 3s',
      '',
      '   x DONE IN PART: sessions: its source is missing, and 1 more.',
      '   ! Not pruned: retention waits for a run with nothing missing; 1 would be',
      '     deleted ("magds backup prune" does it now)',
    ]);
  });

  test('failed', () => {
    expect(linesOf('failed').slice(2)).toEqual([
      '   tenants  1.0 kB  [.............................]   0%  - waiting',
      '   ledger   3.0 kB  [.............................]   0%  - waiting',
      '',
      '   whole    4.0 kB  [.............................]   0%',
      '   0 B copied   in 3s',
      '',
      '   x FAILED: there is not enough space: 5000 bytes are needed, 1 are free,',
      '     4999 are missing. Nothing was written.',
    ]);
  });

  test('cancelled', () => {
    const lines = linesOf('cancelled');
    expect(lines[0]).toBe(' 20261123_120000_nightly   was not made');
    expect(lines.at(-1)).toMatch(/^ {3}! CANCELLED: nothing of it stays/);
    expect(lines.join('\n')).not.toMatch(/whole .*100%/);
  });
});

test('however long the label, what becomes of it is said', () => {
  const label = 'x'.repeat(200);
  expect(shown(planned(plan, label))[2]).toMatch(/^ {3}id 20261123_120000_x+~, or by the time it starts$/);
  expect(shown(begun(plan, label))[0]).toMatch(/^ 20261123_120000_x+~ {3}appears when it is whole$/);
});

describe('a run that is not done never looks done', () => {
  test.each(['failed', 'cancelled'] as const)('%s after the last byte', (outcome) => {
    const end = finished(outcome, {reason: 'no'});
    const text = shown([
      ...begun(plan),
      runEvent({type: 'progress', bytes: [1000, 3000], bytesDone: 4000}),
      end,
    ]);
    expect(text.find((line) => line.includes('whole  '))).toMatch(/99%$/);
    expect(text.join('\n')).not.toContain('DONE');
  });

  test('with nothing to copy at all', () => {
    const empty = aPlan([aPlanned('tenants', {}, 0)]);
    const text = shown([...begun(empty), finished('cancelled')]);
    expect(text.find((line) => line.startsWith('   whole'))).not.toContain('100%');
  });

  test('in part, with the reason even where it is only something left out', () => {
    const text = shown([...begun(plan), ...allCopied, published, finished('partial')]).join('\n');
    expect(text).toContain('x DONE IN PART: something was left out.');
    expect(text).not.toContain('+ DONE');
  });
});

test('of more datasets than fit, those that need the operator are on the screen', () => {
  const many = Array.from({length: 30}, (_, index) => aPlanned(`dataset_${index}`));
  const events = many.map((_, index) =>
    copied(index, `dataset_${index}`, 1000, index === 29 ? 'it cannot be read' : undefined),
  );
  for (const size of sizes)
    expect(shown([...begun(aPlan(many)), ...events], size).join('\n')).toMatch(/dataset_29 .*x failed/);
});

test('of more datasets than fit, the plan shows first what is missing', () => {
  const many = Array.from({length: 30}, (_, index) => aPlanned(`dataset_${index}`));
  const last = aPlanned('sessions', {missing: 'its source is missing'});
  for (const size of sizes.slice(0, 2)) {
    const lines = shown(planned(aPlan([...many, last], {changes: ['max_count is 2'], php: [madeId]})), size);
    expect(lines[4]).toMatch(/^ {3}x sessions /);
    expect(lines.join('\n')).toMatch(/RETENTION[\s\S]*PHP/);
  }
  const missing = many.map(({dataset}) => aPlanned(dataset.name, {missing: 'its source is missing'}));
  expect(shown(planned(aPlan(missing))).find((line) => line.startsWith('     and '))).toMatch(
    /and (\d+) more, \1 of them missing$/,
  );
});

test('of more datasets than fit, the plan says how many there are beside', () => {
  const many = Array.from({length: 30}, (_, index) => aPlanned(`dataset_${index}`));
  const lines = shown(planned(aPlan(many)));
  const listed = lines.filter((line) => line.includes('+ dataset_'));
  expect(lines).toContain(`     and ${30 - listed.length} more`);
});

describe.each(sizes)('at $columns x $rows', (size) => {
  test.each(Object.keys(states))('%s: no line is too wide, and what matters is on the screen', (name) => {
    const state = reduceAll(anApp([], {size}), configured(), ...(states[name] as AppAction[]));
    const lines = fill(runScreen(state), bodyHeight(size)).map(lineText);
    expect(lines).toHaveLength(bodyHeight(size));
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(size.columns);
    const what = lines.join('\n');
    const result: Record<string, RegExp> = {
      partial: /DONE IN PART: sessions: its source is missing/,
      failed: /FAILED: there is not enough space/,
      cancelled: /! CANCELLED: nothing of it stays/,
      done: /\+ DONE: the backup is whole/,
      'ready, with all that can be said': /RETENTION {2}waits, because something is missing/,
    };
    if (result[name]) expect(what).toMatch(result[name]);
  });
});

describe('whatever names and reasons hold', () => {
  const hostileDataset: fc.Arbitrary<PlannedDataset> = fc
    .record({
      name: hostile,
      source: hostile,
      missing: fc.option(hostile, {freq: 3}),
      left: hostile,
      grave: fc.boolean(),
      type: fc.constantFrom(file, directory),
      bytes: fc.oneof(fc.nat(), fc.maxSafeNat()),
    })
    .map(({name, source, missing, left, grave, type, bytes}) =>
      aPlanned(
        name,
        {
          dataset: {name, source, type, from: 'x'},
          missing,
          leftOut: [{name: left, reason: left, grave}],
        },
        bytes,
      ),
    );
  const texts = fc.array(hostile, {maxLength: 4});
  const any = fc.record({
    size: fc.record({columns: fc.integer({min: 60, max: 180}), rows: fc.integer({min: 16, max: 60})}),
    root: fc.option(hostile),
    datasets: fc.array(hostileDataset, {maxLength: 14}),
    label: hostile,
    ids: texts,
    changes: texts,
    free: fc.option(fc.nat()),
    reason: hostile,
    outcome: fc.constantFrom('done', 'partial', 'failed', 'cancelled'),
    steps: fc.nat({max: 5}),
  });

  test('nothing drives the terminal, no line is too wide, and the height is kept', () => {
    fc.assert(
      fc.property(any, ({size, root, datasets, label, ids, changes, free, reason, outcome, steps}) => {
        const made = aPlan(datasets, {
          free,
          changes,
          php: ids,
          retention: ids.map((id) => verdict(id, false)),
          hooks: {before: [ids], after: [[reason], ids]},
        });
        const lacking = ids.map((name) => ({name, reason}));
        const all: AppAction[] = [
          ...planned(made, label),
          runSlice.to({type: 'run started'}),
          runEvent({type: 'planned', plan: {...made, id: `20261123_120000${reason}`}}, 0),
          runEvent({type: 'hook', when: 'before', command: [reason]}),
          ...datasets.map(({dataset}, index) => copied(index, dataset.name, 500, reason)),
          runEvent({type: 'published', id: `${madeId}${reason}`}),
          finished(outcome, {missing: lacking, changed: ids, reason, notPruned: reason, pruned: ids}),
        ];
        const until = [2, 3, 6, 6 + datasets.length, all.length - 1, all.length][steps];
        const state = reduceAll(
          anApp([], {size, place: {root, backups: '/b'}}),
          configured(),
          ...all.slice(0, until),
        );
        const lines = fill(runScreen(state), bodyHeight(size)).map(lineText);
        expect(lines).toHaveLength(bodyHeight(size));
        for (const line of lines) {
          expect(stringWidth(line), line).toBeLessThanOrEqual(size.columns);
          expect(line).not.toMatch(unprintable);
        }
      }),
      {numRuns: 300},
    );
  });

  test('a refusal is escaped too', () => {
    const text = shown([
      runSlice.open({type: 'run opened'}),
      runSlice.to({type: 'run refused', problem: hostileText}),
    ]).join('');
    expect(text).not.toMatch(unprintable);
    expect(text).toContain('\\u{1b}');
  });
});
