import fs from 'node:fs';
import {expect, test} from 'vitest';
import {recordAnswer, recordTime} from '../../source/engine/checklist/answer.ts';
import {type Story, stories} from '../../source/engine/session/story.ts';
import {openState} from '../../source/engine/storage/runbook/state-directory.ts';
import {backupId, litter, makeRestorable, recordOf, summaryOf} from '../support/restores.ts';
import {jsonLines} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

test('signing off writes the final evidence, or leaves the session open and says why', async () => {
  const {root, restore, command, state} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  for (const step of ['verified', 'service']) await command('session', 'step', step, '--skip', '--note=x');
  const close = (...args: string[]) => command('session', 'close', '--session=1', ...args);
  expect(await close()).toMatchObject({
    code: 2,
    stderr: 'magds: There is no terminal to ask on: --yes=1 signs session 1 off. Nothing was changed.\n',
  });
  expect(await close('--yes=2')).toMatchObject({code: 2});
  fs.writeFileSync(state('evidence'), 'in the way');
  const failed = await close('--yes=1');
  expect(failed).toMatchObject({code: 1, stdout: ''});
  expect(failed.stderr).toMatch(
    /^magds: Session 1 is not signed off, because its evidence was not written: .*evidence is a link or a file.* Nothing was deleted\.\n$/,
  );
  const shown = async () => jsonLines((await command('session', 'show', '1', '--json')).stdout)[0];
  expect(await shown()).toMatchObject({closed: false});
  expect(recordOf(root, 1).at(-1)).toMatchObject({type: 'not closed'});
  expect((await command('session', 'show', '1')).stdout).not.toMatch(/^signed off/m);
  expect(litter(root)).toHaveLength(2);
  fs.rmSync(state('evidence'));
  const done = summaryOf(await close('--yes=1', '--json'));
  expect(done).toMatchObject({command: 'session:close', session: 1, kept: [], untold: []});
  expect(done['evidence']).toMatchObject({beware: []});
  expect((await command('session', 'show', '1')).stdout).toMatch(/^signed off 20/m);
  expect(litter(root)).toEqual([]);
  const {file} = done['evidence'] as {file: string};
  expect(fs.readFileSync(file, 'utf8')).toContain(
    'The sign-off: closed by the operator; nobody else approved it.',
  );
  // It says itself that it is signed off, and that this is so holds against the session.
  expect(fs.readFileSync(file, 'utf8')).toContain('- **Closed**: closed by the operator ');
  expect(await command('evidence', 'check', file)).toMatchObject({code: 0});
  expect(await shown()).toMatchObject({
    closed: true,
    steps: expect.arrayContaining([
      expect.objectContaining({
        id: 'evidence',
        answer: expect.objectContaining({state: 'done', machine: true}),
      }),
    ]),
  });
  const again = await close('--yes=1');
  expect(again.code).toBe(0);
  expect(again.stdout.split('\n')[0]).toBe('= Session 1 is signed off already: nothing is left to do.');
  expect(await command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 0});
  expect(await shown()).toMatchObject({closed: true, undone_by: 2});
  expect((await close('--yes=1')).stdout.split('\n')[0]).toBe(
    '= Session 1 was undone by session 2: there is nothing to sign off.',
  );
  const into = `${temporaryDirectory()}/drill`;
  expect(await restore(`--into=${into}`)).toMatchObject({code: 0});
  expect(await command('session', 'close', '3')).toMatchObject({
    code: 0,
    stdout: '= Session 3 is a drill: there is nothing to sign off.\n',
  });
});

test('where what was kept cannot be let go, the evidence that was written is said to be wrong', async () => {
  const place = makeRestorable();
  const {restore, command, state} = place;
  expect(await restore()).toMatchObject({code: 0});
  const inTheWay = state('held', backupId, '.hold.json.new');
  fs.mkdirSync(`${inTheWay}/x`, {recursive: true});
  const failed = await place.close(1);
  expect(failed).toMatchObject({code: 1, stdout: ''});
  expect(failed.stderr).toMatch(
    /^magds: Session 1 is not signed off: .* \S+_session-1\.md says that it is: do not hand that one over\. Sign off again once this is mended: that writes another\.\n$/,
  );
  expect((await command('session', 'show', '1')).stdout).not.toMatch(/^signed off/m);
  expect(await command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 0});
  const {file} = summaryOf(await command('evidence', 'export', '--session=1', '--json'));
  const text = fs.readFileSync(String(file), 'utf8');
  expect(text).toContain('**not closed**: undone by session 2');
  expect(text).not.toContain('closed by the operator');
});

test('what is signed off is answered no more, and gets no more times', async () => {
  const place = makeRestorable();
  const {command} = place;
  expect(await place.restore()).toMatchObject({code: 0});
  expect(await place.close(1)).toMatchObject({code: 0});
  const lines = recordOf(place.root, 1).length;
  const refused = async (why: string, ...words: string[]) =>
    expect(await command('session', ...words)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `magds: ${why}\n`,
    });
  const fail = ['--fail', '--note=x', '--replace', '--session=1'];
  await refused('Session 1 is signed off. Nothing was answered.', 'step', 'service', ...fail);
  await refused(
    'Session 1 is signed off. Nothing was answered.',
    'step',
    'verified',
    '--replace',
    '--session=1',
  );
  await refused('Session 1 is signed off. Nothing was recorded.', 'time', 'noticed', '1h ago', '--session=1');
  expect(recordOf(place.root, 1)).toHaveLength(lines);
  // The incident has ended: the next one does not begin with it.
  expect(summaryOf(await command('incident', '--json'))).toMatchObject({noticed: null});
  expect(await command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 0});
  await refused(
    'Session 1 was undone by session 2. Nothing was recorded.',
    'time',
    'noticed',
    'now',
    '--session=1',
  );
  expect(await place.restore(`--into=${temporaryDirectory()}/drill`)).toMatchObject({code: 0});
  await refused(
    'Session 3 is a drill, which has no checklist and no incident. Nothing was recorded.',
    ...['time', 'noticed', 'now', '--session=3'],
  );
  // Also where it was signed off while an answer was being found.
  using state = openState(place.root);
  const story = stories(state)[0] as Story;
  const answer = {step: 'verified', state: 'done', machine: true, note: null} as const;
  expect(() => recordAnswer(state, story, {answer, output: null})).toThrow('Nothing was answered.');
  expect(() => recordTime(state, story, 'noticed', 0)).toThrow('Nothing was recorded.');
});
