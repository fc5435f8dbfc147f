import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {
  litter,
  liveTree,
  makeHalfway,
  savedIds,
  signOff,
  summaryOf,
  twoContents,
} from '../support/restores.ts';

const since = 'written since';
const saved = (name: string) => String(twoContents[name]?.copy);
const old = (name: string) => String(twoContents[name]?.live);
/** What a service does that writes a new file and renames it, as most do. */
function replace(file: string): void {
  fs.writeFileSync(`${file}.tmp`, since);
  fs.renameSync(`${file}.tmp`, file);
}

describe('live writes after a crash between two switches', () => {
  test('the state is shown, every writing command waits, and both ways lead out', async () => {
    const place = await makeHalfway();
    const {root, command, restore} = place;
    const waits = 'magds: The restore of session 1 stopped halfway. Look: "magds restore status".';
    const status = await command('restore', 'status');
    expect(status).toMatchObject({code: 6, stderr: ''});
    expect(status.stdout).toBe(
      [
        'x session 1  20261123_131813  STOPPED HALFWAY',
        `    tenants  NEW, restored  ${place.live('tenants')}`,
        `    ledger  OLD, as before  ${place.live('ledger')}`,
        'Nothing happens until you choose. Finish: magds restore --resume. Go back: magds restore --rollback.\n',
      ].join('\n'),
    );
    expect(summaryOf(await command('restore', 'status', '--json'))).toMatchObject({
      stopped: 1,
      sessions: [{session: 1, phase: 'commit', running: false, closed: false}],
      files: [
        {dataset: 'tenants', live: 'new'},
        {dataset: 'ledger', live: 'old'},
      ],
    });
    for (const outcome of [
      await command('backup', 'run'),
      await command('backup', 'prune'),
      await command('session', 'close', '1'),
      await restore('--json'),
    ]) {
      expect(outcome).toMatchObject({code: 6});
      expect(outcome.stderr).toContain(waits);
    }
    expect(await command('backup', 'list')).toMatchObject({code: 0});
    expect(await command('backup', 'verify', '--all', '--read-only')).toMatchObject({code: 0});
    expect(await command('restore', '--rollback', '--read-only')).toMatchObject({code: 2});
    const back = await command('restore', '--rollback', '--json');
    expect(back).toMatchObject({code: 0, stderr: ''});
    expect(summaryOf(back)).toEqual({
      message_type: 'summary',
      command: 'restore',
      id: '20261123_131813',
      session: 1,
      outcome: 'rolled-back',
      drill: false,
      undoes: null,
      datasets: [
        {dataset: 'ledger', target: place.live('ledger'), becomes: 'old'},
        {dataset: 'tenants', target: place.live('tenants'), becomes: 'old'},
      ],
      reason: null,
      beware: [],
      commands: [],
    });
    expect([place.holds('tenants'), place.holds('ledger')]).toEqual([old('tenants'), old('ledger')]);
    expect([litter(root), savedIds(root)]).toEqual([[], []]);
    expect(await command('restore', '--resume')).toMatchObject({
      code: 2,
      stderr: 'magds: No restore stopped halfway: there is nothing to finish or to take back.\n',
    });
  });

  test.each([
    ['--rollback', 'put back'],
    ['--resume', 'restored'],
  ])('%s names who was written to, and changes nothing', async (way, becomes) => {
    const {root, live, command} = await makeHalfway();
    for (const name of ['tenants', 'ledger']) fs.appendFileSync(live(name), since);
    const before = liveTree(root);
    expect(await command('restore', way, '--keep=ledger')).toMatchObject({
      code: 6,
      stdout: '',
      stderr: `magds: Session 1: somebody has written since it stopped: tenants (${live('tenants')}). Say for each, beside ${way}: --keep=NAME leaves what is there now, --take=NAME has it ${becomes} and keeps what is there now beside it. Nothing was changed.\n`,
    });
    expect(liveTree(root)).toEqual(before);
    const status = await command('restore', 'status');
    expect(status.stdout).toContain(`    tenants  WRITTEN TO since it stopped  ${live('tenants')}\n`);
  });

  test('a write that sets its time back is found by its bytes', async () => {
    const {live, command} = await makeHalfway();
    const {atime, mtime} = fs.statSync(live('tenants'));
    fs.writeFileSync(live('tenants'), saved('tenants').replace('saved', 'forge'));
    fs.utimesSync(live('tenants'), atime, mtime);
    const {code, stderr} = await command('restore', '--rollback');
    expect({code, stderr}).toMatchObject({code: 6, stderr: expect.stringContaining('tenants (')});
  });

  test('--resume --keep leaves it, and its old file until the session is closed', async () => {
    const {root, live, holds, command} = await makeHalfway();
    replace(live('ledger'));
    const {code, stdout} = await command('restore', '--resume', '--keep=ledger');
    expect({code, stdout}).toEqual({
      code: 0,
      stdout: `  + tenants  new  ${live('tenants')}\n  ! ledger  kept  ${live('ledger')}\n+ Session 1 is finished: all files are new, but for those kept.\n`,
    });
    expect([holds('tenants'), holds('ledger')]).toEqual([saved('tenants'), since]);
    expect(litter(root)).toEqual(['.ledger.json.magds-1-old', '.tenants.json.magds-1-old']);
    expect(await signOff(root, 1)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^\+ Session 1 is closed: the old files beside the live ones are deleted\.\n\+ The final evidence, for the ticket: .*_session-1\.md\n(= an? .* proves .*\n){3}= 20261123_131813 stays held until .*\n= "magds restore --undo=1" stays possible until \d{4}-\d\d-\d\d: its safety backup is kept until then\.\n$/,
      ),
    });
    expect([holds('tenants'), holds('ledger'), litter(root)]).toEqual([saved('tenants'), since, []]);
  });

  test('--resume --keep leaves also what had been restored before it stopped', async () => {
    const {root, live, holds, command} = await makeHalfway();
    replace(live('tenants'));
    const {code, stdout} = await command('restore', '--resume', '--keep=tenants');
    expect({code, stdout}).toEqual({
      code: 0,
      stdout: `  ! tenants  kept  ${live('tenants')}\n  + ledger  new  ${live('ledger')}\n+ Session 1 is finished: all files are new, but for those kept.\n`,
    });
    expect([holds('tenants'), holds('ledger')]).toEqual([since, saved('ledger')]);
    expect(litter(root)).toEqual(['.ledger.json.magds-1-old', '.tenants.json.magds-1-old']);
    expect(await signOff(root, 1)).toMatchObject({code: 0});
    expect([holds('tenants'), holds('ledger'), litter(root)]).toEqual([since, saved('ledger'), []]);
  });

  test('--resume --take restores it, and keeps what was written beside', async () => {
    const {root, live, holds, command} = await makeHalfway();
    fs.appendFileSync(live('ledger'), since);
    const {code, stdout} = await command('restore', '--resume', '--take=ledger');
    const kept = `${root}/storage/data/.ledger.json.magds-1-written`;
    expect(code).toBe(0);
    expect(stdout).toContain(`! what was written meanwhile is kept: ${kept}\n`);
    expect([holds('tenants'), holds('ledger')]).toEqual([saved('tenants'), saved('ledger')]);
    expect(fs.readFileSync(kept, 'utf8')).toBe(old('ledger') + since);
  });

  test('a name that the restore was not about is refused', async () => {
    const {command} = await makeHalfway();
    for (const flag of ['keep', 'take'])
      expect(await command('restore', '--rollback', `--${flag}=tenant`)).toMatchObject({
        code: 2,
        stderr: `magds: --${flag}: session 1 restored no "tenant". It was about tenants, ledger. Nothing was changed.\n`,
      });
    expect(await command('restore', 'status')).toMatchObject({code: 6});
  });

  test('--rollback --keep leaves it, with nothing staged beside it', async () => {
    const {root, live, holds, command} = await makeHalfway();
    replace(live('ledger'));
    expect(await command('restore', '--rollback', '--keep=ledger')).toMatchObject({code: 0});
    expect([holds('tenants'), holds('ledger')]).toEqual([old('tenants'), since]);
    expect(litter(root)).toEqual(['.ledger.json.magds-1-old']);
    // What was decided on may be wanted once more.
    expect(savedIds(root)).toHaveLength(1);
  });

  test('--rollback --take puts the old one back, and never writes over what was kept before', async () => {
    const {root, live, holds, command} = await makeHalfway();
    const kept = `${root}/storage/data/.tenants.json.magds-1-written`;
    fs.writeFileSync(kept, 'kept of an earlier attempt');
    replace(live('tenants'));
    const {code, stdout} = await command('restore', '--rollback', '--take=tenants');
    expect(code).toBe(0);
    expect(stdout).toContain(`! what was written meanwhile is kept: ${kept}-2\n`);
    expect([holds('tenants'), holds('ledger')]).toEqual([old('tenants'), old('ledger')]);
    expect(fs.readFileSync(kept, 'utf8')).toBe('kept of an earlier attempt');
    expect(fs.readFileSync(`${kept}-2`, 'utf8')).toBe(since);
  });

  test('--rollback --take does not claim to put back what was overwritten in place', async () => {
    const {root, live, command} = await makeHalfway();
    fs.appendFileSync(live('ledger'), since);
    const before = liveTree(root);
    const [safety] = savedIds(root);
    expect(await command('restore', '--rollback', '--take=ledger')).toMatchObject({
      code: 6,
      stderr: `magds: Session 1: ledger (${live('ledger')}) cannot be put back: it was written to in place, and what it held before is not kept beside it. The safety backup has it: storage/runbook/safety/${safety}, which stays. Leave what is there now: --keep=ledger. Nothing was changed.\n`,
    });
    expect(liveTree(root)).toEqual(before);
    expect(await command('restore', '--rollback', '--keep=ledger')).toMatchObject({code: 0});
    expect(savedIds(root)).toEqual([safety]);
  });

  test('what an earlier session kept is not taken for ours where its number comes again', async () => {
    const {root, state, live, restore} = await makeHalfway();
    const kept = `${root}/storage/data/.ledger.json.magds-1-old`;
    fs.rmSync(`${root}/storage/data/.ledger.json.magds-1-new`);
    fs.rmSync(`${root}/storage/data/.tenants.json.magds-1-old`);
    fs.rmSync(kept);
    fs.writeFileSync(kept, 'all that is left');
    fs.rmSync(state(), {recursive: true});
    fs.writeFileSync(live('tenants'), since);
    const before = liveTree(root);
    expect(await restore()).toMatchObject({
      code: 5,
      stderr: `x Refused: ledger: ${kept} is there already, of another restore: it may be all that is left of an old file. Look at it, and move it away.\nNo live file was touched.\n`,
    });
    expect(liveTree(root)).toEqual(before);
  });

  test('what was staged is damaged: not gone on with', async () => {
    const {root, command} = await makeHalfway();
    fs.writeFileSync(`${root}/storage/data/.ledger.json.magds-1-new`, 'damaged');
    expect(await command('restore', '--resume')).toMatchObject({
      code: 6,
      stderr:
        'magds: Session 1 cannot go on: ledger: what was staged is gone or damaged (.ledger.json.magds-1-new). Go back: --rollback. Nothing was changed.\n',
    });
    expect(await command('restore', '--rollback')).toMatchObject({code: 0});
    expect(litter(root)).toEqual([]);
  });
});
