import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {
  canMount,
  canTrace,
  changingCalls,
  copyOf,
  errorWords,
  expectTidy,
  forEach,
  inNamespace,
  isFull,
  isRoot,
  liveState,
  makeSmallRoot,
  namesIn,
  oldIds,
  pointsOf,
  sample,
  saySweep,
  sweepTime,
  sweepTurn,
  type Traced,
  traced,
  wholeBackups,
} from '../support/faults.ts';
import {node, program} from '../support/program.ts';
import {execute, magds, type Outcome} from '../support/run.ts';

type Sweep = {
  name: string;
  args: string[];
  old: number;
  maxCount: number;
  stay: readonly string[];
};

const sweeps: Sweep[] = [
  {name: 'a run', args: ['run'], old: 2, maxCount: 2, stay: [oldIds[1]]},
  {name: 'a prune', args: ['prune'], old: 4, maxCount: 2, stay: [oldIds[2], oldIds[3]]},
  {
    name: 'a pin',
    args: ['pin', oldIds[0], '--reason=audit'],
    old: 2,
    maxCount: 5,
    stay: [oldIds[0], oldIds[1]],
  },
];

/** Where in a trace it is that something appears or goes: before it, an error means that nothing was changed. */
const switched = (calls: Traced[], args: string[]): number =>
  calls.findIndex(({call, text}) =>
    args[0] === 'run'
      ? call === 'rename' && /\/\d{8}_\d{6}", "/.test(text)
      : call === 'rename' && text.includes(`/${oldIds[0]}", "`),
  );

describe.skipIf(!canTrace)('a system call that fails (needs strace and ptrace)', () => {
  test.each(sweeps)('in $name', {timeout: sweepTime}, async (sweep) => {
    const args = ['backup', ...sweep.args];
    const {root: template} = makeSmallRoot(sweep);
    const baseline = await traced([...args, '--root', copyOf(template).root], {calls: changingCalls});
    expect(baseline).toMatchObject({code: 0, stderr: ''});
    const end = switched(baseline.calls, sweep.args);
    expect(end).toBeGreaterThan(5);
    const early = new Set(baseline.calls.slice(0, end).map(({call, nth}) => `${call} ${nth}`));
    // Node's threads wake each other by writing: that this fails is no fault of a disk.
    const all = pointsOf(baseline.calls).filter(({call}) => call !== 'write');
    const points = all.flatMap((point, index) => {
      const errors = Object.keys(errorWords);
      return (isFull ? errors : [errors[(index + sweepTurn) % errors.length] as string]).map((error) => ({
        ...point,
        error,
      }));
    });
    let hit = 0;
    let failed = 0;
    const chosen = sample(points, 5);
    await forEach(chosen, async ({call, nth, error}) => {
      const {root, backups} = copyOf(template);
      const live = liveState(root);
      const before = await wholeBackups(backups);
      const inject = `${call}:error=${error}:when=${nth}`;
      const outcome = await traced([...args, '--root', root], {calls: [call], inject});
      const what = `${call} ${nth} ${error}: exit ${outcome.code}: ${outcome.stdout}${outcome.stderr}`;
      // What fails beside the work itself may be got over: 0, or 3 where it is told.
      expect([0, 1, 3], what).toContain(outcome.code);
      if (outcome.calls.some(({text}) => text.includes('(INJECTED)'))) hit++;
      if (outcome.code === 1) failed++;
      if (outcome.code === 1) {
        // SQLite has one word for most of what fails. Where space is really used up, a page written to find out says so.
        const ofSqlite = outcome.stderr.includes('written: ledger: disk I/O error.');
        const said = ofSqlite ? /./ : (errorWords[error] as RegExp);
        // A prune tells it of each backup.
        if (sweep.args[0] !== 'prune') expect(outcome.stderr, what).toMatch(said);
        expect(outcome.stderr.trimEnd().split('\n'), what).toHaveLength(1);
        expect(outcome.stderr, what).not.toContain('inside this program');
      }
      const ids = await wholeBackups(backups);
      if (outcome.code === 1 && early.has(`${call} ${nth}`)) {
        expect(ids, what).toEqual(before);
        expect(namesIn(path.join(root, 'storage/runbook/held')), what).toEqual([]);
        expect(namesIn(path.join(root, 'storage/runbook/building')), what).toEqual([]);
      }
      expect(ids, what).toEqual(expect.arrayContaining([...sweep.stay]));
      await wholeBackups(path.join(root, 'storage/runbook/held'));
      expect(liveState(root), what).toEqual(live);
      expect(await magds(['backup', 'run', '--root', root]), what).toMatchObject({code: 0});
      expectTidy(root);
      expect(await wholeBackups(backups), what).toEqual(expect.arrayContaining(ids.slice(-1)));
    });
    saySweep(
      `${args.join(' ')}: ${hit} calls failed, of ${chosen.length} tried, and ${failed} times the command`,
    );
    expect(hit).toBeGreaterThanOrEqual(chosen.length / 2);
    // What is beside the work is got over; of all calls there are many that are not.
    if (isFull) expect(failed).toBeGreaterThanOrEqual(chosen.length / 4);
  });

  test.each(Object.keys(errorWords))('%s where the manifest of a pin is written', async (error) => {
    const {root, backups} = makeSmallRoot({old: 2, maxCount: 5});
    const paths = [path.join(root, 'storage/runbook/building', oldIds[0], '.manifest.json.new')];
    const args = ['backup', 'pin', oldIds[0], '--reason=audit', '--root', root];
    const outcome = await traced(args, {calls: ['write'], inject: `write:error=${error}`, paths});
    expect(outcome).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(errorWords[error] as RegExp),
    });
    expect(outcome.calls).toHaveLength(1);
    expect(namesIn(path.join(root, 'storage/runbook/held'))).toEqual([]);
    expect(await wholeBackups(backups)).toEqual([oldIds[0], oldIds[1]]);
    expectTidy(root);
  });

  test.each(Object.keys(errorWords))('%s where the manifest of a run is written', async (error) => {
    const {root, backups} = makeSmallRoot({old: 2, maxCount: 2});
    const building = path.join(root, 'storage/runbook/building');
    // The id is the second in which it begins.
    const paths = Array.from({length: 60}, (_, second) => {
      const digits = new Date(Date.now() + second * 1000).toISOString().slice(0, 19).replace(/[-:]/g, '');
      return path.join(building, digits.replace('T', '_'), '.manifest.json.new');
    });
    const inject = `write:error=${error}`;
    const outcome = await traced(['backup', 'run', '--root', root], {calls: ['write'], inject, paths});
    expect(outcome).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(errorWords[error] as RegExp),
    });
    expect(outcome.calls).toHaveLength(1);
    expect(await wholeBackups(backups)).toEqual([oldIds[0], oldIds[1]]);
    expectTidy(root);
  });
});

/** Bash that says how a command ended; its last line is what is in the backups directory. */
const report = (command: string, backups: string) =>
  `code=0; ${command} || code=$?; echo "exit $code"; ls -A "${backups}" | tr '\\n' ' '`;

const quoted = (...args: string[]) => [node, program, ...args].map((each) => `'${each}'`).join(' ');

function endOf({stdout}: Outcome): {code: number; left: string[]} {
  const [, code, left = ''] = /exit (\d+)\n(.*)\n?$/.exec(stdout) ?? [];
  return {code: Number(code), left: left.split(' ').filter(Boolean)};
}

/** A directory with so many files that they take more than their bytes: each a block. */
function manyFiles(root: string): void {
  const directory = path.join(root, 'storage/data/many');
  fs.mkdirSync(directory);
  for (let n = 0; n < 600; n++) fs.writeFileSync(path.join(directory, `${n}`), 'x');
  const file = path.join(root, 'storage/runbook/config.json');
  fs.mkdirSync(path.dirname(file), {recursive: true});
  const datasets = [{name: 'many', source: 'storage/data/many', type: 'directory'}];
  fs.writeFileSync(file, JSON.stringify({version: 1, backup: {datasets}}));
  fs.chmodSync(file, 0o644);
}

/** A file whose holes are too small to be kept: its copy takes more room than it does. */
function fileWithHoles(root: string): void {
  const fd = fs.openSync(path.join(root, 'storage/data/settings.json'), 'w');
  for (let n = 0; n < 100; n++) fs.writeSync(fd, 'data', n * 100_000);
  fs.closeSync(fd);
}

describe.skipIf(!canMount)('a disk that is full (needs to mount)', () => {
  const onTmpfs = (options: string) => `mount -t tmpfs -o ${options} none "$1/storage/backups"`;

  test.each([
    ['1m', () => {}],
    // Each byte takes a block.
    ['2m', manyFiles],
  ])('the backups directory of %s, as is seen before anything is written', async (size, prepare) => {
    const {root, backups} = makeSmallRoot({old: 0, maxCount: 2});
    prepare(root);
    const script = report(quoted('backup', 'run', '--root', root), backups);
    const outcome = await inNamespace(onTmpfs(`size=${size}`), [root], ['bash', '-c', script]);
    expect(endOf(outcome)).toEqual({code: 1, left: []});
    expect(outcome.stderr).toMatch(
      /^x there is not enough space: \d+ bytes are needed, \d+ are free, \d+ are missing\. Nothing was written\.\n$/,
    );
    expect(namesIn(path.join(root, 'storage/runbook'))).not.toContain('unfinished.json');
  });

  test.each([
    ['of blocks', 'size=4m', fileWithHoles],
    ['of inodes', 'size=20m,nr_inodes=5', () => {}],
  ])('the backups directory, %s, in the middle of the copies', async (_, options, prepare) => {
    const {root, backups} = makeSmallRoot({old: 0, maxCount: 2});
    prepare(root);
    const script = report(quoted('backup', 'run', '--root', root), backups);
    const outcome = await inNamespace(onTmpfs(options), [root], ['bash', '-c', script]);
    expect(endOf(outcome)).toEqual({code: 1, left: []});
    expect(outcome.stderr).toMatch(
      /^x the copies could not be written: \w+: the disk is full\. Nothing was written\.\n$/,
    );
    expect(namesIn(path.join(root, 'storage/runbook'))).not.toContain('unfinished.json');
    expectTidy(root, 'config.json');
  });

  /** All of storage/ on a tmpfs, with so many bytes left. */
  const wholeStorage = (size: string, left: number) => `
    mv "$1/storage" "$1/elsewhere"; mkdir "$1/storage"; mount -t tmpfs -o size=${size} none "$1/storage"
    cp -a "$1/elsewhere/." "$1/storage/"
    free=$(($(stat -f -c '%a * %S' "$1/storage")))
    if [ $free -gt ${left} ]; then head -c $((free - ${left})) /dev/zero > "$1/storage/filler"; fi`;

  test.each([
    ['run', 64 * 1024, 'there is not enough space'],
    ['run', 0, 'there is not enough space'],
    ['pin', 0, 'the disk is full'],
  ])('storage/ as a whole: %s with %i bytes left', async (command, left, reason) => {
    const {root, backups} = makeSmallRoot({old: 2, maxCount: 2});
    const operands = command === 'pin' ? [oldIds[0], '--reason=audit'] : [];
    const verified = `${quoted('backup', 'verify', '--all', '--read-only', '--root', root)} > /dev/null`;
    const script = report(`${quoted('backup', command, ...operands, '--root', root)}`, backups);
    const outcome = await inNamespace(
      wholeStorage('4m', left),
      [root],
      ['bash', '-c', `${verified} && ${script} && echo && ls -AR ${root}/storage/runbook; ${verified}`],
    );
    expect(outcome).toMatchObject({code: 0, stderr: expect.stringContaining(reason)});
    // There is no room to tell of it either.
    const untold = outcome.stderr.match(/^! Not reported: .*the disk is full\.?$/gm) ?? [];
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1 + untold.length);
    expect(outcome.stdout).toContain(`exit 1\n${oldIds[0]} ${oldIds[1]} \n`);
    expect(outcome.stdout).not.toMatch(/storage\/runbook\/(building|held)\/./);
  });

  test.each<[string, (root: string) => void]>([
    ['nobody has ever written', () => {}],
    [
      'a run has been',
      (root) => {
        expect(spawnSync(node, [program, 'backup', 'run', '--root', root]).status).toBe(0);
      },
    ],
    [
      'a lock of another make lies',
      (root) => fs.rmSync(path.join(root, 'storage/runbook/lock'), {force: true}),
    ],
  ])('where %s, a prune with 0 bytes left makes room', async (_, prepare) => {
    const {root, backups} = makeSmallRoot({old: 4, maxCount: 4});
    prepare(root);
    const php = path.join(root, 'config/base/magds.php');
    fs.writeFileSync(php, fs.readFileSync(php, 'utf8').replace(/(max_count\D+)4/, '$12'));
    const script = `${report(quoted('backup', 'prune', '--root', root), backups)}; echo; ls -A ${root}/storage/runbook/removing`;
    const outcome = await inNamespace(wholeStorage('4m', 0), [root], ['bash', '-c', script]);
    expect(outcome.stderr).toBe('');
    expect(outcome.stdout).toMatch(/^(- \S+ {2}deleted\n){2,3}[23] backups deleted\.\nexit 0\n(\S+ ){2}\n$/);
  });

  /** An ext4 of its own, which needs a block for each directory; root has none that others have not. */
  const onExt4 = `
    truncate -s 3M "$1/image"; mkfs.ext4 -q -m 0 -O ^has_journal "$1/image"; mv "$1/storage" "$1/elsewhere"
    mkdir "$1/storage"; mount -o loop "$1/image" "$1/storage"; cp -a "$1/elsewhere/." "$1/storage/"
    head -c 5M /dev/zero > "$1/storage/filler" 2> "$1/said" || true; sync
    for n in $(seq 50); do mkdir "$1/storage/full$n" 2> "$1/said" || break; done`;
  const canLoop =
    canMount &&
    spawnSync(
      'unshare',
      [
        '-m',
        'bash',
        '-c',
        'truncate -s 1M /tmp/$$ && mkfs.ext4 -q /tmp/$$ && mount -o loop /tmp/$$ /mnt; r=$?; rm -f /tmp/$$; exit $r',
      ],
      {stdio: 'ignore'},
    ).status === 0;

  test.skipIf(!canLoop)(
    'on ext4, a prune makes room; where not even its own directory can be made it says what to do',
    async () => {
      for (const used of [true, false]) {
        const {root, backups} = makeSmallRoot({old: 4, maxCount: 2});
        if (used) fs.mkdirSync(path.join(root, 'storage/runbook'));
        // The room that is made has to hold the metrics.
        for (const id of oldIds.slice(0, 2))
          fs.writeFileSync(path.join(backups, id, 'datasets/more'), Buffer.alloc(16 * 1024));
        const script = report(quoted('backup', 'prune', '--root', root), backups);
        const outcome = await inNamespace(onExt4, [root], ['bash', '-c', script]);
        if (used) {
          expect(outcome.stderr).toBe('');
          expect(endOf(outcome)).toEqual({code: 0, left: [oldIds[2], oldIds[3]]});
        } else {
          expect(endOf(outcome)).toEqual({code: 1, left: [...oldIds]});
          expect(outcome.stderr).toBe(
            `magds: ${root}/storage/runbook cannot be made: the disk is full: make room: "magds backup prune --dry-run" says which backups would be deleted, and one can be deleted by hand. Nothing else was changed.\n`,
          );
        }
      }
    },
  );

  test('room is made by a prune, and the next run is done', async () => {
    const {root, backups} = makeSmallRoot({old: 4, maxCount: 2});
    for (const id of oldIds.slice(0, 2))
      fs.writeFileSync(path.join(backups, id, 'datasets/more'), Buffer.alloc(1024 * 1024));
    const once = (command: string) => `${report(quoted('backup', command, '--root', root), backups)}; echo`;
    const script = `${once('run')}; ${once('prune')}; ${once('run')}`;
    const outcome = await inNamespace(wholeStorage('5m', 512 * 1024), [root], ['bash', '-c', script]);
    expect(outcome.stdout.match(/exit \d+/g)).toEqual(['exit 1', 'exit 0', 'exit 0']);
    expect(outcome.stderr).toMatch(/^x there is not enough space/);
  });
});

describe('what a file may grow to is limited (ulimit -f)', () => {
  test.each([100, 200])('%i KiB', async (limit) => {
    const {root, backups} = makeSmallRoot({old: 2, maxCount: 2});
    const script = `ulimit -f ${limit}; exec ${quoted('backup', 'run', '--root', root)}`;
    const outcome = await execute('bash', ['-c', script]);
    expect(outcome).toMatchObject({code: 1, stdout: ''});
    expect(outcome.stderr).toMatch(/^x the copies could not be written: .*too large.*\n$/);
    expect(await wholeBackups(backups)).toEqual([oldIds[0], oldIds[1]]);
    expectTidy(root);
    expect(await magds(['backup', 'run', '--root', root])).toMatchObject({code: 0});
  });
});

describe('a backups directory that may not be written', () => {
  const commands = [['run'], ['prune'], ['pin', oldIds[0], '--reason=audit']];

  test.skipIf(!canMount).each(commands)('mounted read-only: %s (needs to mount)', async (...args) => {
    const {root, backups} = makeSmallRoot({old: 3, maxCount: 2});
    const script = 'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"';
    const outcome = await inNamespace(script, [backups], [node, program, 'backup', ...args, '--root', root]);
    expect(outcome).toMatchObject({code: 1, stdout: ''});
    expect(outcome.stderr).toBe(
      `magds: ${backups} cannot be written to: the file system is read-only: mount it for writing, or see in "dmesg" why the kernel made it read-only. Nothing was changed.\n`,
    );
    expect(await wholeBackups(backups)).toEqual(oldIds.slice(0, 3));
    expectTidy(root);
  });

  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const canBeNobody =
    isRoot && spawnSync(nobody[0] as string, [...nobody.slice(1), node, program, '--version']).status === 0;
  const asNobody = (...args: string[]) =>
    execute(nobody[0] as string, [...nobody.slice(1), node, program, ...args]);

  /** A root of nobody's, but for what is given to root. */
  function rootOfNobody(old: number): {root: string; backups: string} {
    const made = makeSmallRoot({old, maxCount: 2});
    expect(spawnSync('chown', ['-R', '65534:65534', made.root]).status).toBe(0);
    return made;
  }

  test.skipIf(!canBeNobody).each(commands)(
    'of another user: %s (needs root and setpriv)',
    async (...args) => {
      const {root, backups} = rootOfNobody(3);
      fs.chownSync(backups, 0, 0);
      const outcome = await asNobody('backup', ...args, '--root', root);
      expect(outcome).toMatchObject({code: 1, stdout: ''});
      expect(outcome.stderr).toBe(
        `magds: ${backups} cannot be written to: permission denied: run as its owner, or as root. Nothing was changed.\n`,
      );
      expect(await wholeBackups(backups)).toEqual(oldIds.slice(0, 3));
    },
  );

  test.skipIf(!canBeNobody)('one backup in it of another user stays, whole, and that is told', async () => {
    const {root, backups} = rootOfNobody(3);
    expect(spawnSync('chown', ['-R', '0:0', path.join(backups, oldIds[0])]).status).toBe(0);
    const outcome = await asNobody('backup', 'run', '--root', root);
    // The backup is made; whether that retention did not do all it should is a failure in part is not asked here.
    expect([0, 3]).toContain(outcome.code);
    expect(outcome.stdout).toContain(
      `! Not pruned: ${oldIds[0]}: permission denied: run as its owner, or as root\n`,
    );
    expect(outcome.stdout).toContain(`  - ${oldIds[1]}  pruned\n`);
    const ids = await wholeBackups(backups);
    expect(ids.slice(0, 2)).toEqual([oldIds[0], oldIds[2]]);
    expect(ids).toHaveLength(3);
    expectTidy(root);
    expect([0, 3]).toContain((await asNobody('backup', 'run', '--root', root)).code);
  });
});
