import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {afterEach, describe, expect, test} from 'vitest';
import {longestRead} from '../../../../source/engine/events/log/log-lines.ts';
import type {LoggedLine} from '../../../../source/engine/events/log/logged-line.ts';
import {AuditLog, type LogEvent} from '../../../../source/engine/events/log/read-log.ts';
import {logText} from '../../../support/activity-states.ts';
import {isRoot} from '../../../support/faults.ts';
import {makePipe, temporaryDirectory} from '../../../support/temporary.ts';

const never = new AbortController().signal;
const open: AuditLog[] = [];
afterEach(() => {
  for (const log of open.splice(0)) log.close();
});

function makeLog() {
  const root = temporaryDirectory();
  const file = path.join(root, 'storage/logs/audit.log');
  fs.mkdirSync(path.dirname(file), {recursive: true});
  return {root, file};
}

async function openLog(
  {root, file}: {root: string; file: string},
  {onlyOurs = true} = {},
): Promise<AuditLog> {
  const log = await AuditLog.open({root, file, onlyOurs});
  open.push(log);
  return log;
}

/** A line about the backup of this name. */
const about = (id: string): string => `${logText({payload: {id}})}\n`;
const names = (lines: LoggedLine[]): string[] => lines.map(({backup, broken}) => backup ?? `(${broken})`);

describe('from its end to its beginning', () => {
  test('in as many goes as are asked for, each newer line with a higher number', async () => {
    const place = makeLog();
    fs.writeFileSync(place.file, ['a', 'b', 'c', 'd', 'e'].map(about).join(''));
    const log = await openLog(place);
    const first = await log.older(2, never);
    expect([names(first.lines), first.end]).toEqual([['e', 'd'], null]);
    const rest = await log.older(9, never);
    expect([names(rest.lines), rest.end]).toEqual([['c', 'b', 'a'], 'the log begins there']);
    const numbers = [...first.lines, ...rest.lines].map(({number}) => number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    expect(new Set(numbers).size).toBe(5);
  });

  test('whatever the lines are, and wherever a block of it ends', async () => {
    const sizes = fc.array(
      fc.oneof(fc.nat({max: 400}), fc.constantFrom(262_143, 262_144, 262_145, 700_000)),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    await fc.assert(
      fc.asyncProperty(sizes, fc.boolean(), fc.integer({min: 1, max: 4}), async (lengths, ended, step) => {
        const place = makeLog();
        const lines = lengths.map((length, index) =>
          logText({payload: {id: `${index}`, filling: 'x'.repeat(length)}}),
        );
        fs.writeFileSync(place.file, lines.join('\n') + (ended ? '\n' : ''));
        const log = await openLog(place);
        const read: LoggedLine[] = [];
        for (let end: string | null = null; end === null; ) {
          const older = await log.older(step, never);
          read.push(...older.lines);
          end = older.end;
        }
        expect(read.map(({text}) => text)).toEqual(lines.toReversed());
      }),
      {numRuns: 30},
    );
  });

  test('a torn end, one that is no text, one without end and an empty one are told, or left out', async () => {
    const place = makeLog();
    const long = `{"action":"magdb.x","payload":"${'y'.repeat(3 * longestRead)}"}\n`;
    fs.writeFileSync(
      place.file,
      Buffer.concat([
        Buffer.from(`${about('a')}\n\n${long}magdb. \xff`),
        Buffer.from([0xff, 0x0a]),
        Buffer.from(`${about('b')}{"action":"magdb.`),
      ]),
    );
    const {lines} = await (await openLog(place)).older(100, never);
    expect(names(lines)).toEqual([
      '(cut short: it is being written, or its writer was killed)',
      'b',
      '(not text (not UTF-8))',
      '(a line of 3.1 MB, of which only the beginning is read)',
      'a',
    ]);
    expect(Math.max(...lines.map(({text}) => text.length))).toBe(4096);
  });

  test('only ours, unless all is asked for', async () => {
    const place = makeLog();
    fs.writeFileSync(place.file, `${logText({action: 'user.login'})}\n{"broken\n${about('a')}`);
    expect(names((await (await openLog(place)).older(9, never)).lines)).toEqual(['a']);
    const all = await (await openLog(place, {onlyOurs: false})).older(9, never);
    expect(all.lines.map(({action}) => action)).toEqual(['magdb.backup.verify_completed', '', 'user.login']);
  });

  test('200 MB of others take neither their time nor their room', async () => {
    const place = makeLog();
    const block = `${logText({action: 'user.login'})}\n`.repeat(2500);
    fs.writeFileSync(place.file, about('first'));
    const fd = fs.openSync(place.file, 'a');
    for (let written = 0; written < 200_000_000; written += block.length) fs.writeSync(fd, block);
    fs.closeSync(fd);
    fs.appendFileSync(place.file, about('last'));
    const began = performance.now();
    const all = await (await openLog(place, {onlyOurs: false})).older(2000, never);
    expect(all.lines).toHaveLength(2000);
    expect(performance.now() - began).toBeLessThan(1500);
    const before = process.memoryUsage().rss;
    const ours = await (await openLog(place)).older(2000, never);
    expect(names(ours.lines)).toEqual(['last', 'first']);
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  test('a hole of 100 GB without a line break is gone back through a part at a time', async () => {
    const place = makeLog();
    fs.writeFileSync(place.file, about('first'));
    fs.truncateSync(place.file, 100 * 1024 ** 3);
    fs.appendFileSync(place.file, `\n${about('last')}`);
    const log = await openLog(place);
    const {lines, end} = await log.older(2000, never);
    expect([names(lines), end]).toEqual([['last'], null]);
    expect(await log.older(2000, never)).toEqual({lines: [], end: null});
  });

  test('what it was rotated to comes next, what is compressed is named, no link of another is followed', async () => {
    const place = makeLog();
    const directory = path.dirname(place.file);
    const put = (name: string, text: string): void => fs.writeFileSync(path.join(directory, name), text);
    put('audit.log', about('now'));
    put('audit.log.1', about('one'));
    put('audit.log.2', about('two'));
    put('audit.log.10', about('ten'));
    put('audit.log-20261101', about('dated'));
    put('audit.log-20261102', about('later'));
    put('audit.log.11.gz', 'packed');
    put('audit.log.bak', about('not rotated'));
    put('audit.login', about('another'));
    const {lines, end} = await (await openLog(place)).older(100, never);
    expect(names(lines)).toEqual(['now', 'one', 'two', 'ten', 'later', 'dated']);
    expect(end).toBe(`what is older is compressed: zcat ${directory}/audit.log.11.gz`);
    fs.rmSync(path.join(directory, 'audit.log.2'));
    fs.symlinkSync('/etc/passwd', path.join(directory, 'audit.log.2'));
    const linked = await (await openLog(place)).older(100, never);
    expect(names(linked.lines)).toEqual(['now', 'one']);
    expect(linked.end).toBe('what is older cannot be read: it is a link, not a file');
  });

  test('one that is cut off meanwhile says so', async () => {
    const place = makeLog();
    fs.writeFileSync(place.file, about('a').repeat(5000));
    const log = await openLog(place);
    expect((await log.older(1, never)).lines).toHaveLength(1);
    fs.truncateSync(place.file, 10);
    const {lines, end} = await log.older(9000, never);
    expect(lines.length).toBeLessThan(1000);
    expect(end).toBe('the log was cut off while it was read: open it again');
  });
});

describe('a log that cannot be read', () => {
  test('is missing, with all that leads to it', async () => {
    const root = temporaryDirectory();
    const log = await openLog({root, file: `${root}/storage/logs/audit.log`});
    expect(log.state).toEqual({state: 'missing', reason: null});
    expect(await log.older(9, never)).toEqual({lines: [], end: 'the log begins there'});
  });

  test('is a pipe, which nothing waits for, or a directory', async () => {
    const place = makeLog();
    makePipe(place.file);
    expect((await openLog(place)).state).toEqual({
      state: 'unreadable',
      reason: 'it is a pipe (FIFO), not a file',
    });
    fs.rmSync(place.file);
    fs.mkdirSync(place.file);
    expect((await openLog(place)).state.reason).toBe('it is a directory, not a file');
  });

  test.skipIf(isRoot)("is another user's (root reads everything)", async () => {
    const place = makeLog();
    fs.writeFileSync(place.file, about('a'), {mode: 0o200});
    expect((await openLog(place)).state).toEqual({
      state: 'unreadable',
      reason: 'permission denied: run as its owner, or as root',
    });
  });
});

/** Follows a log; `until` waits for what it tells. */
async function follow(place: {root: string; file: string}) {
  const log = await AuditLog.open({...place, onlyOurs: true});
  const over = new AbortController();
  const events: LogEvent[] = [];
  let told = (): void => {};
  const done = (async () => {
    for await (const event of log.follow(over.signal)) {
      events.push(event);
      told();
    }
    log.close();
  })();
  const appended = (): LoggedLine[] =>
    events.flatMap((event) => (event.type === 'appended' ? event.lines : []));
  return {
    events,
    appended,
    async until(isThere: () => boolean): Promise<void> {
      while (!isThere())
        await new Promise<void>((resolve) => {
          told = resolve;
        });
    },
    async stop(): Promise<void> {
      over.abort();
      await done;
    },
  };
}

describe('followed', () => {
  test('it tells what is appended, also in pieces, in its order and with higher numbers', async () => {
    const place = makeLog();
    fs.writeFileSync(place.file, about('before'));
    const {appended, until, stop} = await follow(place);
    const text = about('é');
    const half = Buffer.from(text).subarray(0, 40);
    fs.appendFileSync(place.file, about('a') + about('b'));
    await until(() => appended().length === 2);
    fs.appendFileSync(place.file, half);
    fs.appendFileSync(place.file, Buffer.from(text).subarray(40));
    await until(() => names(appended()).includes('é'));
    await stop();
    expect(names(appended()).filter((each) => !each.startsWith('(cut'))).toEqual(['a', 'b', 'é']);
    expect(appended().map(({number}) => number)).toEqual(appended().map((_, index) => index + 1));
  });

  test('through rotations, whether it is renamed or copied and cut off; nothing comes twice', async () => {
    const place = makeLog();
    fs.writeFileSync(place.file, about('before'));
    const {appended, until, stop} = await follow(place);
    fs.appendFileSync(place.file, about('a'));
    fs.renameSync(place.file, `${place.file}.1`);
    fs.appendFileSync(`${place.file}.1`, about('late'));
    fs.writeFileSync(place.file, about('b'));
    await until(() => names(appended()).includes('b'));
    fs.truncateSync(place.file, 0);
    await until(() => appended().some(({broken}) => broken?.startsWith('the log was cut off')));
    fs.appendFileSync(place.file, about('c'));
    await until(() => names(appended()).includes('c'));
    await stop();
    expect(names(appended())).toEqual([
      'a',
      'late',
      'b',
      '(the log was cut off here: what was in it is gone)',
      'c',
    ]);
  });

  test('one that appears later, and one whose last line never ends', async () => {
    const place = makeLog();
    const {events, appended, until, stop} = await follow(place);
    await until(() => events.length > 0);
    expect(events).toEqual([{type: 'log', state: 'missing', reason: null}]);
    fs.writeFileSync(place.file, `${about('a')}{"action":"magdb.`);
    await until(() => names(appended()).includes('a'));
    // The next writer ends it.
    fs.appendFileSync(place.file, `\n${about('b')}`);
    await until(() => names(appended()).includes('b'));
    await stop();
    expect(events).toContainEqual({type: 'log', state: 'there', reason: null});
    expect(names(appended())).toEqual(['a', '(not a line of an audit log)', 'b']);
  });

  test('what is torn when it is opened is told at once, and again as it ends: whole where its writer goes on', async () => {
    const place = makeLog();
    const torn = '{"action":"magdb.';
    fs.writeFileSync(place.file, `${about('a')}${torn}`);
    const older = (await (await openLog(place)).older(9, never)).lines;
    expect(names(older)).toEqual(['(cut short: it is being written, or its writer was killed)', 'a']);
    const abandoned = await follow(place);
    fs.appendFileSync(place.file, `\n${about('b')}`);
    await abandoned.until(() => abandoned.appended().length > 1);
    await abandoned.stop();
    expect(names(abandoned.appended())).toEqual(['(not a line of an audit log)', 'b']);
    const text = about('whole');
    fs.writeFileSync(place.file, `${about('a')}${text.slice(0, 50)}`);
    const whole = await follow(place);
    fs.appendFileSync(place.file, text.slice(50));
    await whole.until(() => whole.appended().length > 0);
    await whole.stop();
    expect(names(whole.appended())).toEqual(['whole']);
  });

  test('a torn line of a log that was rotated away is told', async () => {
    const place = makeLog();
    fs.writeFileSync(place.file, about('a'));
    const {appended, until, stop} = await follow(place);
    fs.appendFileSync(place.file, '{"action":"magdb.');
    fs.renameSync(place.file, `${place.file}.1`);
    fs.writeFileSync(place.file, about('b'));
    await until(() => names(appended()).includes('b'));
    await stop();
    expect(names(appended())).toEqual(['(cut short: it is being written, or its writer was killed)', 'b']);
  });

  test('it ends at once when it is stopped, and leaves no file open', async () => {
    const place = makeLog();
    fs.writeFileSync(place.file, about('a'));
    const opened = () =>
      fs.readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(place.root);
        } catch {
          // It was the directory's own.
          return false;
        }
      }).length;
    const {events, until, stop} = await follow(place);
    await until(() => events.length > 0);
    expect(opened()).toBe(1);
    await stop();
    expect(opened()).toBe(0);
  });
});
