import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {linesOf, toldIn} from '../support/audit.ts';
import {phpHash} from '../support/backups.ts';
import {backupId, makeRestorable, signOff, summaryOf} from '../support/restores.ts';

/** A root in which a restore was made; what was told of it is left out of what comes back. */
async function makeRestored() {
  const place = makeRestorable();
  expect(await place.restore()).toMatchObject({code: 0});
  const told = () => toldIn(place.root).slice(2);
  return {...place, log: `${place.root}/storage/logs/audit.log`, told};
}

describe('a session', () => {
  test('that is signed off is told of once, with what was answered', async () => {
    const {root, told, command} = await makeRestored();
    expect(await command('session', 'close', '1')).toMatchObject({code: 1});
    expect(told()).toEqual([]);
    expect(await signOff(root, 1)).toMatchObject({code: 0});
    // What a restore answers itself is done, the rest was skipped.
    const payload = {id: backupId, session: 1, done: 1, failed: 0, skipped: expect.any(Number)};
    expect(told()).toMatchObject([
      {action: 'magdb.evidence.exported'},
      {action: 'magdb.checklist.completed', payload},
    ]);
    expect(told()[1]?.payload['skipped']).toBeGreaterThan(0);
    expect(await command('session', 'close', '1')).toMatchObject({code: 0});
    expect(told()).toHaveLength(2);
  });

  test('whose backup is verified for a step tells of that', async () => {
    const {told, command} = await makeRestored();
    const {stdout} = await command('session', 'show', '1', '--json');
    const {steps} = JSON.parse(stdout) as {steps: {id: string; kind?: string}[]};
    const step = steps.find(({id}) => id.includes('verif'));
    expect(await command('session', 'step', step?.id ?? '', '--session=1')).toMatchObject({code: 0});
    expect(told()).toEqual([
      {action: 'magdb.backup.verify_completed', payload: {id: backupId, success: true, datasets: 2}},
    ]);
  });

  test('is signed off although that cannot be told, which is said', async () => {
    const {root, log} = await makeRestored();
    fs.renameSync(log, `${log}.1`);
    fs.mkdirSync(log);
    const why = `the audit log ${log} was not written: it is a directory, not a file`;
    const outcome = await signOff(root, 1, '--json');
    expect(outcome).toMatchObject({code: 3, stderr: `! Not reported: ${why}\n`});
    expect(summaryOf(outcome)).toMatchObject({session: 1, untold: [why]});
  });
});

describe('evidence', () => {
  test('that is exported is told of, with the digest of the file', async () => {
    const {told, command, log, root} = await makeRestored();
    const outcome = await command('evidence', 'export', '--session=1', '--json');
    expect(outcome).toMatchObject({code: 0});
    const {file} = summaryOf(outcome) as {file: string};
    const sha256 = phpHash('sha256', fs.readFileSync(file));
    const payload = {id: backupId, session: 1, file, sha256, kind: 'restore', signed_by: null};
    expect(told()).toEqual([
      {action: 'magdb.evidence.exported', payload: {...payload, record: expect.any(String)}},
    ]);
    expect(fs.readFileSync(file, 'utf8')).toContain(told()[0]?.payload['record'] as string);
    expect(linesOf(log).at(-1)?.payload).toMatchObject({root});
  });

  test('of a backup, and of all, names the backup or none', async () => {
    const {told, command} = await makeRestored();
    // Not all of it has been verified.
    expect(await command('evidence', 'export', `--id=${backupId}`)).toMatchObject({code: 3});
    expect(await command('evidence', 'export', '--all')).toMatchObject({code: 3});
    expect(told()).toMatchObject([
      {action: 'magdb.evidence.exported', payload: {id: backupId, session: null, kind: 'verification'}},
      {action: 'magdb.evidence.exported', payload: {id: null, session: null, kind: 'catalog'}},
    ]);
  });

  test('that is not written is not told of, nor are a check and a report', async () => {
    const {told, command} = await makeRestored();
    expect(await command('evidence', 'export', '--session=1', '--out=/proc/nowhere/x.md')).toMatchObject({
      code: expect.not.toSatisfy((code: number) => code === 0) as number,
    });
    const {file} = summaryOf(await command('evidence', 'export', '--session=1', '--json')) as {file: string};
    await command('evidence', 'check', file);
    expect(told().map(({action}) => action)).toEqual(['magdb.evidence.exported']);
  });

  test('is written although that cannot be told, which is said', async () => {
    const {command, log} = await makeRestored();
    fs.renameSync(log, `${log}.1`);
    fs.mkdirSync(log);
    const outcome = await command('evidence', 'export', '--session=1', '--json');
    expect(outcome.code).toBe(3);
    const {file, beware} = summaryOf(outcome) as {file: string; beware: string[]};
    expect(fs.existsSync(file)).toBe(true);
    expect(beware).toContain(
      `not reported: the audit log ${log} was not written: it is a directory, not a file`,
    );
  });
});
