import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {flipBit} from '../support/backups.ts';
import {node, program} from '../support/program.ts';
import {
  backupId,
  configure,
  contentOf,
  makeRestorable,
  nobody,
  recordOf,
  summaryOf,
} from '../support/restores.ts';
import {execute, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const failed = 'magdb.backup.verify_failed';

/** A root whose only backup has a flipped bit, and whose hooks on events are these scripts. */
function makeFlipped(on: Record<string, string[]>, seconds = 30) {
  const place = makeRestorable();
  flipBit(place.built.copy('ledger'));
  const directory = temporaryDirectory();
  const commands = (scripts: string[]) =>
    scripts.map((script) => ['bash', '-c', script.replaceAll('TRACE', `${directory}/trace`)]);
  const file = configure(place.root, {
    hooks: {
      on: Object.fromEntries(Object.entries(on).map(([name, list]) => [name, commands(list)])),
      seconds,
    },
  });
  const verify = (...args: string[]) => place.command('backup', 'verify', `--id=${backupId}`, ...args);
  const lines = () => (contentOf(`${place.root}/storage/logs/audit.log`) ?? '').split(/(?<=\n)/);
  return {...place, file, directory, verify, lines, said: () => contentOf(`${directory}/trace`)};
}

describe('a flipped backup', () => {
  test('that is verified from cron runs the hook of the site, with the line of the audit log', async () => {
    const {root, lines, said, directory} = makeFlipped({
      [failed]: ['cat >TRACE; echo "$MAGDS_EVENT $MAGDS_BACKUP $MAGDS_ROOT" >TRACE.about'],
    });
    // As cron does: almost no environment, no terminal, standard input at its end.
    const cron = ['-i', 'HOME=/', 'LOGNAME=root', 'PATH=/usr/bin:/bin', 'SHELL=/bin/sh', '/bin/sh', '-c'];
    const command = `'${node}' '${program}' backup verify --all --root '${root}'`;
    const {code, stderr} = await execute('env', [...cron, command]);
    expect({code, stderr}).toMatchObject({code: 4});
    const told = lines().filter((line) => line.includes(failed));
    expect(told).toHaveLength(1);
    expect(said()).toBe(told[0]);
    expect(JSON.parse(String(said()))).toMatchObject({
      action: failed,
      payload: {
        id: backupId,
        datasets: [{name: 'ledger', status: 'mismatch'}],
        operator: {uid: process.getuid?.()},
      },
    });
    expect(contentOf(`${directory}/trace.about`)).toBe(`${failed} ${backupId} ${root}\n`);
  });

  test.each<[string, string, RegExp]>([
    [
      'ends with 1',
      'echo no route; exit 1',
      /^the hook bash -c .* on \S+: it ended with 1, and said: no route$/,
    ],
    ['sleeps for ever', 'sleep 1000', /it did not end within 1 seconds, and was stopped$/],
    ['is missing', 'exec /nonexistent/mail', /it ended with 127, and said: .*/],
  ])('is found and told where the hook %s', async (_, script, why) => {
    const {verify, lines} = makeFlipped({[failed]: [script]}, 1);
    const outcome = await verify('--json');
    expect(outcome).toMatchObject({code: 4});
    const {untold, backups} = summaryOf(outcome) as {untold: string[]; backups: {result: string}[]};
    expect(backups).toMatchObject([{result: 'failed'}]);
    expect(untold).toEqual([expect.stringMatching(why)]);
    expect(lines().filter((line) => line.includes(failed))).toHaveLength(1);
    const {stderr} = await verify();
    expect(stderr).toMatch(/^! Not reported: the hook bash -c .* on magdb\.backup\.verify_failed: it /m);
  });

  test.each([
    ['prints 100 MB', 'head -c 100000000 /dev/zero'],
    ['closes its standard input', 'exec <&-; true'],
    ['leaves a service behind that holds the pipes', 'sleep 1000 & echo $! >TRACE'],
  ])('is found where the hook %s', async (_, script) => {
    const {verify, said} = makeFlipped({[failed]: [script]});
    const outcome = await verify('--json');
    if (said() !== null) process.kill(Number(said()));
    expect(outcome).toMatchObject({code: 4, stderr: ''});
    expect(summaryOf(outcome)).toMatchObject({untold: []});
  });

  test.each([
    ['', ''],
    ['as sudo and su do, without its environment', 'env -i '],
  ])('whose hook verifies it again does not go on for ever %s', async (_, by) => {
    const again = `${by}'${node}' '${program}' backup verify --all --root "$MAGDS_ROOT" >>TRACE 2>&1; true`;
    const {verify, lines, said} = makeFlipped({[failed]: [again]});
    expect(await verify()).toMatchObject({code: 4});
    expect(lines().filter((line) => line.includes(failed))).toHaveLength(2);
    expect(said()).toContain(
      `! Not reported: the hooks on ${failed} were not run: a hook on ${failed} runs this, and they could go on for ever\n`,
    );
  });

  test('runs no hook for whoever only looks', async () => {
    const {verify, backups, said} = makeFlipped({[failed]: ['touch TRACE']});
    expect(await verify('--read-only')).toMatchObject({code: 4});
    expect(await magds(['backup', 'verify', '--all', '--backups', backups])).toMatchObject({code: 4});
    expect(said()).toBeNull();
  });

  // Only root can give a file away.
  test.runIf(process.getuid?.() === 0)('runs no hook that somebody else has named, and says so', async () => {
    const {root, verify, said} = makeFlipped({[failed]: ['touch TRACE']});
    fs.chownSync(`${root}/storage/runbook/config.json`, nobody, nobody);
    const {code, stderr} = await verify();
    expect(code).toBe(4);
    expect(stderr).toContain(
      '! Not reported: no hook was run: storage/runbook/config.json is ignored: it belongs to nobody',
    );
    expect(said()).toBeNull();
  });

  test('is said once where a hook fails for many in the same way', async () => {
    const {root, command, built} = makeFlipped({[failed]: ['exit 1']});
    execFileSync('cp', ['-a', built.directory, `${root}/storage/backups/20261124_000000`]);
    const {stderr} = await command('backup', 'verify', '--all');
    expect(stderr.match(/Not reported/g)).toHaveLength(1);
  });
});

describe('hooks on the events of a restore', () => {
  test('are run beside it, and what they say is in its record before its end', async () => {
    const place = makeRestorable();
    const trace = `${temporaryDirectory()}/trace`;
    const say = (text: string) => [
      'bash',
      '-c',
      `echo ${text} $MAGDS_SESSION $MAGDS_BACKUP >>${trace}; echo ${text}`,
    ];
    configure(place.root, {
      hooks: {
        on: {
          'magdb.restore.started': [say('started')],
          'magdb.restore.completed': [say('completed'), ['false']],
          'magdb.restore.failed': [say('never')],
        },
      },
    });
    const outcome = await place.restore('--json');
    expect(outcome).toMatchObject({code: 3});
    expect(summaryOf(outcome)).toMatchObject({
      outcome: 'done',
      beware: ['not reported: the hook false on magdb.restore.completed: it ended with 1'],
    });
    expect(contentOf(trace)).toBe(`started 1 ${backupId}\ncompleted 1 ${backupId}\n`);
    const record = recordOf(place.root, 1);
    expect(record.filter(({type}) => type === 'event-hook').map(({data}) => data)).toMatchObject([
      {event: 'magdb.restore.started', reason: null, output: 'started\n'},
      {event: 'magdb.restore.completed', reason: null, output: 'completed\n'},
      {event: 'magdb.restore.completed', reason: 'it ended with 1', output: ''},
    ]);
    expect(record.at(-1)?.type).toBe('finished');
    const evidence = await place.command('evidence', 'export', '--session=1', '--json');
    expect(evidence).toMatchObject({code: 0});
    const text = contentOf(String(summaryOf(evidence)['file']));
    expect(text?.match(/`hook on an event`/g)).toHaveLength(3);
  });

  test('that hang do not keep it, nor its end for long', async () => {
    const place = makeRestorable();
    configure(place.root, {hooks: {on: {'magdb.restore.started': [['sleep', '1000']]}, seconds: 20}});
    const outcome = await place.restore('--json');
    expect(outcome).toMatchObject({code: 0});
    expect(summaryOf(outcome)).toMatchObject({
      outcome: 'done',
      beware: [
        'not reported: the hooks on events had not finished 10 seconds after the restore; they go on, and their output is not kept',
      ],
    });
  });
});
