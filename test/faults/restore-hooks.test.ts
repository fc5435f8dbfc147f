import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {
  backupId,
  changeJournal,
  configure,
  contentOf,
  liveTree,
  makeHalfway,
  makeRestorable,
  recordOf,
  savedIds,
  sessionEvidence,
  summaryOf,
  twoContents,
} from '../support/restores.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const saved = String(twoContents['tenants']?.copy);
const old = String(twoContents['tenants']?.live);
const bash = (script: string) => ['bash', '-c', script];

/** A root whose hooks are these; `TRACE` in them is a file that they may write to. */
function makeHooked(hooks: {before?: string[]; after?: string[]; seconds?: number}) {
  const place = makeRestorable();
  const trace = `${temporaryDirectory()}/trace`;
  const commands = (scripts: string[] = []) =>
    scripts.map((script) => bash(script.replaceAll('TRACE', trace)));
  configure(place.root, {
    hooks: {
      before_restore: commands(hooks.before),
      after_restore: commands(hooks.after),
      seconds: hooks.seconds ?? 60,
    },
  });
  return {...place, trace, said: () => contentOf(trace)};
}

describe('hooks', () => {
  test('run around it in their order, know what it is about, and what they say is recorded', async () => {
    const {root, restore, said} = makeHooked({
      before: [
        'echo one $MAGDS_ROOT $PWD $MAGDS_SESSION $MAGDS_BACKUP >>TRACE; echo out; echo err >&2',
        'echo two >>TRACE',
      ],
      after: ['echo after $MAGDS_OUTCOME >>TRACE'],
    });
    const {code, stdout} = await restore();
    expect(code).toBe(0);
    expect(said()).toBe(`one ${root} ${root} 1 ${backupId}\ntwo\nafter done\n`);
    expect(stdout).toContain('  - hook: bash -c echo two >>');
    const hooks = recordOf(root, 1).filter(({type}) => type === 'hook');
    expect(hooks[0]?.data).toMatchObject({reason: null, output: 'out\nerr\n'});
    expect(recordOf(root, 1).map(({type}) => type)).toEqual([
      ...[
        'opened',
        'context',
        'checklist',
        'plan',
        'manifest',
        'metrics',
        'event',
        'held',
        'hook-begins',
        'hook',
        'hook-begins',
        'hook',
      ],
      ...['prepare', 'saved', 'staged', 'switched', 'step'],
      ...['hook-begins', 'hook', 'event', 'metrics', 'finished'],
    ]);
  });

  test('that refuse stop it; those after it start again what was stopped', async () => {
    const {root, restore, said} = makeHooked({
      before: ['echo stopping >>TRACE; echo it says why; exit 3', 'echo never >>TRACE'],
      after: ['echo after $MAGDS_OUTCOME >>TRACE'],
    });
    const before = liveTree(root);
    const {code, stdout, stderr} = await restore();
    expect(code).toBe(5);
    expect(stdout).toContain('  x hook: it ended with 3\n      it says why\n');
    expect(stderr).toMatch(
      /^x Refused: the hook bash -c .*: it ended with 3\.\nNo live file was touched\.\n$/,
    );
    expect(said()).toBe('stopping\nafter refused\n');
    expect([liveTree(root), savedIds(root)]).toEqual([before, []]);
  });

  test('that cannot be run, or hang, are refusals too, and their children are ended', async () => {
    const {root, restore} = makeHooked({before: ['echo $$ >TRACE; sleep 1000 & wait'], seconds: 1});
    const {code, stderr} = await restore();
    expect(code).toBe(5);
    expect(stderr).toMatch(/: it did not end within 1 seconds, and was stopped\.\n/);
    configure(root, {hooks: {before_restore: [['/nonexistent/systemctl', 'stop']]}});
    const missing = await restore();
    expect(missing).toMatchObject({
      code: 5,
      stderr:
        'x Refused: the hook /nonexistent/systemctl stop: it cannot be run: not there.\nNo live file was touched.\n',
    });
  });

  test('after it that fail are told, and it is done all the same', async () => {
    const {restore, holds} = makeHooked({after: ['exit 4', 'echo never >>TRACE']});
    const outcome = await restore('--json');
    // The service may not be back: a script has to see that.
    expect(outcome).toMatchObject({code: 3});
    expect(summaryOf(outcome)).toMatchObject({
      outcome: 'done',
      beware: ['the hook bash -c exit 4 after it: it ended with 4'],
    });
    expect(holds('tenants')).toBe(saved);
  });

  test('write a last time: the plan is made again, and that is saved', async () => {
    const {restore, command, holds, live} = makeHooked({before: ['true']});
    configure(live('tenants').replace(/\/storage.*/, ''), {
      hooks: {before_restore: [bash(`echo "last words" >>${live('tenants')}`)]},
    });
    expect(await restore()).toMatchObject({code: 0});
    expect(holds('tenants')).toBe(saved);
    fs.rmSync(`${live('tenants').replace(/\/storage.*/, '')}/storage/runbook/config.json`);
    expect(await command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 0});
    expect(holds('tenants')).toBe(`${old}last words\n`);
  });

  test('are not run for a drill', async () => {
    const {ask, said} = makeHooked({before: ['echo before >>TRACE'], after: ['echo after >>TRACE']});
    expect(await ask(`--into=${temporaryDirectory()}`)).toMatchObject({code: 0});
    expect(said()).toBeNull();
  });

  test.each([
    // Those before it have been run, and stopped something.
    ['--rollback', true, '1 rolled-back\n'],
    ['--resume', true, '1 done\n'],
    ['--rollback', false, null],
    ['--resume', false, '1 done\n'],
  ])('after it are due once %s has decided it (before it: %s)', async (way, hooked, said) => {
    const place = await makeHalfway();
    const trace = `${temporaryDirectory()}/trace`;
    changeJournal(place.state('sessions/1/journal.json'), (journal) => ({...journal, hooked}));
    configure(place.root, {hooks: {after_restore: [bash(`echo $MAGDS_SESSION $MAGDS_OUTCOME >>${trace}`)]}});
    expect(await place.command('restore', way)).toMatchObject({code: 0});
    expect(contentOf(trace)).toBe(said);
  });

  test.each(['--rollback', '--resume'])(
    'after it that fail once %s has decided it are exit 3',
    async (way) => {
      const place = await makeHalfway();
      changeJournal(place.state('sessions/1/journal.json'), (journal) => ({...journal, hooked: true}));
      configure(place.root, {hooks: {after_restore: [bash('exit 4'), bash('exit 0')]}});
      const outcome = await place.command('restore', way);
      expect(outcome.code).toBe(3);
      expect(outcome.stdout).toContain('! the hook bash -c exit 4 after it: it ended with 4\n');
    },
  );

  const mayBeOff =
    'its process ended before all was done: hooks after it may not have run, so look whether the service is back';

  test('after it in which its process is killed are exit 3: the service may not be back', async () => {
    const place = makeHooked({after: ['kill -9 $PPID']});
    const {restore, command} = place;
    const outcome = await restore('--json');
    expect(outcome.code).toBe(3);
    expect(summaryOf(outcome)).toMatchObject({outcome: 'done', beware: [mayBeOff]});
    expect((await command('session', 'show', '1')).stdout).toContain(`\n! beware   ${mayBeOff}\n`);
    expect((await sessionEvidence(place, 1)).beware).toEqual([mayBeOff]);
  });

  test.each(['--rollback', '--resume'])(
    'after %s are in the record, in the evidence, and told later too',
    async (way) => {
      const place = await makeHalfway();
      changeJournal(place.state('sessions/1/journal.json'), (journal) => ({...journal, hooked: true}));
      configure(place.root, {hooks: {after_restore: [bash('echo it says why; exit 4')]}});
      expect(await place.command('restore', way)).toMatchObject({code: 3});
      const ends = recordOf(place.root, 1).slice(-2);
      expect(ends).toMatchObject([
        {type: 'hook-begins'},
        {type: 'hook', data: {reason: 'it ended with 4', output: 'it says why\n'}},
      ]);
      const failed = 'the hook bash -c echo it says why; exit 4 after it: it ended with 4';
      expect((await place.command('session', 'show', '1')).stdout).toContain(`\n! beware   ${failed}\n`);
      const {beware, commands} = await sessionEvidence(place, 1);
      expect(beware).toEqual([failed]);
      expect(commands).toMatchObject([{what: 'hook', exit: 4, output: 'it says why\n'}]);
    },
  );

  test('that say nothing leave no line for it', async () => {
    const {restore} = makeHooked({after: ['exit 4']});
    expect((await restore()).stdout).toContain('  x hook: it ended with 4\n+ Restored, session 1.\n');
  });
});
