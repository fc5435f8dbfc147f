import fs from 'node:fs';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {hookProblems} from '../../../source/engine/events/announcer.ts';
import {runEventHooks} from '../../../source/engine/events/event-hooks.ts';
import {type AuditLine, auditLine, auditText} from '../../../source/engine/events/log/audit-line.ts';
import {ofPruning} from '../../../source/engine/retention/tell-pruning.ts';
import type {Happening} from '../../../source/engine/storage/events.ts';
import {rootWith} from '../../support/php-config.ts';
import {configure, contentOf, nobody} from '../../support/restores.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

afterEach(() => vi.unstubAllEnvs());

/** A root whose hooks on events are these scripts; `TRACE` in them is a file that they may write to. */
function makeHooked(on: Record<string, string[]>, seconds = 30) {
  const root = rootWith({'storage/x': ''});
  const trace = `${temporaryDirectory()}/trace`;
  const lists = Object.entries(on).map(([event, scripts]) => [
    event,
    scripts.map((script) => ['bash', '-c', script.replaceAll('TRACE', trace)]),
  ]);
  const file = configure(root, {hooks: {on: Object.fromEntries(lists) as object, seconds}});
  const lineOf = (happening: Happening): AuditLine => auditLine(happening, root, {}, new Date());
  const pruned = (id: string) => lineOf(ofPruning(id, 'beyond'));
  return {root, file, trace, said: () => contentOf(trace), lineOf, pruned};
}

const pruning = 'magdb.backup.pruned';

describe('hooks on events', () => {
  test('get the line of the audit log, byte for byte, and know what it is about', async () => {
    const {root, said, lineOf} = makeHooked({
      'magdb.restore.failed': [
        'cat >>TRACE; echo "$MAGDS_EVENT $MAGDS_ROOT $MAGDS_BACKUP $MAGDS_SESSION $MAGDS_OUTCOME $PWD" >>TRACE',
      ],
    });
    const line = lineOf({
      action: 'magdb.restore.failed',
      payload: {
        id: '20261123_131813_é',
        session: 3,
        drill: false,
        undoes: null,
        outcome: 'refused',
        reason: 'ü \u2028 "x" \n\0',
      },
    });
    const {results, problem} = await runEventHooks(root, [line]);
    expect(problem).toBeNull();
    expect(results).toMatchObject([{event: 'magdb.restore.failed', reason: null}]);
    const about = `magdb.restore.failed ${root} 20261123_131813_é 3 refused ${root}\n`;
    expect(said()).toBe(Buffer.from(auditText(line) + about).toString('latin1'));
  });

  test('run in the order of what happened, each whatever became of the one before', async () => {
    const {root, said, pruned} = makeHooked({
      [pruning]: ['echo first $MAGDS_BACKUP >>TRACE; exit 3', 'echo second $MAGDS_BACKUP >>TRACE'],
      'magdb.backup.failed': ['echo never >>TRACE'],
    });
    const {results} = await runEventHooks(root, [pruned('a'), pruned('b')]);
    expect(said()).toBe('first a\nsecond a\nfirst b\nsecond b\n');
    expect(results.map(({reason}) => reason)).toEqual(['it ended with 3', null, 'it ended with 3', null]);
  });

  test('are run for every event that their name means, in the order of the file', async () => {
    const {root, said, lineOf, pruned} = makeHooked({
      'magdb.*.failed': ['echo failed $MAGDS_EVENT >>TRACE'],
      '*': ['echo all $MAGDS_EVENT >>TRACE'],
      'magdb.restore.*': ['echo never >>TRACE'],
    });
    const failed = lineOf({action: 'magdb.backup.failed', payload: {id: null, label: '', reason: 'x'}});
    await runEventHooks(root, [pruned('a'), failed]);
    expect(said()).toBe('all magdb.backup.pruned\nfailed magdb.backup.failed\nall magdb.backup.failed\n');
  });

  test('that may fail are not told of when they do', async () => {
    const {root, pruned} = makeHooked({});
    const ping = {command: ['false'], may_fail: true};
    configure(root, {hooks: {on: {[pruning]: [ping, ['false']]}}});
    const {results} = await runEventHooks(root, [pruned('a')]);
    expect(results.map(({reason, mayFail}) => [reason, mayFail])).toEqual([
      ['it ended with 1', true],
      ['it ended with 1', false],
    ]);
    expect(hookProblems(results)).toEqual([`the hook false on ${pruning}: it ended with 1`]);
  });

  test('that hang once are not run again', async () => {
    const {root, said, pruned} = makeHooked(
      {[pruning]: ['echo hangs >>TRACE; sleep 1000', 'echo runs >>TRACE']},
      1,
    );
    const {results, problem} = await runEventHooks(root, ['a', 'b', 'c'].map(pruned));
    expect(said()).toBe('hangs\nruns\nruns\nruns\n');
    expect(results).toHaveLength(4);
    expect(problem).toBe('2 of 6 hooks were not run: they hung the time before');
  });

  test('end when that is asked for, and the rest is not begun', async () => {
    const {root, said, trace, pruned} = makeHooked({[pruning]: ['echo $MAGDS_BACKUP >>TRACE; sleep 1000']});
    const stop = new AbortController();
    const running = runEventHooks(root, [pruned('a'), pruned('b')], stop.signal);
    await vi.waitFor(() => expect(fs.existsSync(trace)).toBe(true), {timeout: 10_000});
    stop.abort();
    const {results, problem} = await running;
    expect(results.map(({reason}) => reason)).toEqual([
      'it had not finished when this was cancelled, and was stopped',
    ]);
    expect(problem).toBe('1 of 2 hooks were not run: cancelled');
    expect(said()).toBe('a\n');
  });

  test('of what was cancelled are run all the same, if they are quick', async () => {
    const {root, said, pruned} = makeHooked({[pruning]: ['echo $MAGDS_BACKUP >>TRACE']});
    const told = await runEventHooks(root, [pruned('a')], AbortSignal.abort());
    expect(told.problem).toBeNull();
    expect(said()).toBe('a\n');
  });

  test('are not run by what a hook runs, and that is said', async () => {
    const {root, said, pruned} = makeHooked({[pruning]: ['echo never >>TRACE']});
    vi.stubEnv('MAGDS_EVENT', 'magdb.backup.verify_failed');
    expect(await runEventHooks(root, [pruned('a')])).toEqual({
      results: [],
      problem: `the hooks on ${pruning} were not run: a hook on magdb.backup.verify_failed runs this, and they could go on for ever`,
    });
    expect(said()).toBeNull();
  });

  test('are not spoken of where there are none', async () => {
    vi.stubEnv('MAGDS_EVENT', 'magdb.backup.verify_failed');
    const bare = rootWith({'storage/x': ''});
    const {root, pruned} = makeHooked({'magdb.backup.failed': ['exit 1']});
    const nothing = {results: [], problem: null};
    expect(await runEventHooks(bare, [pruned('a')])).toEqual(nothing);
    expect(await runEventHooks(root, [pruned('a')])).toEqual(nothing);
  });

  test.each<[string, (file: string) => void, RegExp]>([
    ['others may write', (file) => fs.chmodSync(file, 0o666), /is ignored: others may write it/],
    ['is broken', (file) => fs.writeFileSync(file, '{'), /is not valid JSON/],
  ])('are not run where %s the file that names them', async (_, damage, why) => {
    const {root, file, said, pruned} = makeHooked({[pruning]: ['echo never >>TRACE']});
    damage(file);
    const {results, problem} = await runEventHooks(root, [pruned('a')]);
    expect(results).toEqual([]);
    expect(problem).toMatch(/^no hook was run: storage\/runbook\/config\.json(:1)? /);
    expect(problem).toMatch(why);
    expect(said()).toBeNull();
  });

  // Only root can give a file away.
  test.runIf(process.getuid?.() === 0)('are not run where somebody else has named them', async () => {
    const {root, file, said, pruned} = makeHooked({[pruning]: ['echo never >>TRACE']});
    fs.chownSync(file, nobody, nobody);
    const {problem} = await runEventHooks(root, [pruned('a')]);
    expect(problem).toMatch(/config\.json is ignored: it belongs to nobody/);
    expect(said()).toBeNull();
  });
});
