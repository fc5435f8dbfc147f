import fs from 'node:fs';
import {DatabaseSync} from 'node:sqlite';
import {describe, expect, test} from 'vitest';
import {flipBit} from '../support/backups.ts';
import {leaveInWal} from '../support/faults.ts';
import {
  litter,
  liveTree,
  makeRestorable,
  savedIds,
  signOff,
  summaryOf,
  twoContents,
} from '../support/restores.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const saved = String(twoContents['tenants']?.copy);
const old = String(twoContents['tenants']?.live);

const rowsOf = (file: string): number => {
  const database = new DatabaseSync(file, {readOnly: true});
  try {
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({integrity_check: 'ok'});
    return Number(database.prepare('SELECT count(*) AS n FROM t').get()?.['n']);
  } finally {
    database.close();
  }
};

describe('an undo', () => {
  test('brings back bytes and mode, takes away what had been absent, and can itself be undone', async () => {
    const contents = {...twoContents, media: {copy: saved, live: null}};
    const {root, live, holds, restore, command} = makeRestorable({contents});
    fs.chmodSync(live('tenants'), 0o640);
    const began = Date.now();
    expect(await restore()).toMatchObject({code: 0});
    expect([holds('tenants'), holds('media')]).toEqual([saved, saved]);
    expect(fs.statSync(live('tenants')).mode & 0o7777).toBe(0o640);
    // Restored now: whoever goes by times must see that it changed.
    expect(fs.statSync(live('tenants')).mtimeMs).toBeGreaterThanOrEqual(began - 10);
    expect(await command('restore', '--undo=1')).toMatchObject({
      code: 2,
      stderr: 'magds: There is no terminal to ask on: --yes=1 confirms it. Nothing was changed.\n',
    });
    const dry = await command('restore', '--undo=1', '--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.stdout).not.toContain('loses');
    const undone = await command('restore', '--undo=1', '--yes=1', '--json');
    expect(undone).toMatchObject({code: 0, stderr: ''});
    expect(summaryOf(undone)).toMatchObject({session: 2, undoes: 1, outcome: 'done', drill: false});
    // Nobody has signed it off.
    const first = await command('session', 'show', '1');
    expect(first.stdout).toContain('session    1, undone by session 2\n');
    expect(first.stdout).not.toContain('signed off');
    expect((await command('session', 'list')).stdout).toMatch(/undone by session 2 +1 of 4/);
    expect((await command('restore', 'status')).stdout).toMatch(/ session 1 .* undone by session 2\n/);
    const {sessions} = summaryOf(await command('restore', 'status', '--json')) as {sessions: unknown[]};
    expect(sessions).toContainEqual(
      expect.objectContaining({session: 1, state: 'undone by session 2', undone_by: 2}),
    );
    const evidence = summaryOf(await command('evidence', 'export', '--session=1', '--json'));
    expect(fs.readFileSync(String(evidence['file']), 'utf8')).toMatch(
      /\*\*not closed\*\*: undone by session\s+2/,
    );
    expect([holds('tenants'), holds('media')]).toEqual([old, null]);
    expect(fs.statSync(live('tenants')).mode & 0o7777).toBe(0o640);
    expect(savedIds(root)).toHaveLength(2);
    // The way back of the first is of no use any more.
    expect(litter(root)).toEqual([
      '.ledger.json.magds-2-old',
      '.media.json.magds-2-old',
      '.tenants.json.magds-2-old',
    ]);
    const again = await command('restore', '--undo=2', '--yes=2');
    expect(again).toMatchObject({code: 0, stderr: ''});
    expect(again.stdout).toContain('+ Undone, session 3.\n');
    expect([holds('tenants'), holds('media')]).toEqual([saved, saved]);
    expect(await signOff(root, 3)).toMatchObject({code: 0});
    expect(litter(root)).toEqual([]);
  });

  test('says what is lost by it, and keeps that', async () => {
    const {live, holds, restore, command} = makeRestorable();
    expect(await restore()).toMatchObject({code: 0});
    fs.appendFileSync(live('tenants'), 'since');
    const {stdout} = await command('restore', '--undo=1', '--dry-run');
    expect(stdout).toContain('      loses what was written since the restore\n');
    expect(await command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 0});
    expect(holds('tenants')).toBe(old);
    expect(await command('restore', '--undo=2', '--yes=2')).toMatchObject({code: 0});
    expect(holds('tenants')).toBe(`${saved}since`);
  });

  test('is refused where the safety backup is not what was saved, or gone', async () => {
    const {root, restore, command, state} = makeRestorable();
    expect(await restore()).toMatchObject({code: 0});
    const [id] = savedIds(root);
    flipBit(state('safety', String(id), 'datasets/tenants.json'));
    const before = liveTree(root);
    const dry = await command('restore', '--undo=1', '--dry-run');
    expect(dry.code).toBe(5);
    expect(dry.stdout).toContain(
      '  x tenants  refused: the copy in the safety backup is not what was saved\n',
    );
    expect(await command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 5});
    fs.rmSync(state('safety', String(id)), {recursive: true});
    expect(await command('restore', '--undo=1', '--yes=1')).toMatchObject({
      code: 5,
      stderr: `magds: Session 1 cannot be undone: its safety backup ${id} is not there any more. Nothing was changed.\n`,
    });
    expect(liveTree(root)).toEqual(before);
  });

  test('is refused for what changed nothing, and for what does not exist', async () => {
    const {built, restore, command} = makeRestorable();
    flipBit(built.copy('tenants'));
    expect(await restore()).toMatchObject({code: 5});
    expect(await command('restore', '--undo=1', '--yes=1')).toMatchObject({
      code: 5,
      stderr: 'magds: Session 1 cannot be undone: it changed nothing. Nothing was changed.\n',
    });
    expect(await command('restore', '--undo=7', '--yes=7')).toMatchObject({code: 10});
    expect(await command('restore', '--undo=x', '--yes=x')).toMatchObject({code: 2});
  });
});

describe('a database', () => {
  /** Live rows lie in its WAL, as a writer that was killed leaves them; the backup holds others. */
  function makeDatabase() {
    const file = `${temporaryDirectory()}/saved.sqlite`;
    const database = new DatabaseSync(file);
    database.exec('CREATE TABLE t (n INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)');
    database.close();
    const contents = {ledger: {copy: fs.readFileSync(file), live: '', file: 'ledger.sqlite'}};
    const place = makeRestorable({contents});
    leaveInWal(place.live('ledger'), 50);
    return place;
  }
  const besideOf = (file: string) => ['-wal', '-shm'].map((end) => fs.existsSync(file + end));

  test('is the rows of the backup, without the WAL of the old one; an undo brings that back', async () => {
    const {live, restore, command, root} = makeDatabase();
    expect(await restore()).toMatchObject({code: 0, stderr: ''});
    expect(besideOf(live('ledger'))).toEqual([false, false]);
    expect(rowsOf(live('ledger'))).toBe(3);
    expect(await command('restore', '--undo=1', '--yes=1')).toMatchObject({code: 0, stderr: ''});
    expect(rowsOf(live('ledger'))).toBe(50);
    expect(await signOff(root, 2)).toMatchObject({code: 0});
    expect(litter(root)).toEqual([]);
  });

  test('with the same file is not unchanged where a WAL lies beside it', async () => {
    const {live, built, restore} = makeDatabase();
    fs.copyFileSync(built.copy('ledger'), live('ledger'));
    const {code, stdout} = await restore();
    expect(code).toBe(0);
    expect(stdout).toContain('  ! ledger  overwrite');
    expect(rowsOf(live('ledger'))).toBe(3);
  });

  test('a link beside it is not followed, nor taken away', async () => {
    const {root, live, restore} = makeDatabase();
    fs.rmSync(`${live('ledger')}-wal`);
    fs.symlinkSync('/etc/passwd', `${live('ledger')}-wal`);
    const before = liveTree(root);
    const {code, stderr} = await restore();
    expect(code).toBe(5);
    expect(stderr).toContain('ledger: ledger.sqlite-wal, beside it, is a link, not a file');
    expect(liveTree(root)).toEqual(before);
  });
});
