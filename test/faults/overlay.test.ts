import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {makeBackup} from '../support/backups.ts';
import {canMount, inNamespace} from '../support/faults.ts';
import {node, program} from '../support/program.ts';
import {backupId, makeRestorable, twoContents} from '../support/restores.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const mounts = [
  'root=$1; layers=$2',
  'mount -t tmpfs none "$layers/upper"; mkdir "$layers/upper/files" "$layers/upper/work"',
  'mount -t overlay overlay -o "lowerdir=$layers/lower,upperdir=$layers/upper/files,workdir=$layers/upper/work" "$root"',
  `magds() { ${node} ${program} "$@" --root "$root"; }`,
].join('; ');

/** What a shell sees in which a root lies on overlayfs, its layers on two file systems, all of it in the lower one. */
async function onOverlay(root: string, script: string) {
  const layers = temporaryDirectory();
  fs.mkdirSync(`${layers}/upper`);
  execFileSync('cp', ['-a', root, `${layers}/lower`]);
  const outcome = await inNamespace(`${mounts}; ${script}`, [root, layers], ['true']);
  return outcome;
}

const canOverlay = canMount && (await canHaveOverlay());

async function canHaveOverlay(): Promise<boolean> {
  const at = fs.mkdtempSync('/tmp/magds-test-overlay-');
  for (const name of ['upper', 'lower', 'root']) fs.mkdirSync(`${at}/${name}`);
  const {code} = await inNamespace(mounts, [`${at}/root`, at], ['true']);
  fs.rmSync(at, {recursive: true});
  return code === 0;
}

describe.skipIf(!canOverlay)('on overlayfs, its layers on two disks (needs to mount)', () => {
  const show = 'cat "$root"/storage/data/*.json';
  const {tenants, ledger} = twoContents;
  const saved = `${ledger?.copy}${tenants?.copy}`;
  const old = `${ledger?.live}${tenants?.live}`;

  test('a restore is done, closed, and taken back', async () => {
    const {root} = makeRestorable();
    const outcome = await onOverlay(
      root,
      [
        `magds restore --id=${backupId} --yes=${backupId} >&2`,
        show,
        'magds restore --undo=1 --yes=1 >&2',
        show,
        'for each in $(magds session show 2 --json | grep -o \'"id":"[a-z-]*"\' | cut -d\\" -f4 | sort -u); do magds session step $each --skip --note=x --session=2 > /dev/null || true; done',
        'magds session close 2 --yes=2 >&2',
        'ls -A "$root/storage/data"',
      ].join('; '),
    );
    expect(outcome).toMatchObject({
      code: 0,
      stdout: `${saved}${old}ledger.json\ntenants.json\n`,
    });
  });

  test.each([
    ['--rollback', old],
    ['--resume', saved],
  ])('a restore that stopped halfway is finished by %s', async (flag, expected) => {
    const {root} = makeRestorable();
    const halfway = [
      `magds restore --id=${backupId} --yes=${backupId} >&2`,
      'cd "$root/storage/data"',
      'mv ledger.json .ledger.json.magds-1-new',
      'ln .ledger.json.magds-1-old ledger.json',
      'sed -i \'s/"phase":"done"/"phase":"commit"/\' "$root/storage/runbook/sessions/1/journal.json"',
    ];
    const outcome = await onOverlay(root, [...halfway, `magds restore ${flag} >&2`, show].join('; '));
    expect(outcome).toMatchObject({code: 0, stdout: expected});
  });

  test('what was written between plan and switch is still found out', async () => {
    const {root, live} = makeRestorable();
    const outcome = await onOverlay(
      root,
      [
        `hash=$(magds restore --id=${backupId} --dry-run --json | grep -o '"plan":"[0-9a-f]*"' | cut -d\\" -f4)`,
        `echo other > ${live('ledger')}`,
        `magds restore --id=${backupId} --yes=${backupId} --plan=$hash`,
      ].join('; '),
    );
    expect(outcome).toMatchObject({code: 5});
  });

  test('a backup is pinned and unpinned, and backups of the lower layer are pruned', async () => {
    const {root, backups} = makeRestorable({settings: {retention: {max_count: 1}}});
    for (const id of ['20251101_000000', '20251102_000000'])
      makeBackup({backups, id, recordedRoot: 'here', datasets: [{name: 'tenants', content: id}]});
    const outcome = await onOverlay(
      root,
      [
        `magds backup pin 20251101_000000 --reason=x`,
        'magds backup unpin 20251101_000000',
        'magds backup prune --yes >&2 || magds backup prune >&2',
        `ls "$root/storage/backups"`,
        'ls -A "$root/storage/runbook/removing"',
      ].join('; '),
    );
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toContain('20251101_000000 is pinned (1 linked)');
    expect(outcome.stdout.trim().split('\n').slice(-1)).toEqual([backupId]);
  });

  test('a backup is held in the lower layer, and let go', async () => {
    const {root, command} = makeRestorable();
    expect(await command('backup', 'pin', backupId, '--reason=x')).toMatchObject({code: 0});
    const outcome = await onOverlay(
      root,
      `magds backup unpin ${backupId} >&2; ls "$root/storage/runbook/held"`,
    );
    expect(outcome).toMatchObject({code: 0, stdout: ''});
  });
});
