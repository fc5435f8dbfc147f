import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {expect, test} from 'vitest';
import {node, program} from '../support/program.ts';
import {configure, makeRestorable, recordOf, sessionEvidence, summaryOf} from '../support/restores.ts';
import {execute, jsonLines} from '../support/run.ts';
import {giveAway, webUser} from '../support/swapping.ts';

/** A restore that is done, its record as lines, and what puts others in their place. */
async function makeDone(settings?: object) {
  const place = makeRestorable();
  if (settings) configure(place.root, settings);
  expect(await place.restore()).toMatchObject({code: 0});
  const file = place.state('sessions/1/session.jsonl');
  const lines = fs.readFileSync(file, 'utf8').trimEnd().split('\n');
  const put = (...all: string[]) => fs.writeFileSync(file, all.map((line) => `${line}\n`).join(''));
  return {...place, file, lines, put};
}

test('a record that was changed says so wherever its session is shown, and names no command that is run', async () => {
  const ran = '/nonexistent/ran';
  const checklist = [{id: 'health', title: 'the site answers', command: ['touch', ran]}];
  const {root, lines, put, command} = await makeDone({checklist});
  expect((await command('session', 'show', '1')).stdout).not.toMatch(/RECORD/);
  const touched = `${root}/touched`;
  const forged = lines.map((line) => line.replace(JSON.stringify(ran), JSON.stringify(touched)));
  expect(forged).not.toEqual(lines);
  put(...forged);
  const why = 'line 4 does not follow from line 3: one was changed, put in or taken out';
  const {code, stdout} = await command('session', 'show', '1');
  expect({code, said: stdout.split('\n').find((line) => line.startsWith('x RECORD'))}).toEqual({
    code: 0,
    said: `x RECORD   broken, do not rely on it: ${why}`,
  });
  expect((await command('session', 'list')).stdout).toMatch(/done, NOT SIGNED OFF, RECORD BROKEN/);
  const [shown] = jsonLines((await command('session', 'list', '--json')).stdout);
  expect(shown).toMatchObject({sessions: [{number: 1, broken: why, torn: false}]});
  const step = await command('session', 'step', 'health');
  expect(step.code).toBe(1);
  expect(step.stderr).toMatch(/The record of session 1 cannot be relied on: line 4 .* is not run/);
  expect(fs.existsSync(touched)).toBe(false);
  expect(await command('session', 'step', 'health', '--done', '--note=by hand')).toMatchObject({code: 0});
});

test('a torn last line is said, and repaired and noted by the next one', async () => {
  const {root, file, command} = await makeDone();
  fs.appendFileSync(file, '{"sequence":9,"at":"2026');
  expect((await command('session', 'show', '1')).stdout).toContain(
    '! record   its last line was cut short; the next one repairs that, and says so',
  );
  expect(await command('session', 'step', 'evidence', '--skip', '--note=later')).toMatchObject({code: 0});
  expect(
    recordOf(root, 1)
      .slice(-2)
      .map(({type, data}) => [type, data['removed'] ?? data['step']]),
  ).toEqual([
    ['repaired', '{"sequence":9,"at":"2026'],
    ['step', 'evidence'],
  ]);
  const {stdout} = await command('session', 'show', '1');
  expect(stdout).not.toMatch(/x RECORD|! record/);
});

test('whatever lies where a record should be, the sessions are still listed, and nothing drives the terminal', async () => {
  const {file, lines, put, command} = await makeDone();
  const show = async (): Promise<string> => {
    for (const words of [
      ['session', 'list'],
      ['session', 'show', '1'],
      ['restore', 'status'],
    ]) {
      const {code, stdout, stderr} = await command(...words);
      expect({words, code, stderr}).toMatchObject({code: 0});
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
    return (await command('session', 'show', '1')).stdout;
  };
  put(
    ...lines,
    JSON.stringify({
      sequence: 9,
      at: '\u001b[2J',
      operator: '\u202eroot',
      type: '\u0007',
      data: {'\u009b': '\r'},
      previous: '',
    }),
  );
  expect(await show()).toMatch(
    /x RECORD {3}broken, do not rely on it: line \d+ does not follow from line \d+:/,
  );
  fs.rmSync(file);
  execFileSync('mkfifo', [file]);
  expect(await show()).toMatch(/x RECORD {3}broken, .*: session\.jsonl is a pipe \(FIFO\), not a file/);
  fs.rmSync(file);
  fs.symlinkSync('/etc/passwd', file);
  expect(await show()).toMatch(/session\.jsonl is a link, not a file/);
});

test('a record that was taken away takes no step of the checklist with it', async () => {
  const {file, command} = await makeDone();
  fs.rmSync(file);
  const {stdout} = await command('session', 'show', '1');
  expect(stdout).toMatch(/x RECORD {3}broken, do not rely on it: its beginning is missing/);
  expect(stdout).toMatch(
    /- 1 manifest: .*: open\n.*- 2 verified: .*: open\n.*- 3 evidence: .*: open\n.*- 4 service: .*: open/,
  );
  const closed = await command('session', 'close', '1');
  expect(closed.code).toBe(1);
  expect(closed.stderr).toMatch(/Session 1 is not signed off: 4 of 4 steps are open/);
  expect(closed.stderr).toMatch(
    /: magds session step verified; magds session step STEP --done, .*writes the evidence\. N/,
  );
  const byHand = await command('session', 'step', 'verified', '--done');
  expect(byHand.stdout).toMatch(/! On your word, not checked\. To have it checked: .* verified --replace/);
  expect(await command('session', 'step', 'service', '--done')).toMatchObject({code: 0});
  expect((await command('session', 'show', '1')).stdout).toMatch(/\+ 4 service: .*: done by/);
});

test('a record whose checklist was changed takes no step with it either', async () => {
  const {lines, put, command} = await makeDone();
  put(
    ...lines.map((line) =>
      line.replace('"type":"checklist","data":{"steps":', '"type":"checklist","data":{"step":'),
    ),
  );
  expect((await command('session', 'show', '1')).stdout).toMatch(/\+ 1 manifest: .*: done by machine/);
  const {code, stderr} = await command('session', 'close', '1', '--yes=1');
  expect({code, stderr}).toEqual({
    code: 1,
    stderr: expect.stringMatching(/Session 1 is not signed off: 3 of 4 steps are open/),
  });
});

// Only root can give a tree away.
test.runIf(process.getuid?.() === 0)(
  'a record that another user can have written says so, and so does its evidence',
  async () => {
    const place = makeRestorable();
    expect(await place.restore()).toMatchObject({code: 0});
    giveAway(place.state('sessions/1'));
    const why =
      'others can have written its record: it belongs to www-data, not to you or root: run as www-data (sudo -u www-data magds …)';
    expect((await place.command('session', 'show', '1')).stdout).toContain(`\n! beware   ${why}\n`);
    const exported = await place.command('evidence', 'export', '--session=1', '--json');
    expect(summaryOf(exported)['beware']).toEqual([why]);
    expect((await sessionEvidence(place, 1)).beware).toEqual([why]);
  },
);

// Only root can give a tree away.
test.runIf(process.getuid?.() === 0)(
  'what root began its owner cannot go on with, and is told who can',
  async () => {
    const {root, restore} = makeRestorable();
    giveAway(root);
    fs.chmodSync(root, 0o755);
    expect(await restore()).toMatchObject({code: 0});
    const words = ['session', 'step', 'service', '--done', '--take-over=1', '--root', root];
    const user = [`--reuid=${webUser}`, `--regid=${webUser}`, '--clear-groups'];
    expect(await execute('setpriv', [...user, node, program, ...words])).toMatchObject({
      code: 1,
      stderr:
        'magds: That could not be recorded: the record: permission denied. Session 1 was begun by root: run as root.\n',
    });
  },
);
