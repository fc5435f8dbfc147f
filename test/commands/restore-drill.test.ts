import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {makeBackup} from '../support/backups.ts';
import {node, program} from '../support/program.ts';
import {
  backupId,
  contentOf,
  litter,
  liveTree,
  makeRestorable,
  savedIds,
  signOff,
  summaryOf,
  twoContents,
} from '../support/restores.ts';
import {execute, type Outcome} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const saved = (name: string) => String(twoContents[name]?.copy);

test('what a restore has just written is no service at work, and what is written after it may be', async () => {
  const {backups, restore, command, live} = makeRestorable();
  makeBackup({
    backups,
    id: '20261120_000000',
    recordedRoot: 'here',
    datasets: [{name: 'tenants', content: '{"older":1}'}],
  });
  await restore();
  const plan = () => command('restore', '--id=20261120_000000', '--dry-run');
  expect((await plan()).stdout).not.toContain('WRITING');
  fs.appendFileSync(live('tenants'), ' ');
  expect((await plan()).stdout).toContain('x WRITING');
});

describe('status and close', () => {
  test('status says what there was, and close ends it, once', async () => {
    const {root, restore, command} = makeRestorable();
    expect(await command('restore', 'status')).toMatchObject({
      code: 0,
      stdout: 'No restore was made here yet.\n',
    });
    expect(await restore()).toMatchObject({code: 0});
    expect(await command('restore', 'status')).toMatchObject({
      code: 0,
      stdout: `  session 1  ${backupId}  done, open: the old files are kept beside\n`,
    });
    expect(summaryOf(await command('restore', 'status', '--json'))).toEqual({
      command: 'restore:status',
      root,
      sessions: [
        {
          session: 1,
          id: backupId,
          state: 'done',
          phase: 'done',
          running: false,
          drill: false,
          safety: savedIds(root)[0],
          undoes: null,
          undone_by: null,
          closed: false,
        },
      ],
      stopped: null,
      files: [],
    });
    expect(await command('session', 'close', 'x')).toMatchObject({code: 2});
    expect(await command('session', 'close', '9')).toMatchObject({code: 10});
    expect(await command('session', 'close', '1', '--read-only')).toMatchObject({code: 2});
    // What was written to after it was saved is nowhere else.
    fs.appendFileSync(`${root}/storage/data/.tenants.json.magds-1-old`, 'late');
    expect(summaryOf(await signOff(root, 1, '--json'))).toEqual({
      message_type: 'summary',
      command: 'session:close',
      session: 1,
      kept: [`${root}/storage/data/.tenants.json.magds-1-old`],
      notes: [
        expect.stringMatching(`^${backupId} stays held until`),
        expect.stringMatching(/^"magds restore --undo=1" stays possible until/),
      ],
      evidence: {file: expect.stringMatching(/_session-1\.md$/), sha256: expect.any(String), beware: []},
      untold: [],
    });
    expect(litter(root)).toEqual(['.tenants.json.magds-1-old']);
    expect(await command('restore', 'status')).toMatchObject({stdout: `  session 1  ${backupId}  done\n`});
    expect(await command('session', 'close', '1')).toMatchObject({code: 0});
  });
});

test('of one that was killed before it had a journal, status says which backup it was of, and why it ended', async () => {
  const {restore, command, state} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const record = state('sessions/1/session.jsonl');
  fs.writeFileSync(record, fs.readFileSync(record, 'utf8').split('\n').slice(0, 2).join('\n').concat('\n'));
  fs.rmSync(state('sessions/1/journal.json'));
  expect(await command('restore', 'status')).toMatchObject({
    code: 0,
    stdout: `  session 1  ${backupId}  refused: it stopped while it looked once more at what it would write: nothing had begun, and nothing was changed\n`,
  });
  expect(summaryOf(await command('restore', 'status', '--json'))).toMatchObject({
    sessions: [{session: 1, id: backupId, phase: null, drill: false, undoes: null, closed: true}],
  });
});

describe('a drill', () => {
  const drill = (
    place: ReturnType<typeof makeRestorable>,
    into: string,
    ...args: string[]
  ): Promise<Outcome> =>
    execute(node, [program, 'restore', `--id=${backupId}`, `--into=${into}`, '--root', place.root, ...args]);

  test('restores into a directory of its own, for nobody else to read, and asks nothing', async () => {
    const place = makeRestorable({dataset: (each) => ({...each})});
    const before = liveTree(place.root);
    const into = `${temporaryDirectory()}/drill`;
    const outcome = await drill(place, into, '--json', '--purpose=drill', '--ticket=Q4');
    expect(outcome).toMatchObject({code: 0, stderr: ''});
    expect(summaryOf(outcome)).toMatchObject({outcome: 'done', drill: true, session: 1});
    expect(fs.readdirSync(into).toSorted()).toEqual(['ledger.json', 'tenants.json']);
    const {mode, uid} = fs.statSync(`${into}/tenants.json`);
    expect([mode & 0o7777, uid]).toEqual([0o600, process.getuid?.()]);
    expect(fs.statSync(into).mode & 0o7777).toBe(0o700);
    expect(contentOf(`${into}/tenants.json`)).toBe(saved('tenants'));
    expect([liveTree(place.root), savedIds(place.root)]).toEqual([before, []]);
    // Never over what is there.
    const again = await drill(place, into);
    expect(again.code).toBe(5);
    expect(again.stderr).toContain(
      `tenants: the target ${into}/tenants.json exists already: a drill writes only what is new; give it an empty directory`,
    );
    expect(await place.command('restore', '--undo=1', '--yes=1')).toMatchObject({
      code: 5,
      stderr:
        'magds: Session 1 cannot be undone: it was a drill: no live file was touched. Nothing was changed.\n',
    });
    expect(await place.command('restore', 'status')).toMatchObject({
      stdout: `  session 1  ${backupId}  drill, done\n`,
    });
  });

  test('says of its own files that they are right, not of the live ones', async () => {
    const {code, stdout} = await drill(makeRestorable(), `${temporaryDirectory()}/drill`);
    expect({code, last: stdout.split('\n').slice(-4, -1)}).toEqual({
      code: 0,
      last: [
        '  + switched in 0.1s; the new files are what the manifest says',
        '+ Drill done, session 1.',
        'No live file was touched. A drill has no checklist.',
      ],
    });
  });

  test('and no other restore begins where its session could not be found again', async () => {
    const place = makeRestorable();
    fs.mkdirSync(place.state('sessions/999999999'), {recursive: true});
    const before = liveTree(place.root);
    const into = `${temporaryDirectory()}/drill`;
    for (const outcome of [await place.restore(), await drill(place, into)])
      expect(outcome).toMatchObject({
        code: 1,
        stderr: `magds: No session can come after ${place.state('sessions/999999999')}: if it has no business here, move it away. Nothing was changed.\n`,
      });
    expect([liveTree(place.root), fs.existsSync(into)]).toEqual([before, false]);
    expect(fs.readdirSync(place.state('sessions'))).toEqual(['999999999']);
  });

  test('never goes into the project, however it is called', async () => {
    const place = makeRestorable();
    const link = `${temporaryDirectory()}/link`;
    fs.symlinkSync(`${place.root}/storage`, link);
    for (const into of [place.root, `${place.root}/public`, `${place.root}/storage/drill`, `${link}/drill`]) {
      expect(await drill(place, into)).toMatchObject({
        code: 2,
        stderr: `magds: --into=${into} lies in the project: a drill goes to a directory of its own, such as /var/tmp/drill. Nothing was changed.\n`,
      });
    }
  });

  test('finds a damaged copy, and leaves nothing of it', async () => {
    const place = makeRestorable();
    fs.appendFileSync(place.built.copy('ledger'), 'damage');
    const into = temporaryDirectory();
    expect(await drill(place, into, `--yes=${backupId}`)).toMatchObject({code: 5});
    expect(fs.readdirSync(into)).toEqual([]);
  });
});
