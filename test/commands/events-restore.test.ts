import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {actionsIn, linesOf, toldIn} from '../support/audit.ts';
import {
  backupId,
  configure,
  makeHalfway,
  makeRestorable,
  recordOf,
  savedIds,
  summaryOf,
  twoContents,
} from '../support/restores.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const [started, completed, failed, rolledBack] = ['started', 'completed', 'failed', 'rolled_back'].map(
  (name) => `magdb.restore.${name}`,
);
const first = {id: backupId, session: 1, drill: false, undoes: null};

/** What the record of a session keeps of what was told: the same lines, and whether they are in the audit log. */
const notedIn = (root: string, session: number) =>
  recordOf(root, session)
    .filter(({type}) => type === 'event')
    .map(({data}) => data);

describe('a restore tells', () => {
  test('that it begins, what for, and that it is done', async () => {
    const {root, live, restore} = makeRestorable();
    // Long ago: that they are written to is no matter then.
    for (const name of ['tenants', 'ledger']) fs.utimesSync(live(name), 1e9, 1e9);
    const about = ['--ticket=INC-4711', '--purpose=incident', '--authorised-by=Eve'];
    expect(await restore(...about)).toMatchObject({code: 0, stderr: ''});
    expect(toldIn(root)).toEqual([
      {
        action: started,
        payload: {
          ...first,
          ...{purpose: 'incident', ticket: 'INC-4711', authorised_by: 'Eve'},
          plan: expect.stringMatching(/^[0-9a-f]+$/),
          datasets: ['tenants', 'ledger'],
          deviations: [],
        },
      },
      {action: completed, payload: {...first, files: 2, seconds: expect.any(Number)}},
    ]);
    const logged = linesOf(`${root}/storage/logs/audit.log`).map((line) => ({...line, logged: true}));
    expect(notedIn(root, 1)).toEqual(logged);
    // Nothing is left to be restored.
    expect(await restore()).toMatchObject({code: 0});
    expect(actionsIn(root)).toHaveLength(2);
  });

  test('that it is undone, which is a restore too', async () => {
    const {root, restore, command} = makeRestorable();
    await restore();
    expect(await command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 0});
    const [id] = savedIds(root);
    const undo = {id, session: 2, drill: false, undoes: 1};
    expect(toldIn(root).slice(2)).toMatchObject([
      {action: started, payload: undo},
      {action: completed, payload: {...undo, files: 2}},
    ]);
  });

  test('that it was a drill', async () => {
    const {root, command} = makeRestorable();
    const into = `${temporaryDirectory()}/drill`;
    expect(await command('restore', `--id=${backupId}`, `--into=${into}`, '--purpose=drill')).toMatchObject({
      code: 0,
    });
    expect(toldIn(root)).toMatchObject([
      {action: started, payload: {...first, drill: true, purpose: 'drill'}},
      {action: completed, payload: {...first, drill: true, files: 2}},
    ]);
  });

  test('that it is done, and then of its evidence', async () => {
    const {root, restore} = makeRestorable();
    expect(await restore('--evidence')).toMatchObject({code: 0});
    expect(actionsIn(root)).toEqual([started, completed, 'magdb.evidence.exported']);
  });

  test('that it was stopped by a hook before it changed anything', async () => {
    const {root, restore, holds} = makeRestorable();
    configure(root, {hooks: {before_restore: [['false']]}});
    expect(await restore()).toMatchObject({code: 5});
    expect(toldIn(root).slice(1)).toEqual([
      {action: failed, payload: {...first, outcome: 'refused', reason: 'the hook false: it ended with 1'}},
    ]);
    expect(holds('tenants')).toBe(twoContents['tenants']?.live);
  });

  test.each<[string, (place: ReturnType<typeof makeRestorable>) => Promise<{code: number | null}>, number]>([
    ['a dry run', ({ask}) => ask('--dry-run'), 0],
    ['one that nobody confirms', ({ask}) => ask(), 2],
    ['a plan that is another one now', ({restore}) => restore('--plan=0123'), 5],
    ['a backup that is not there', ({command}) => command('restore', '--id=20200101_000000'), 10],
    ['no restore that could be finished', ({command}) => command('restore', '--resume'), 2],
  ])('nobody of %s', async (_, run, code) => {
    const place = makeRestorable();
    expect(await run(place)).toMatchObject({code});
    expect(actionsIn(place.root)).toEqual([]);
  });
});

describe('a recovery tells', () => {
  /** What is told after the restore that was halted. */
  const since = (root: string) => toldIn(root).slice(2);

  test('that the restore is finished', async () => {
    const {root, command} = await makeHalfway();
    expect(await command('restore', '--resume')).toMatchObject({code: 0});
    expect(since(root)).toEqual([{action: completed, payload: {...first, files: 2, seconds: null}}]);
    expect(notedIn(root, 1).at(-1)).toMatchObject({action: completed, logged: true});
  });

  test('that it is taken back', async () => {
    const {root, command} = await makeHalfway();
    expect(await command('restore', '--rollback')).toMatchObject({code: 0});
    expect(since(root)).toEqual([
      {action: rolledBack, payload: {...first, reason: 'it had stopped halfway, and was taken back'}},
    ]);
  });

  test('that it could not be done, each time, and then what was decided', async () => {
    const {root, live, command} = await makeHalfway();
    fs.writeFileSync(live('tenants'), 'written since');
    const refused = await command('restore', '--resume');
    expect(refused.code).toBe(6);
    const reason = `it had stopped halfway, and could not be finished: ${refused.stderr.slice('magds: '.length).trimEnd()}`;
    expect(since(root)).toEqual([{action: failed, payload: {...first, outcome: 'needs-recovery', reason}}]);
    expect(notedIn(root, 1).at(-1)).toMatchObject({action: failed, logged: true});
    expect(await command('restore', '--rollback', '--keep=tenants')).toMatchObject({code: 0});
    expect(since(root).slice(1)).toEqual([
      {
        action: rolledBack,
        payload: {
          ...first,
          reason: 'it had stopped halfway, and was taken back, but for what had been written since: tenants',
        },
      },
    ]);
  });

  test('how many files it has restored, and not those that were kept', async () => {
    const {root, live, command} = await makeHalfway();
    fs.writeFileSync(live('tenants'), 'written since');
    expect(await command('restore', '--resume', '--keep=tenants')).toMatchObject({code: 0});
    expect(since(root)).toMatchObject([{action: completed, payload: {files: 1}}]);
  });

  test('nobody where the log cannot be written, says so, and is done all the same', async () => {
    const {root, command} = await makeHalfway();
    const log = `${root}/storage/logs/audit.log`;
    fs.renameSync(log, `${log}.1`);
    fs.mkdirSync(log);
    const {code, stdout} = await command('restore', '--resume', '--json');
    expect(code).toBe(3);
    expect(summaryOf({code, stdout, stderr: '', signal: null})).toMatchObject({
      outcome: 'done',
      beware: [`not reported: the audit log ${log} was not written: it is a directory, not a file`],
    });
    expect(notedIn(root, 1).at(-1)).toMatchObject({action: completed, logged: false});
  });
});
