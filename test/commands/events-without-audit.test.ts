import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {actionsIn, toldIn} from '../support/audit.ts';
import {
  backupId,
  configure,
  makeRestorable,
  type Restorable,
  recordOf,
  summaryOf,
  twoContents,
} from '../support/restores.ts';
import {magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';
import {treeState} from '../support/tree.ts';

const saved = String(twoContents['tenants']?.copy);
const old = String(twoContents['tenants']?.live);

/** Long ago its live files were written: that they are is no matter then. */
const rest = ({live}: Restorable): void => {
  for (const name of ['tenants', 'ledger']) fs.utimesSync(live(name), 1e9, 1e9);
};

/** A root whose audit log is a directory: nobody can write it, not even root. */
function makeBlocked() {
  const place = makeRestorable();
  const log = `${place.root}/storage/logs/audit.log`;
  fs.mkdirSync(log, {recursive: true});
  rest(place);
  return {...place, log, why: `the audit log ${log} cannot be written: it is a directory, not a file`};
}

describe('a restore where the audit log cannot be written', () => {
  test('is refused before anything is begun, and says what to do', async () => {
    const {root, restore, ask, why} = makeBlocked();
    const before = treeState(root);
    const {code, stderr} = await restore();
    expect(code).toBe(5);
    expect(stderr).toBe(
      `magds: Refused: ${why}. A restore has to be logged there: fix that, or give a reason to restore without it: --without-audit="REASON", which is recorded. Nothing was changed.\n`,
    );
    expect(summaryOf(await restore('--json'))).toMatchObject({message_type: 'exit_error', code: 5});
    // Nobody is asked for a confirmation in vain.
    expect(await ask()).toMatchObject({code: 5});
    expect(treeState(root)).toEqual(before);
  });

  test('is planned, and the plan says so', async () => {
    const {ask, why} = makeBlocked();
    const text = await ask('--dry-run');
    expect(text).toMatchObject({code: 0, stdout: expect.stringContaining(`x ${why}: it is refused without`)});
    expect(summaryOf(await ask('--dry-run', '--json'))).toMatchObject({audit: why});
  });

  test('goes on with a reason, which its record and its evidence keep', async () => {
    const {root, restore, holds, log, why, command} = makeBlocked();
    const outcome = await restore('--without-audit=the disk of the logs is gone', '--json');
    expect(outcome.code).toBe(0);
    expect(holds('tenants')).toBe(saved);
    const deviation = `${why}; restored without it: the disk of the logs is gone`;
    expect(outcome.stderr).toBe(`! ${deviation}\n`);
    const untold = `not reported: the audit log ${log} was not written: it is a directory, not a file`;
    expect(summaryOf(outcome)).toMatchObject({outcome: 'done', beware: [untold]});
    expect(recordOf(root, 1)[0]).toMatchObject({type: 'opened', data: {deviations: [deviation]}});
    const events = recordOf(root, 1).filter(({type}) => type === 'event');
    expect(events).toMatchObject([
      {data: {action: 'magdb.restore.started', logged: false, payload: {deviations: [deviation]}}},
      {data: {action: 'magdb.restore.completed', logged: false}},
    ]);
    const evidence = `${temporaryDirectory()}/evidence.md`;
    expect((await command('evidence', 'export', '--session=1', `--out=${evidence}`)).code).toBe(3);
    expect(fs.readFileSync(evidence, 'utf8')).toContain('restored without it: the disk of the logs is gone');
  });

  test.each(['', ' \t', 'x'.repeat(10_000)])('is not done for the reason %j', async (reason) => {
    const {root, restore} = makeBlocked();
    const before = treeState(root);
    expect(await restore(`--without-audit=${reason}`)).toMatchObject({code: 2});
    expect(treeState(root)).toEqual(before);
  });
});

test('a reason that is not needed is no deviation', async () => {
  const place = makeRestorable();
  const {root, restore} = place;
  rest(place);
  expect(await restore('--without-audit=just in case')).toMatchObject({code: 0, stderr: ''});
  expect(toldIn(root)[0]).toMatchObject({action: 'magdb.restore.started', payload: {deviations: []}});
  expect(recordOf(root, 1)[0]?.data).not.toHaveProperty('deviations');
});

test('--without-audit does not go with a recovery, which is never kept from going on', async () => {
  const {command} = makeRestorable();
  expect(await command('restore', '--resume', '--without-audit=x')).toMatchObject({
    code: 2,
    stderr: 'magds: --without-audit does not go with --resume. Nothing was changed.\n',
  });
});

test.each([
  [['--resume', '--ticket=INC-1'], '--ticket does not go with --resume.'],
  [['--rollback', '--bad-since=01:10'], '--bad-since does not go with --rollback.'],
  [['--rollback', '--keep=a,b', '--take=b'], 'b cannot be both kept and taken: --keep or --take.'],
  [['--id=x', '--control=A1'], '--control is for evidence: give --evidence with it.'],
])('what would be passed over is refused: %j', async (words, why) => {
  const {command} = makeRestorable();
  expect(await command('restore', ...words)).toMatchObject({
    code: 2,
    stderr: `magds: ${why} Nothing was changed.\n`,
  });
});

describe('a log that goes', () => {
  test('between the question and the start: nothing is restored', async () => {
    const {root, holds} = makeRestorable();
    fs.mkdirSync(`${root}/storage/logs`);
    fs.writeFileSync(`${root}/storage/logs/audit.log`, '');
    const tools = temporaryDirectory();
    // The log's lock can be had twice, for the plan and for the confirmation, but not by the process that restores.
    const script = `#!/bin/bash
      if [[ $(readlink /proc/self/fd/3) == */audit.log ]]; then echo >>${tools}/calls; [ $(wc -l <${tools}/calls) -le 2 ] || exit 66; fi
      exec /usr/bin/flock "$@"`;
    fs.writeFileSync(`${tools}/flock`, script, {mode: 0o755});
    const outcome = await magds(
      ['restore', `--id=${backupId}`, `--yes=${backupId}`, '--json', '--root', root],
      {env: {PATH: `${tools}:${process.env['PATH']}`}},
    );
    expect(outcome.code).toBe(5);
    const {outcome: end, reason} = summaryOf(outcome);
    expect(end).toBe('refused');
    expect(reason).toMatch(
      /audit\.log was not written: flock \(package util-linux\) failed with 66, and a restore has to be logged there\. Nothing was changed$/,
    );
    expect([holds('tenants'), actionsIn(root)]).toEqual([old, []]);
  });

  test('after the start: what is restored stays, and that it was not told is said', async () => {
    const {root, restore, holds} = makeRestorable();
    const log = `${root}/storage/logs/audit.log`;
    configure(root, {hooks: {before_restore: [['bash', '-c', `mv ${log} ${log}.1; mkdir ${log}`]]}});
    const outcome = await restore('--json');
    expect(outcome.code).toBe(3);
    expect(summaryOf(outcome)).toMatchObject({
      outcome: 'done',
      beware: [`not reported: the audit log ${log} was not written: it is a directory, not a file`],
    });
    expect(holds('tenants')).toBe(saved);
    expect(fs.readFileSync(`${log}.1`, 'utf8').split('\n')).toHaveLength(2);
    const events = recordOf(root, 1).filter(({type}) => type === 'event');
    expect(events.map(({data}) => data['logged'])).toEqual([true, false]);
  });
});
