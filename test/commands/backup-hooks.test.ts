import {spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {describe, expect, test, vi} from 'vitest';
import {backup, rootWith} from '../support/php-config.ts';
import {node, program} from '../support/program.ts';
import {configure, contentOf, nobody, summaryOf} from '../support/restores.ts';
import {jsonLines, magds, shell} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

type Scripts = {before?: string[]; after?: string[]; seconds?: number; on?: Record<string, string[]>};

/** A root with hooks around its backups; `TRACE` in them is a file that they may write to, `LIVE` its live file. */
function makeHooked({before = [], after = [], seconds = 30, on = {}}: Scripts, source = 'storage/a.json') {
  const dataset = {name: 'tenants', source};
  const root = rootWith({
    'config/base/magds.php': backup({datasets: [dataset], retention: {max_count: 3}}),
    'storage/a.json': 'live\n',
  });
  const backups = `${root}/storage/backups`;
  fs.mkdirSync(backups);
  const trace = `${temporaryDirectory()}/trace`;
  const commands = (scripts: string[]) =>
    scripts.map((script) => [
      'bash',
      '-c',
      script.replaceAll('TRACE', trace).replaceAll('LIVE', `${root}/storage/a.json`),
    ]);
  const file = configure(root, {
    hooks: {
      before_backup: commands(before),
      after_backup: commands(after),
      seconds,
      on: Object.fromEntries(Object.entries(on).map(([name, list]) => [name, commands(list)])),
    },
  });
  const run = (...args: string[]) => magds(['backup', 'run', '--root', root, ...args]);
  const audited = (): Record<string, unknown>[] => {
    const text = contentOf(`${root}/storage/logs/audit.log`);
    return text === null ? [] : jsonLines(text);
  };
  return {root, backups, file, trace, run, audited, said: () => contentOf(trace)};
}

describe('hooks around a backup', () => {
  test('run in their order, before anything is read and once it is made', async () => {
    const {root, backups, run, said} = makeHooked({
      before: ['echo before $MAGDS_ROOT $PWD "[$MAGDS_BACKUP]" >>TRACE', 'echo "last words" >>LIVE'],
      after: ['echo after $MAGDS_BACKUP $MAGDS_OUTCOME >>TRACE', 'echo started >>TRACE'],
    });
    const outcome = await run('--json');
    expect(outcome).toMatchObject({code: 0, stderr: ''});
    const [id = ''] = fs.readdirSync(backups);
    expect(said()).toBe(`before ${root} ${root} []\nafter ${id} done\nstarted\n`);
    expect(contentOf(`${backups}/${id}/datasets/a.json`)).toBe('live\nlast words\n');
    const {hooks} = summaryOf(outcome) as {hooks: {when: string; reason: string | null}[]};
    expect(hooks.map(({when, reason}) => [when, reason])).toEqual([
      ['before', null],
      ['before', null],
      ['after', null],
      ['after', null],
    ]);
  });

  test('that refuse stop it: nothing is written, it is told, and what was stopped is started again', async () => {
    const {root, backups, run, said, audited} = makeHooked({
      before: ['echo stopping >>TRACE; echo it is busy >&2; exit 3', 'echo never >>TRACE'],
      after: ['echo after "[$MAGDS_BACKUP]" $MAGDS_OUTCOME >>TRACE'],
    });
    const {code, stdout, stderr} = await run('--label=nightly');
    expect({code, stdout}).toEqual({code: 1, stdout: ''});
    expect(stderr).toMatch(
      /^x the hook bash -c echo stopping .* before it: it ended with 3, and said: it is busy\. Nothing was written\.\n$/,
    );
    expect(said()).toBe('stopping\nafter [] failed\n');
    expect(fs.readdirSync(backups)).toEqual([]);
    expect(fs.existsSync(`${root}/storage/runbook/building`)).toBe(false);
    expect(audited()).toMatchObject([
      {
        action: 'magdb.backup.failed',
        payload: {
          id: null,
          label: 'nightly',
          reason: expect.stringMatching(/^the hook .*: it is busy\. Nothing was written$/) as string,
        },
      },
    ]);
  });

  test('that may fail stop nothing, and what comes after them is run', async () => {
    const {root, backups, file, run, said, trace} = makeHooked({});
    const ping = {command: ['bash', '-c', 'echo no network; exit 7'], may_fail: true};
    const note = (word: string) => ['bash', '-c', `echo ${word} >>${trace}`];
    expect(file).toBe(
      configure(root, {hooks: {before_backup: [ping, note('before')], after_backup: [ping, note('after')]}}),
    );
    const {code, stdout} = await run();
    expect(code).toBe(0);
    expect(said()).toBe('before\nafter\n');
    expect(stdout).toContain('before it: it ended with 7, and said: no network\n');
    expect(fs.readdirSync(backups)).toHaveLength(1);
  });

  test('run for nobody else: one that is locked out has run none', async () => {
    const gate = temporaryDirectory();
    const wait = `touch ${gate}/begun; until [ -e ${gate}/go ] || [ ! -d ${gate} ]; do sleep 0.05; done`;
    const {run, said} = makeHooked({before: [`echo once >>TRACE; ${wait}`]});
    const first = run();
    await vi.waitFor(() => expect(fs.existsSync(`${gate}/begun`)).toBe(true), {timeout: 15_000});
    expect(await run()).toMatchObject({code: 11});
    fs.writeFileSync(`${gate}/go`, '');
    expect(await first).toMatchObject({code: 0});
    expect(said()).toBe('once\n');
  });

  test('that hang stop it when their time is up', async () => {
    const {backups, run} = makeHooked({before: ['sleep 1000'], seconds: 1});
    expect(await run()).toMatchObject({
      code: 1,
      stderr:
        'x the hook bash -c sleep 1000 before it: it did not end within 1 seconds, and was stopped. Nothing was written.\n',
    });
    expect(fs.readdirSync(backups)).toEqual([]);
  });

  test('after it that fail are told, and it is there all the same: exit 3', async () => {
    const {backups, run, audited} = makeHooked({after: ['echo gone; exit 4', 'touch TRACE']});
    const {code, stdout, stderr} = await run();
    expect({code, stderr}).toEqual({code: 3, stderr: ''});
    expect(stdout).toContain(
      '! Failed: the hook bash -c echo gone; exit 4 after it: it ended with 4, and said: gone\n',
    );
    expect(stdout).toMatch(/\nDone: the backup is whole and on the disk; 1 file/);
    expect(fs.readdirSync(backups)).toHaveLength(1);
    expect(audited()).toMatchObject([{action: 'magdb.backup.completed'}]);
  });

  test('after it are due where nothing could be copied either', async () => {
    const {run, said} = makeHooked(
      {before: ['true'], after: ['echo $MAGDS_OUTCOME >>TRACE']},
      'storage/none',
    );
    expect(await run()).toMatchObject({code: 1});
    expect(said()).toBe('failed\n');
    const without = makeHooked({after: ['echo $MAGDS_OUTCOME >>TRACE']}, 'storage/none');
    expect(await without.run()).toMatchObject({code: 1});
    expect(without.said()).toBeNull();
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends one soon, and those after it are run',
    async (signal) => {
      const {backups, trace, run, said, root} = makeHooked({
        before: ['echo begun >>TRACE; sleep 1000'],
        after: ['echo after $MAGDS_OUTCOME >>TRACE'],
        seconds: 600,
      });
      const script = `"${node}" "${program}" backup run --root ${root} & until [ -s ${trace} ]; do sleep 0.05; done; kill -s ${signal.slice(3)} $!; wait $!`;
      // In the background bash has a command ignore SIGINT; node listens to it all the same.
      const {code, stdout} = await shell(script);
      expect(code).toBe(128 + os.constants.signals[signal]);
      expect(stdout).toContain('! Cancelled: nothing of it stays.\n');
      expect(said()).toBe('begun\nafter cancelled\n');
      expect(fs.readdirSync(backups)).toEqual([]);
      fs.rmSync(`${root}/storage/runbook/config.json`);
      expect(await run()).toMatchObject({code: 0});
    },
  );

  test('may not put another directory in the place of the backups', async () => {
    const {backups, run} = makeHooked({
      before: ['mv $MAGDS_ROOT/storage/backups $MAGDS_ROOT/storage/old; mkdir $MAGDS_ROOT/storage/backups'],
    });
    const {code, stderr} = await run();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `x ${backups} is no longer the directory that it was before the hooks: mount what belongs there before the run. Nothing was written.\n`,
    );
    expect([fs.readdirSync(backups), fs.readdirSync(`${path.dirname(backups)}/old`)]).toEqual([[], []]);
  });

  test('are named by --dry-run, which runs none', async () => {
    const {run, said} = makeHooked({before: ['echo b >>TRACE'], after: ['echo a >>TRACE']});
    const {code, stdout} = await run('--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nBefore it, a hook: bash -c echo b >>.*\nAfter it, a hook: bash -c echo a >>/);
    const {hooks} = summaryOf(await run('--dry-run', '--json')) as {hooks: Record<string, string[][]>};
    expect([hooks['before']?.length, hooks['after']?.length]).toEqual([1, 1]);
    expect(await run('--read-only')).toMatchObject({code: 2});
    expect(said()).toBeNull();
  });

  test('are shown by magds config, with those on events', async () => {
    const {root} = makeHooked({before: ['echo b'], on: {'magdb.backup.failed': ['echo f']}});
    const {stdout} = await magds(['config', '--root', root]);
    expect(stdout).toMatch(/^hooks\.before_backup +bash -c echo b +storage\/runbook\/config\.json$/m);
    expect(stdout).toMatch(/^hooks\.on\.magdb\.backup\.failed +bash -c echo f +storage/m);
  });

  // Only root can give a file away.
  test.runIf(process.getuid?.() === 0)('of a file that somebody else owns are not run', async () => {
    const {backups, file, run, said} = makeHooked({before: ['echo b >>TRACE'], after: ['echo a >>TRACE']});
    fs.chownSync(file, nobody, nobody);
    const {code, stderr} = await run();
    expect(code).toBe(1);
    expect(stderr).toContain('is ignored: it belongs to nobody');
    expect([said(), fs.readdirSync(backups)]).toEqual([null, []]);
  });

  test('are still due where it was killed: commands and the doctor say so, and the next backup runs them', async () => {
    const {root, run, said, trace} = makeHooked({
      before: ['echo stopped >>TRACE', '[ -e TRACE.quick ] || exec sleep 600'],
      after: ['echo started >>TRACE'],
    });
    const child = spawn(node, [program, 'backup', 'run', '--root', root], {stdio: 'ignore'});
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await vi.waitFor(() => expect(said()).toBe('stopped\n'), {timeout: 20_000});
    child.kill('SIGKILL');
    await ended;
    const still = 'a backup that was killed had run the hooks before it, and not those after it';
    const doctor = await magds(['doctor', '--json', '--root', root]);
    const {checks} = summaryOf(doctor) as {checks: {id: string; state: string; what: string}[]};
    expect(checks.filter(({id}) => id === 'hooks')).toMatchObject([
      {state: 'wrong', what: expect.stringContaining(still)},
      {state: 'ok'},
    ]);
    const pruned = await magds(['backup', 'prune', '--root', root]);
    expect(pruned.stderr).toContain(`! Beware: ${still}`);
    fs.writeFileSync(`${trace}.quick`, '');
    expect(await run()).toMatchObject({code: 0, stderr: expect.stringContaining(still)});
    expect(said()).toBe('stopped\nstopped\nstarted\n');
    expect((await magds(['backup', 'prune', '--root', root])).stderr).toBe('');
  });

  test('that are run by a reader who goes away are finished', async () => {
    const {root, run, said} = makeHooked({
      before: ['true'],
      after: ['echo one >>TRACE', 'echo two $MAGDS_OUTCOME >>TRACE'],
    });
    // Nobody reads: the first line of the JSON cannot be written, and whoever reads the events stops.
    await shell(`magds backup run --json --root ${root} >&- 2>&-`);
    expect(said()).toMatch(/^one\ntwo /);
    expect(await run()).toMatchObject({code: 0});
  });
});
