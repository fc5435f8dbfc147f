import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {logText} from '../support/activity-states.ts';
import {makeRoot} from '../support/backups.ts';
import {hostileText} from '../support/hostile.ts';
import {jsonLines, magds, shell} from '../support/run.ts';

function makeLog(...lines: string[]) {
  const {root, backups} = makeRoot();
  const file = path.join(root, 'storage/logs/audit.log');
  fs.mkdirSync(path.dirname(file), {recursive: true});
  if (lines.length > 0) fs.writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return {root, backups, file, run: (...args: string[]) => magds(['activity', '--root', root, ...args])};
}

const about = (id: string, ago: number): string => logText({ago, payload: {id}});
const failed = logText({
  action: 'magdb.backup.failed',
  ago: 1,
  payload: {id: null, label: 'x', reason: 'no room'},
});
const login = logText({action: 'user.login', payload: {id: null}});

describe('the audit log as text', () => {
  test('newest first, only ours, with how far back that is', async () => {
    const {run} = makeLog(about('20261123_000002_a', 3600), login, '{"magdb. torn', about('b', 60), failed);
    const {code, stdout, stderr} = await run();
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      '2026-11-23 11:59:59Z x magdb.backup.failed            -                        amira as root  no room',
      '2026-11-23 11:59:00Z + magdb.backup.verify_completed  b                        amira as root  passed, 4 datasets',
      '?                    ! not a line of an audit log',
      '2026-11-23 11:00:00Z + magdb.backup.verify_completed  20261123_000002_a        amira as root  passed, 4 datasets',
      '',
    ]);
    expect(stderr).toBe('4 lines, newest first: the log begins there.\n');
  });

  test('of one backup, one event, all actions, or so many', async () => {
    const {run} = makeLog(about('a', 4), about('b', 3), about('a', 2), login, failed);
    const shown = async (...args: string[]) => (await run(...args)).stdout.trimEnd().split('\n').length;
    expect(await shown('--id=a')).toBe(2);
    expect(await shown('--event=magdb.backup.failed')).toBe(1);
    expect(await shown('--event=backup.verify_completed', '--id=b')).toBe(1);
    expect(await shown('--event=user.login')).toBe(1);
    // As in hooks, a star stands for any text.
    expect(await shown('--event=magdb.backup.*')).toBe(4);
    expect(await shown('--event=backup.*')).toBe(4);
    expect(await shown('--event=magdb.*.failed')).toBe(1);
    expect(await shown('--event=*.login')).toBe(1);
    expect(await shown('--event=*')).toBe(5);
    expect(await shown('--event=all')).toBe(5);
    const {stdout, stderr} = await run('--event=all', '--limit=1');
    expect(stdout).toContain('backup.failed');
    expect(stderr).toBe('1 line, newest first: --limit shows more.\n');
  });

  test('columns fit the names that there are', async () => {
    const long = '20261123_131818_hotfix-2-4-rc1';
    const {run} = makeLog(about('a', 2), about(long, 1));
    const columns = (await run()).stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.indexOf('amira'));
    expect(new Set(columns).size).toBe(1);
  });

  test('of which all was rotated away is not called none', async () => {
    const {file, run} = makeLog(about('a', 1));
    fs.renameSync(file, `${file}.1`);
    expect(await run('--id=b')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/^No matching event: [^\n]+\.\n$/),
    });
    expect((await run('--id=a')).stdout).toContain('verify_completed');
  });

  test('nothing of it reaches the terminal raw', async () => {
    const {run} = makeLog(
      logText({action: `magdb.${hostileText}`, payload: {id: hostileText, operator: hostileText}}),
      `magdb.${hostileText.replace('\n', '')}`,
    );
    for (const args of [[], ['--json']]) {
      const {stdout, stderr} = await run(...args);
      expect(Buffer.from(stdout + stderr, 'latin1').toString('utf8')).not.toMatch(/[^\x20-\x7e\n]/);
    }
  });
});

test('as JSON each event has the line itself, and a broken one why', async () => {
  const deep = `{"action":"magdb.x","payload":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const {root, file, run} = makeLog(deep, 'magdb. broken', about('b', 60));
  const {code, stdout} = await run('--json');
  expect(code).toBe(0);
  const [answer] = jsonLines(stdout);
  expect(answer).toMatchObject({
    command: 'activity',
    root,
    log: file,
    end: 'the log begins there',
    events: [
      {
        at: '2026-11-23T11:59:00.000Z',
        event: 'magdb.backup.verify_completed',
        id: 'b',
        operator: 'amira as root',
        result: 'passed, 4 datasets',
        broken: null,
        line: JSON.parse(about('b', 60)),
      },
      {at: null, event: null, broken: 'not a line of an audit log', line: null},
      {event: 'magdb.x', broken: null, line: deep},
    ],
  });
});

describe('what cannot be shown', () => {
  test('no log is 10, one that is none is 1', async () => {
    const {root, file, run} = makeLog();
    expect(await run()).toMatchObject({
      code: 10,
      stdout: '',
      stderr: `magds: There is no audit log ${file}: the first backup, verification or restore begins it.\n`,
    });
    fs.mkdirSync(file);
    expect(await run()).toMatchObject({
      code: 1,
      stderr: `magds: The audit log ${file} cannot be read: it is a directory, not a file.\n`,
    });
    expect(fs.readdirSync(`${root}/storage`).toSorted()).toEqual(['backups', 'logs']);
  });

  test.each([
    ['--limit=0'],
    ['--limit=x'],
    ['--limit=1000000'],
    ['--event=verify'],
    ['--event=magdb.verify*'],
    ['--event=backup.verfy_failed'],
    ['--id=../x'],
  ])('%s is wrong usage', async (given) => {
    const {run} = makeLog(failed);
    expect(await run(given)).toMatchObject({code: 2, stdout: ''});
  });

  test('backups alone have no log', async () => {
    const {backups} = makeLog(failed);
    expect(await magds(['activity', '--backups', backups])).toMatchObject({code: 2, stdout: ''});
  });
});

describe('followed', () => {
  test('it goes on with what is appended, oldest first, until Ctrl+C', async () => {
    const {root, file} = makeLog(about('a', 60), about('b', 50));
    let appended = false;
    const {code, stdout} = await magds(['activity', '--root', root, '--follow', '--json', '--limit=1'], {
      onStdout(text, child) {
        if (!appended) fs.appendFileSync(file, `${failed}\n`);
        appended = true;
        if (text.includes('no room')) child.kill('SIGINT');
      },
    });
    expect(code).toBe(130);
    expect(jsonLines(stdout).map(({message_type: type, event, id}) => [type, event, id])).toEqual([
      ['event', 'magdb.backup.verify_completed', 'b'],
      ['event', 'magdb.backup.failed', null],
    ]);
  });

  test('it waits for a log that is not there yet, and ends with its reader', async () => {
    const {root, file} = makeLog();
    const script = `magds activity --root ${root} --follow 2>&1 | sed -u 2q`;
    let appending: NodeJS.Timeout | undefined;
    const {stdout} = await shell(script, {
      onStdout(text) {
        if (text.includes('waiting for it'))
          appending ??= setInterval(() => fs.appendFileSync(file, `${failed}\n`), 100);
      },
    });
    clearInterval(appending);
    expect(stdout).toMatch(/^! There is no audit log .*; waiting for it\.\n.* x magdb\.backup\.failed/);
  });
});
