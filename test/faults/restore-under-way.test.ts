import fs from 'node:fs';
import {describe, expect, test, vi} from 'vitest';
import {canMount, isRoot} from '../support/faults.ts';
import {node, program} from '../support/program.ts';
import {
  contentOf,
  liveTree,
  makeRestorable,
  makeWaiting,
  savedIds,
  summaryOf,
  twoContents,
} from '../support/restores.ts';
import {execute, type RunOptions, shell} from '../support/run.ts';
import {giveAway} from '../support/swapping.ts';

const saved = String(twoContents['tenants']?.copy);
const old = String(twoContents['tenants']?.live);

describe('a restore that is under way', () => {
  test('keeps every other writer out, and says who it is', async () => {
    const {command, restore, args, begun, letGo} = makeWaiting();
    const first = execute(node, [program, ...args]);
    await begun();
    const who =
      /^magds: Locked by "restore of 20261123_131813, session 1", process \d+ of \S+ on \S+, since \S+ \(just now\)\./;
    const second = await restore('--json');
    expect(second.code).toBe(11);
    expect(second.stderr).toMatch(who);
    expect(summaryOf(second)).toMatchObject({message_type: 'exit_error', code: 11});
    for (const words of [
      ['backup', 'run'],
      ['backup', 'prune'],
      ['session', 'close', '1'],
      ['restore', '--rollback'],
    ]) {
      const outcome = await command(...words);
      expect([outcome.code, outcome.stderr]).toEqual([11, expect.stringMatching(who)]);
    }
    expect(await command('backup', 'list')).toMatchObject({code: 0});
    letGo();
    expect(await first).toMatchObject({code: 0});
  });

  test('that is killed in a hook does not forget that something was stopped', async () => {
    const {root, args, begun, holds} = makeWaiting();
    const asked = execute(node, [program, ...args]);
    await begun();
    const owner = JSON.parse(contentOf(`${root}/storage/runbook/lock`) ?? '') as {pid: number};
    process.kill(owner.pid, 'SIGKILL');
    const {code, stderr} = await asked;
    expect({code, stderr}).toEqual({
      code: 1,
      stderr: `x Refused: it ended before it began; nothing was changed. But hooks before it have been run: start again what they stopped, as after_restore would. ${root}/storage/runbook/sessions/1/restore.log may say why.\nNo live file was touched.\n`,
    });
    expect(holds('tenants')).toBe(old);
  });

  test.each(['SIGHUP', 'SIGKILL'] as const)('goes on where whoever asked for it gets %s', async (signal) => {
    const {args, begun, letGo, over, holds} = makeWaiting();
    let child: Parameters<NonNullable<RunOptions['onStdout']>>[1] | undefined;
    const asked = execute(node, [program, ...args], {
      onStdout: (_, each) => {
        child = each;
      },
    });
    await begun();
    await vi.waitFor(() => expect(child).toBeDefined(), 20_000);
    child?.kill(signal);
    letGo();
    await asked;
    await over();
    expect(holds('tenants')).toBe(saved);
  });

  test('goes on where nobody reads what it says', async () => {
    const {args, letGo, over, holds} = makeWaiting();
    letGo();
    await shell(`magds ${args.join(' ')} | head -1`);
    await over();
    expect(holds('tenants')).toBe(saved);
  });

  test('is cancelled by Ctrl-C while nothing is changed yet', async () => {
    const {root, args, begun, letGo} = makeWaiting();
    const before = liveTree(root);
    let child: Parameters<NonNullable<RunOptions['onStdout']>>[1] | undefined;
    const asked = execute(node, [program, ...args], {
      onStdout: (_, each) => {
        child = each;
      },
    });
    await begun();
    await vi.waitFor(() => expect(child).toBeDefined(), 20_000);
    child?.kill('SIGINT');
    await vi.waitFor(
      () => expect(fs.existsSync(`${root}/storage/runbook/sessions/1/cancel`)).toBe(true),
      20_000,
    );
    letGo();
    const {code, stderr} = await asked;
    expect({code, stderr}).toEqual({
      code: 130,
      stderr:
        'Stopping; if files are being switched already, that is finished first.\n! Cancelled: nothing was changed.\n',
    });
    expect([liveTree(root), savedIds(root)]).toEqual([before, []]);
  });
});

const webUser = 33;

/** A command of the web user's where he sees no process but his own. */
const whoSeesNone = (...command: string[]) =>
  execute('unshare', [
    '-m',
    'sh',
    '-c',
    'mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid="$0" --regid="$0" --clear-groups "$@"',
    String(webUser),
    ...command,
  ]);

test.runIf(canMount && isRoot)(
  'a restore of root’s is at work also for who cannot see its process (hidepid=2)',
  async () => {
    const copy = 'x'.repeat(64 * 1024 * 1024);
    const {root, built, restore, state, holds} = makeRestorable({contents: {tenants: {live: old, copy}}});
    fs.chmodSync(root, 0o755);
    giveAway(`${root}/storage`);
    const asked = restore();
    const journal = () =>
      JSON.parse(contentOf(state('sessions/1/journal.json')) ?? '') as {
        phase: string;
        process: {pid: number};
      };
    await vi.waitFor(journal, {interval: 1, timeout: 60_000});
    const {pid} = journal().process;
    process.kill(pid, 'SIGSTOP');
    try {
      expect(['prepare', 'commit']).toContain(journal().phase);
      expect(await whoSeesNone('test', '-d', `/proc/${pid}`)).toMatchObject({code: 1});
      const ask = (...words: string[]) => whoSeesNone(node, program, ...words, '--root', root);
      const status = await ask('restore', 'status');
      expect(status.stderr + status.stdout).not.toContain('stopped');
      expect(status.stdout).toContain('running');
      expect((await ask('backup', 'list')).stderr).not.toContain('stopped');
      for (const words of [
        ['backup', 'run'],
        ['restore', '--rollback'],
      ])
        expect(await ask(...words)).toMatchObject({
          code: 11,
          stderr: expect.stringContaining(`Locked by "restore of ${built.id}, session 1"`),
        });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    expect(await asked).toMatchObject({code: 0});
    expect(holds('tenants')).toBe(copy);
  },
  180_000,
);
