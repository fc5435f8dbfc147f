import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {canTrace, expectTidy, liveState, makeSmallRoot, namesIn, oldIds, traced} from '../support/faults.ts';
import {magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const id = oldIds[1];
/** The threads that Node makes for itself at its start; one of them is for its debugger only. */
const ownThreads = 6;
const words = {
  EAGAIN: /cannot be started: no more processes or threads may be made: "ulimit -u"/,
  ENOMEM: /cannot be started: there is too little memory|cannot be started: no more processes/,
};

/** What is asked for, and how it ends without a thread, and without a process, where it needs them. */
const commands: {name: string; args: string[]; thread?: number; process: number}[] = [
  {name: 'run', args: ['backup', 'run'], thread: 1, process: 1},
  {name: 'verify', args: ['backup', 'verify', '--all', '--content'], thread: 1, process: 3},
  {name: 'pin', args: ['backup', 'pin', id, '--reason=x'], process: 1},
  {name: 'prune', args: ['backup', 'prune'], process: 1},
  {name: 'restore', args: ['restore', `--id=${id}`, `--yes=${id}`], thread: 1, process: 1},
  {name: 'export', args: ['evidence', 'export', `--id=${id}`], process: 1},
];

/** A drill begins with one process of its own. The directory that it makes for its files goes, where that cannot be made. */
test.runIf(canTrace)('a drill that cannot be started leaves no directory', async () => {
  const {root} = makeSmallRoot({old: 3, maxCount: 2});
  const into = `${temporaryDirectory()}/drill`;
  for (let when = 1; ; when++) {
    const outcome = await traced(['restore', `--id=${id}`, `--yes=${id}`, `--into=${into}`, '--root', root], {
      inject: `clone:error=EAGAIN:when=${when}+`,
      calls: ['clone', 'clone3'],
    });
    const said = outcome.stdout + outcome.stderr;
    if (outcome.code === 0) break;
    expect(said).toMatch(words.EAGAIN);
    // It is done, and only could not be told.
    const isDone = outcome.code === 3;
    expect({when, isThere: fs.existsSync(into)}).toEqual({when, isThere: isDone});
    fs.rmSync(into, {recursive: true, force: true});
  }
});

describe.runIf(canTrace)('where no thread or process can be made', () => {
  test.each(
    commands.flatMap((each) => [
      ...(each.thread === undefined
        ? []
        : [{...each, call: 'clone3', first: ownThreads + 1, exit: each.thread}]),
      {...each, call: 'clone', first: 1, exit: each.process},
    ]),
  )('$name ends, says so, and leaves nothing ($call)', async ({args, call, first, exit}) => {
    for (const error of ['EAGAIN', 'ENOMEM'] as const) {
      const {root, backups} = makeSmallRoot({old: 3, maxCount: 2});
      const live = liveState(root);
      const inject = `${call}:error=${error}:when=${first}+`;
      const out = path.join(root, 'record.md');
      const more = args[0] === 'evidence' ? [`--out=${out}`] : [];
      const {code, stdout, stderr} = await traced([...args, ...more, '--root', root], {
        inject,
        calls: ['clone', 'clone3'],
      });
      const said = stdout + stderr;
      expect({code, said}).toEqual({code: exit, said});
      expect(said).not.toMatch(/inside this program|Node\.js v|^ +at /m);
      expect(said).toMatch(words[error]);
      expectTidy(root, 'sessions', 'checking');
      expect(namesIn(path.join(root, 'storage/runbook/sessions'))).toEqual([]);
      expect(namesIn(backups)).toEqual(oldIds.slice(0, 3));
      expect(liveState(root)).toEqual(live);
      expect(fs.existsSync(out)).toBe(false);
    }
  });
});

/** What only looks needs a thread for hashing, or none, and goes on without processes. */
test.runIf(canTrace).each([
  {args: ['backup', 'diff', id], codes: [1]},
  {args: ['doctor'], codes: [1, 3]},
  {args: ['activity'], codes: [0]},
  {args: ['evidence', 'check'], codes: [0]},
  {args: ['evidence', 'check', '--live'], codes: [1]},
])('$args ends without a thread or a process, in plain words', async ({args, codes}) => {
  const {root} = makeSmallRoot({old: 3, maxCount: 2});
  fs.writeFileSync(`${root}/storage/logs/audit.log`, '{}\n');
  const record = `${root}/record.md`;
  const made = await magds(['evidence', 'export', `--id=${id}`, `--out=${record}`, '--root', root]);
  expect(made.stderr + made.stdout).toContain(record);
  const given = args[0] === 'evidence' ? [record] : [];
  for (const [call, first] of [
    ['clone3', ownThreads + 1],
    ['clone', 1],
  ] as const) {
    const inject = `${call}:error=EAGAIN:when=${first}+`;
    const {code, stdout, stderr} = await traced([...args, ...given, '--root', root], {
      inject,
      calls: ['clone', 'clone3'],
    });
    const said = stdout + stderr;
    expect(said).not.toMatch(/inside this program|Node\.js v|^ +at /m);
    if (call === 'clone3')
      expect({args, codes, said}).toEqual({args, codes: codes.includes(code ?? -1) ? codes : code, said});
    if (call === 'clone3' && codes.includes(1) && args[0] !== 'doctor') expect(said).toMatch(words.EAGAIN);
    expect(code).not.toBeNull();
  }
});
