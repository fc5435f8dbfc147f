import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {makeBackup} from '../support/backups.ts';
import {backupId, configure, makeHalfway, makeRestorable, recordOf, summaryOf} from '../support/restores.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const older = '20261120_000000';

/** A root with an older backup beside the one that is restored, of which retention keeps one. */
function makePlace() {
  const place = makeRestorable({settings: {retention: {max_count: 1}}});
  const {backups, state, command} = place;
  makeBackup({backups, id: older, recordedRoot: 'here', datasets: [{name: 'tenants', content: 'old'}]});
  return {
    ...place,
    isHeld: (id = backupId) => fs.existsSync(state('held', id)),
    holdOf: () => JSON.parse(fs.readFileSync(state('held', backupId, 'hold.json'), 'utf8')),
    pin: () => command('backup', 'pin', backupId, '--reason=INC-4711'),
  };
}

describe('the backup of a restore', () => {
  test('is held until its session is closed, and no backup is removed meanwhile', async () => {
    const {restore, isHeld, holdOf, command, close, backups, state} = makePlace();
    expect(await restore()).toMatchObject({code: 0});
    expect(holdOf()).toMatchObject({reason: 'held for session 1', pinned: false, sessions: [1]});
    const copy = `${backupId}/datasets/tenants.json`;
    expect(fs.statSync(state('held', copy)).ino).toBe(fs.statSync(`${backups}/${copy}`).ino);
    expect((await command('backup', 'list')).stdout.match(new RegExp(`^${backupId} `, 'gm'))).toHaveLength(1);
    expect(await command('backup', 'run')).toMatchObject({
      code: 3,
      stdout: expect.stringContaining(
        '! Not pruned: session 1 is open: nothing is removed before "magds session close 1"; 1 would be deleted\n',
      ),
    });
    expect(isHeld()).toBe(true);
    expect(await close(1)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        new RegExp(`= ${backupId} stays held until \\d{4}-\\d\\d-\\d\\d, should it be needed again\\.\\n`),
      ),
    });
    const {until} = holdOf();
    expect(Math.round((Date.parse(until) - Date.now()) / 86_400_000)).toBe(7);
    expect(holdOf()).toMatchObject({
      pinned: false,
      sessions: [],
      reason: `until ${until.slice(0, 10)}, after its restore was signed off`,
    });
    expect((await command('backup', 'list')).stdout).toContain(
      `= ${backupId} is held: until ${until.slice(0, 10)}`,
    );
    expect(fs.existsSync(`${backups}/${older}`)).toBe(true);
    // Once that is over, the next writer lets it go.
    const file = state('held', backupId, 'hold.json');
    fs.writeFileSync(file, JSON.stringify({...holdOf(), until: '2026-11-20T00:00:00.000Z'}));
    expect(await command('backup', 'prune')).toMatchObject({code: 0});
    expect(isHeld()).toBe(false);
  });

  test('stays pinned where the operator had pinned it', async () => {
    const {restore, pin, holdOf, close} = makePlace();
    await pin();
    expect(await restore()).toMatchObject({code: 0});
    expect(holdOf()).toMatchObject({reason: 'INC-4711', sessions: [1]});
    expect((await close(1)).stdout).toContain(`= ${backupId} stays held until`);
    expect(holdOf()).toMatchObject({reason: 'INC-4711', sessions: []});
  });

  test('can be unpinned meanwhile, and goes with the session then', async () => {
    const {restore, pin, command, isHeld, close, root} = makePlace();
    await pin();
    await restore();
    expect(await command('backup', 'unpin', backupId)).toMatchObject({
      code: 0,
      stdout: `+ ${backupId} is unpinned; it stays held for session 1, until that is closed.\n`,
    });
    expect(await command('backup', 'unpin', backupId)).toMatchObject({
      code: 1,
      stderr: `magds: ${backupId} is held for session 1, not pinned: closing the session lets it go. Nothing was changed.\n`,
    });
    expect(isHeld()).toBe(true);
    configure(root, {hold_days: 0});
    expect(await close(1)).toMatchObject({code: 0});
    expect(isHeld()).toBe(false);
  });

  test('stays held for its days, pinned and unpinned meanwhile', async () => {
    const {restore, pin, command, holdOf, isHeld, close} = makePlace();
    await restore();
    await close(1);
    const {until, reason} = holdOf();
    const day = until.slice(0, 10);
    await pin();
    expect(holdOf()).toMatchObject({reason: 'INC-4711', until});
    expect(await command('backup', 'unpin', backupId)).toMatchObject({
      code: 0,
      stdout: `+ ${backupId} is unpinned; it stays held until ${day}, after its restore was signed off.\n`,
    });
    expect(holdOf()).toMatchObject({reason, until, pinned: false});
    expect(await command('backup', 'unpin', backupId)).toMatchObject({
      code: 1,
      stderr: `magds: ${backupId} is held until ${day}, after its restore was signed off, not pinned. To let it go now: --yes=${backupId}. Nothing was changed.\n`,
    });
    expect(isHeld()).toBe(true);
    expect(await command('backup', 'unpin', backupId, `--yes=${backupId}`)).toMatchObject({
      code: 0,
      stdout: `+ ${backupId} is unpinned: retention may delete it now.\n`,
    });
    expect(isHeld()).toBe(false);
  });

  test('stays held where PHP has deleted the other', async () => {
    const {restore, backups, holdOf, close, command, state} = makePlace();
    await restore();
    fs.rmSync(`${backups}/${backupId}`, {recursive: true});
    const reason = 'kept after its session: nowhere else is it whole';
    expect((await close(1)).stdout).toContain(`= ${backupId} stays held until`);
    const file = state('held', backupId, 'hold.json');
    fs.writeFileSync(file, JSON.stringify({...holdOf(), until: '2026-11-20T00:00:00.000Z'}));
    await command('backup', 'prune');
    expect(holdOf()).toMatchObject({reason, pinned: true, sessions: []});
    expect(await command('backup', 'verify', `--id=${backupId}`)).toMatchObject({code: 0});
  });

  test('is held without a copy that is missing, and let go like any other', async () => {
    const {root, restore, backups, holdOf, close, isHeld} = makePlace();
    const [lost, ...others] = fs.readdirSync(`${backups}/${backupId}/datasets`).toSorted();
    fs.rmSync(`${backups}/${backupId}/datasets/${lost}`);
    expect(others).not.toEqual([]);
    configure(root, {hold_days: 0});
    await restore('--only=tenants');
    expect(holdOf()).toMatchObject({pinned: false, sessions: [1]});
    await close(1);
    expect(isHeld()).toBe(false);
  });

  test('is let go by a drill, and by a restore that was refused', async () => {
    const {restore, ask, root, isHeld} = makePlace();
    expect(await ask(`--into=${temporaryDirectory()}`)).toMatchObject({code: 0});
    expect(isHeld()).toBe(false);
    configure(root, {hooks: {before_restore: [['false']]}});
    expect(await restore()).toMatchObject({code: 5});
    expect(isHeld()).toBe(false);
    expect(recordOf(root, 2)).toContainEqual(
      expect.objectContaining({type: 'let go', data: {released: [backupId], stay: []}}),
    );
  });

  test('is held while the restore waits halfway, and let go when it is taken back', async () => {
    const {state, command} = await makeHalfway();
    expect(fs.existsSync(state('held', backupId))).toBe(true);
    expect(await command('restore', '--rollback')).toMatchObject({code: 0});
    expect(fs.existsSync(state('held', backupId))).toBe(false);
  });

  test('is let go by the next writer where the process was killed before it began', async () => {
    const {restore, state, command, isHeld, holdOf} = makePlace();
    await restore();
    fs.rmSync(state('sessions', '1', 'journal.json'));
    expect(holdOf()).toMatchObject({sessions: [1]});
    await command('backup', 'run');
    expect(isHeld()).toBe(false);
  });

  test('is restored even where it cannot be held, and that is told', async () => {
    const {restore, state, root} = makePlace();
    fs.mkdirSync(state(), {mode: 0o755});
    fs.symlinkSync(temporaryDirectory(), state('held'));
    const outcome = await restore('--json');
    expect(outcome).toMatchObject({code: 0});
    expect(summaryOf(outcome)).toMatchObject({outcome: 'done'});
    expect(recordOf(root, 1).at(-1)?.data['beware']).toEqual([
      `${backupId} is not held (${state('held')} is a link or a file, where a directory belongs: move it away): a retention run, PHP's too, may delete it, and what was restored could not be verified again`,
    ]);
  });
});
