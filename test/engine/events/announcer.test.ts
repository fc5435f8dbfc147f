import fs from 'node:fs';
import fc from 'fast-check';
import {afterEach, describe, expect, test, vi} from 'vitest';
import type {AuditLine} from '../../../source/engine/events/log/audit-line.ts';
import {
  actionsIn,
  announcerFor,
  anyHappening,
  holdLock,
  linesOf,
  lockAwaited,
  makeLogPlace,
  pruned,
  toldIn,
} from '../../support/audit.ts';

const {runEventHooks, recordMetrics} = vi.hoisted(() => ({runEventHooks: vi.fn(), recordMetrics: vi.fn()}));
vi.mock('../../../source/engine/events/event-hooks.ts', () => ({runEventHooks}));
vi.mock('../../../source/engine/events/metrics/metrics.ts', () => ({recordMetrics}));
runEventHooks.mockResolvedValue({results: [], problem: null});
recordMetrics.mockResolvedValue({written: true, problem: null});
afterEach(() => vi.clearAllMocks());

const ids = (lines: AuditLine[]): unknown[] => lines.map(({payload}) => payload['id']);

describe('what is announced', () => {
  test('stands in the log once it was waited for, all of it together', async () => {
    const place = makeLogPlace();
    const announcer = announcerFor(place);
    const {lines, problem} = await announcer.announce([pruned('a'), pruned('b')]);
    expect(problem).toBeNull();
    expect(linesOf(place.log)).toEqual(lines);
    expect(ids(lines)).toEqual(['a', 'b']);
    expect(recordMetrics).toHaveBeenCalledWith(expect.objectContaining({root: place.root}), lines);
    const events = lines.map((line) => ({line, logged: true}));
    expect(await announcer.settle()).toEqual({events, problems: [], hooks: []});
    expect(runEventHooks).toHaveBeenCalledExactlyOnceWith(place.root, lines, undefined);
  });

  test('keeps its order, waited for or not, and takes the lock a few times only', async () => {
    const place = makeLogPlace();
    fs.writeFileSync(place.log, '');
    const opened = vi.spyOn(fs, 'openSync');
    const {letGo} = await holdLock(place.log);
    const announcer = announcerFor(place);
    void announcer.announce([pruned('0')]);
    await lockAwaited(place.log);
    for (let n = 1; n < 1000; n++) void announcer.announce([pruned(String(n))]);
    const last = announcer.announce([pruned('1000')], true);
    letGo();
    expect((await last).problem).toBeNull();
    const logs = opened.mock.calls.filter(([file]) => String(file).endsWith('/audit.log'));
    opened.mockRestore();
    expect(ids(linesOf(place.log))).toEqual(Array.from({length: 1001}, (_, n) => String(n)));
    expect(logs).toHaveLength(2);
    expect(recordMetrics).toHaveBeenCalledTimes(2);
  });

  test('is on the disk where any of it has to be', async () => {
    const place = makeLogPlace();
    fs.writeFileSync(place.log, '');
    const synced = vi.spyOn(fs, 'fsyncSync');
    const announcer = announcerFor(place);
    await announcer.announce([pruned('a')]);
    expect(synced).not.toHaveBeenCalled();
    void announcer.announce([pruned('b')]);
    void announcer.announce([pruned('c')], true);
    await announcer.announce([pruned('d')]);
    expect(synced).toHaveBeenCalledTimes(1);
    synced.mockRestore();
  });

  test('is nothing where nothing is', async () => {
    const place = makeLogPlace();
    const announcer = announcerFor(place);
    expect(await announcer.announce([])).toEqual({lines: [], problem: null});
    await announcer.settle();
    expect(fs.existsSync(place.log)).toBe(false);
    expect(runEventHooks).not.toHaveBeenCalled();
  });

  test('comes back from the log as it was, whatever it says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyHappening(), {minLength: 1, maxLength: 4}), async (happenings) => {
        const place = makeLogPlace();
        const {lines} = await announcerFor(place).announce(happenings);
        expect(linesOf(place.log)).toEqual(lines);
        expect(toldIn(place.root).map(({action}) => action)).toEqual(happenings.map(({action}) => action));
      }),
      {numRuns: 30},
    );
  });
});

describe('what cannot be told', () => {
  const unlogged = ({log}: {log: string}) =>
    `the audit log ${log} was not written: it is a directory, not a file`;

  test('is told to the operator, once; the metrics and the hooks hear of it all the same', async () => {
    const place = makeLogPlace();
    fs.mkdirSync(place.log);
    const announcer = announcerFor(place);
    expect(await announcer.announce([pruned('a')])).toMatchObject({problem: unlogged(place)});
    await announcer.announce([pruned('b')]);
    expect((await announcer.settle()).problems).toEqual([unlogged(place)]);
    expect(ids(recordMetrics.mock.calls.flatMap(([, lines]) => lines))).toEqual(['a', 'b']);
    expect(ids(runEventHooks.mock.calls.flatMap(([, lines]) => lines))).toEqual(['a', 'b']);
    fs.rmdirSync(place.log);
    expect(await announcer.announce([pruned('c')])).toMatchObject({problem: null});
    expect(ids(linesOf(place.log))).toEqual(['c']);
  });

  test('because it is not what the registry says rejects nothing, and keeps the rest from nothing', async () => {
    const place = makeLogPlace();
    const announcer = announcerFor(place);
    const rejected = vi.fn();
    process.on('unhandledRejection', rejected);
    void announcer.announce([{action: 'magdb.backup.pruned', payload: {id: 7}} as never]);
    void announcer.announce([pruned('b')]);
    const {problems} = await announcer.settle();
    expect(problems).toEqual([expect.stringMatching(/^magdb\.backup\.pruned cannot be put into words: /)]);
    await new Promise(setImmediate);
    process.off('unhandledRejection', rejected);
    expect(rejected).not.toHaveBeenCalled();
    expect(actionsIn(place.root)).toEqual(['magdb.backup.pruned']);
  });

  test('because the metrics or the hooks are broken neither', async () => {
    const place = makeLogPlace();
    const announcer = announcerFor(place);
    recordMetrics.mockRejectedValueOnce(new Error('odd'));
    runEventHooks.mockRejectedValueOnce(new Error('odder'));
    recordMetrics.mockRejectedValueOnce(new Error('odd'));
    expect(await announcer.announce([pruned('a')])).toMatchObject({problem: null});
    expect((await announcer.settle()).problems).toEqual([
      "the site's hooks were not run: odder",
      'the metrics were not written: odd',
    ]);
    await announcer.announce([pruned('b')]);
    await announcer.settle();
    expect(ids(linesOf(place.log))).toEqual(['a', 'b']);
    expect(runEventHooks).toHaveBeenCalledTimes(2);
  });
});

test('hooks wait until what they are about stands in the log', async () => {
  const place = makeLogPlace();
  fs.writeFileSync(place.log, '');
  const {letGo} = await holdLock(place.log);
  const announcer = announcerFor(place);
  void announcer.announce([pruned('a')]);
  const settled = announcer.settle();
  await lockAwaited(place.log);
  void announcer.announce([pruned('b')]);
  const logged: unknown[] = [];
  runEventHooks.mockImplementation(async (_, lines: AuditLine[]) => {
    logged.push(ids(lines), ids(linesOf(place.log)));
    return {results: [], problem: null};
  });
  letGo();
  await settled;
  expect(logged).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
});
