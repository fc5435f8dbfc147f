import {spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test, vi} from 'vitest';
import type {EventPlace} from '../../../source/engine/events/announcer.ts';
import {metricsFile, readMetrics} from '../../../source/engine/events/metrics-place.ts';
import {isRoot} from '../../support/faults.ts';
import * as happens from '../../support/happenings.ts';
import {count, emptyPlace, placeOf, samplesOf, textOf, valuesOf} from '../../support/metrics.ts';
import {environment, node} from '../../support/program.ts';
import {execute} from '../../support/run.ts';
import {makePipe, temporaryDirectory} from '../../support/temporary.ts';

const support = path.resolve(import.meta.dirname, '../../support');
const telemetry = ({root}: EventPlace) => `${root}/storage/telemetry`;
const modeOf = (file: string) => (fs.statSync(file).mode & 0o7777).toString(8);

/** What another process runs to count a backup again and again. */
const counting = ({root}: EventPlace, times: string): string[] => [
  '--input-type=module',
  '-e',
  `import {recordMetrics} from ${JSON.stringify(path.resolve(support, '../../source/engine/events/metrics.ts'))};
   import {auditLine} from ${JSON.stringify(path.resolve(support, '../../source/engine/events/audit-line.ts'))};
   const root = ${JSON.stringify(root)};
   const payload = {id: 'x', reason: 'too old'};
   for (let left = ${times}; left > 0; left--) {
     const line = auditLine({action: 'magdb.backup.pruned', payload}, root, {}, new Date());
     const problem = await recordMetrics({root, backups: root + '/storage/backups', auditLog: ''}, [line]);
     if (problem) throw new Error(problem);
   }`,
];

const pruned = (place: EventPlace) => valuesOf(place)['magdb_backups_pruned_total'];

describe('the file', () => {
  test('is made with its directory, which has the mode of storage/', async () => {
    const place = emptyPlace();
    const storage = `${place.root}/storage`;
    fs.chmodSync(storage, 0o2751);
    const before = process.umask(0o077);
    try {
      expect(await count(place, happens.pruned)).toBeNull();
    } finally {
      process.umask(before);
    }
    expect(modeOf(telemetry(place))).toBe('2751');
    expect(modeOf(metricsFile(place.root))).toBe('640');
    // Nothing else that node_exporter would read, and nothing of a temporary's.
    expect(fs.readdirSync(telemetry(place)).sort()).toEqual(['.magds_backup.lock', 'magds_backup.prom']);
    expect(modeOf(`${telemetry(place)}/.magds_backup.lock`)).toBe('600');
  });

  test('is for everybody to read where its directory is', async () => {
    const place = emptyPlace();
    fs.mkdirSync(telemetry(place), {mode: 0o755});
    await count(place, happens.pruned);
    expect(modeOf(metricsFile(place.root))).toBe('644');
  });

  test.skipIf(!isRoot)('belongs to whom its directory belongs to (needs root)', async () => {
    const place = emptyPlace();
    fs.chownSync(`${place.root}/storage`, 33, 34);
    await count(place, happens.pruned);
    for (const file of ['', 'magds_backup.prom', '.magds_backup.lock']) {
      const {uid, gid} = fs.statSync(`${telemetry(place)}/${file}`);
      expect([file, uid, gid]).toEqual([file, 33, 34]);
    }
    // And whoever it belongs to goes on with it.
    fs.chmodSync(place.root, 0o755);
    const as = ['--reuid=33', '--regid=34', '--clear-groups', node, ...counting(place, '2')];
    expect(await execute('setpriv', as)).toMatchObject({code: 0, stderr: ''});
    expect(pruned(place)).toBe(3);
  });

  test('storage/ may be a link, as deployments have it', async () => {
    const place = emptyPlace();
    const shared = `${temporaryDirectory()}/shared`;
    fs.renameSync(`${place.root}/storage`, shared);
    fs.symlinkSync(shared, `${place.root}/storage`);
    expect(await count(place, happens.pruned)).toBeNull();
    // Another release of the same site goes on, under its own name.
    const other = placeOf(temporaryDirectory());
    fs.symlinkSync(shared, `${other.root}/storage`);
    expect(await count(other, happens.pruned)).toBeNull();
    expect(pruned(place)).toBe(2);
    expect(samplesOf(textOf(place))[0]?.labels['root']).toBe(other.root);
  });

  test('of a copy of a tree begins again: it is about another one', async () => {
    const place = emptyPlace();
    await count(place, happens.pruned);
    const copy = placeOf(temporaryDirectory());
    fs.cpSync(place.root, copy.root, {recursive: true});
    expect(await count(copy, happens.completed())).toBeNull();
    expect(valuesOf(copy)).toMatchObject({magdb_backups_pruned_total: 0, magdb_backups_total: 1});
  });
});

describe('at once', () => {
  test('processes lose no count, nor does a reader see half a file', async () => {
    const place = emptyPlace();
    await count(place, happens.pruned);
    let running = true;
    const others = Promise.all([1, 2].map(() => execute(node, counting(place, '60')))).finally(() => {
      running = false;
    });
    const seen = new Set<number>();
    while (running) {
      seen.add(pruned(place) as number);
      expect(textOf(place)).toMatch(/^# magds .*\n# EOF\n$/s);
      expect(await count(place, happens.completed())).toBeNull();
    }
    for (const outcome of await others) expect(outcome).toMatchObject({code: 0, stderr: ''});
    expect(pruned(place)).toBe(121);
    expect(seen.size).toBeGreaterThan(10);
  });

  test('so do those of one process', async () => {
    const place = emptyPlace();
    await Promise.all(Array.from({length: 20}, () => count(place, happens.pruned)));
    expect(pruned(place)).toBe(20);
  });

  test('one that is killed leaves a whole file, and the next goes on', async () => {
    const place = emptyPlace();
    await count(place, happens.pruned);
    for (let round = 0; round < 5; round++) {
      const before = pruned(place) as number;
      const child = spawn(node, counting(place, 'Infinity'), {env: environment, stdio: 'ignore'});
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await vi.waitFor(() => expect(pruned(place)).toBeGreaterThan(before + round), {
        timeout: 30_000,
        interval: 1,
      });
      child.kill('SIGKILL');
      await ended;
      const after = pruned(place) as number;
      expect(textOf(place)).toMatch(/\n# EOF\n$/);
      expect(await count(place, happens.pruned)).toBeNull();
      expect(pruned(place)).toBe(after + 1);
      expect(fs.readdirSync(telemetry(place)).sort()).toEqual(['.magds_backup.lock', 'magds_backup.prom']);
    }
  });

  test('another one that keeps the lock is waited for, once, and told', async () => {
    const place = emptyPlace();
    await count(place, happens.pruned);
    const file = `${telemetry(place)}/.magds_backup.lock`;
    const child = spawn('flock', [file, 'sh', '-c', 'echo; read x'], {stdio: ['pipe', 'pipe', 'ignore']});
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const told = `the metrics ${metricsFile(place.root)} were not written: another process has held its lock for 5 seconds ("lslocks" says which)`;
    expect(await count(place, happens.pruned)).toBe(told);
    const began = performance.now();
    for (let more = 0; more < 10; more++) expect(await count(place, happens.pruned)).toBe(told);
    expect(performance.now() - began).toBeLessThan(5000);
    child.stdin.end('\n');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(pruned(place)).toBe(1);
  });
});

describe('what is found in its place', () => {
  async function placeWith(text: string | Buffer): Promise<EventPlace> {
    const place = emptyPlace();
    await count(place, happens.pruned, happens.completed(77));
    fs.writeFileSync(metricsFile(place.root), text);
    return place;
  }
  const lost = (place: EventPlace, flaw: string) =>
    `the metrics ${metricsFile(place.root)}: ${flaw}: what could be told of it was gone on from, the rest counts from 0 again`;
  const notOurs = 'it is not what this program left there';

  test.each([
    ['nothing', Buffer.alloc(0), notOurs],
    ['zeros', Buffer.alloc(4096), notOurs],
    ['something else', Buffer.from('{"a": [1, 2]}\n'), notOurs],
    ['no UTF-8', Buffer.from([0xff, 0xfe, 0x0a, 0xc3]), notOurs],
    ['too much', Buffer.alloc(300_000, 'x'), 'it is 300000 bytes long; more than 262144 is not read'],
  ])('%s: it is told, and counting begins again', async (_, bytes, flaw) => {
    const place = await placeWith(bytes);
    expect(await count(place, happens.pruned)).toBe(lost(place, flaw));
    expect(valuesOf(place)).toMatchObject({magdb_backups_pruned_total: 1, magdb_backups_total: 0});
    expect(await count(place, happens.pruned)).toBeNull();
    expect(pruned(place)).toBe(2);
  });

  test('a file that was cut short: what is left of it is gone on from', async () => {
    const place = emptyPlace();
    await count(place, happens.pruned, happens.completed(77));
    const text = textOf(place);
    fs.writeFileSync(metricsFile(place.root), text.slice(0, text.indexOf('# HELP magdb_backup_bytes')));
    expect(await count(place, happens.completed(78))).toBe(lost(place, 'it was cut short'));
    expect(valuesOf(place)).toMatchObject({magdb_backups_pruned_total: 1, magdb_backups_total: 2});
  });

  test.each(['-5', 'NaN', '1e999', '+Inf', 'many', '0x', '9007199254740993e3'])(
    'a counter of %s: it is told, and that one begins again',
    async (value) => {
      const place = emptyPlace();
      await count(place, happens.pruned, happens.completed(77));
      const text = textOf(place).replace(/^(magdb_backups_pruned_total.* )1$/m, `$1${value}`);
      fs.writeFileSync(metricsFile(place.root), text);
      expect(await count(place, happens.pruned)).toBe(lost(place, 'a line of it is no metric'));
      expect(valuesOf(place)).toMatchObject({magdb_backups_pruned_total: 1, magdb_backups_total: 1});
    },
  );

  test('a metric of another version is no flaw', async () => {
    const place = emptyPlace();
    await count(place, happens.pruned);
    const text = textOf(place).replace('# EOF', 'magdb_of_tomorrow_total{tool="magds",root="/x"} 3\n# EOF');
    fs.writeFileSync(metricsFile(place.root), text);
    expect(await count(place, happens.pruned)).toBeNull();
    expect(pruned(place)).toBe(2);
  });

  const victim = 'what nobody may write to\n';
  const notWritten = (place: EventPlace, why: string) =>
    `the metrics ${metricsFile(place.root)} were not written: ${why}`;

  test('a link stays what it is, and so does what it leads to', async () => {
    const place = emptyPlace();
    const file = `${temporaryDirectory()}/victim`;
    fs.writeFileSync(file, victim);
    fs.mkdirSync(telemetry(place));
    fs.symlinkSync(file, metricsFile(place.root));
    expect(await count(place, happens.pruned)).toBe(
      notWritten(place, 'it is a link, not a file: move it away'),
    );
    expect(fs.readFileSync(file, 'utf8')).toBe(victim);
    expect(fs.readlinkSync(metricsFile(place.root))).toBe(file);
    expect(readMetrics(place.root)).toBeNull();
  });

  test('a link in the place of the temporary or of the lock is not written through', async () => {
    const place = emptyPlace();
    const file = `${temporaryDirectory()}/victim`;
    fs.writeFileSync(file, victim);
    fs.mkdirSync(telemetry(place));
    fs.symlinkSync(file, `${telemetry(place)}/.magds_backup.prom.new`);
    expect(await count(place, happens.pruned)).toBeNull();
    fs.rmSync(`${telemetry(place)}/.magds_backup.lock`);
    fs.symlinkSync(file, `${telemetry(place)}/.magds_backup.lock`);
    expect(await count(place, happens.pruned)).toBe(notWritten(place, 'a link, which is not followed'));
    expect(fs.readFileSync(file, 'utf8')).toBe(victim);
  });

  test('a link in the place of the directory', async () => {
    const place = emptyPlace();
    const elsewhere = temporaryDirectory();
    fs.symlinkSync(elsewhere, telemetry(place));
    expect(await count(place, happens.pruned)).toBe(
      notWritten(
        place,
        `${telemetry(place)} is a link or a file, where a directory belongs: move it away. Nothing was changed.`,
      ),
    );
    expect(fs.readdirSync(elsewhere)).toEqual([]);
    expect(readMetrics(place.root)).toBeNull();
  });

  test('a directory, and a pipe, which nobody waits at', async () => {
    const place = emptyPlace();
    fs.mkdirSync(metricsFile(place.root), {recursive: true});
    expect(await count(place, happens.pruned)).toBe(
      notWritten(place, 'it is a directory, not a file: move it away'),
    );
    fs.rmdirSync(metricsFile(place.root));
    makePipe(metricsFile(place.root));
    expect(await count(place, happens.pruned)).toBe(
      notWritten(place, 'it is a pipe (FIFO), not a file: move it away'),
    );
    expect(readMetrics(place.root)).toBeNull();
  });

  test.skipIf(!isRoot)('a directory that may not be written to is told (needs root)', async () => {
    const place = emptyPlace();
    await count(place, happens.pruned);
    fs.chmodSync(place.root, 0o755);
    const as = ['--reuid=65534', '--regid=65534', '--clear-groups', node, ...counting(place, '1')];
    const {code, stderr} = await execute('setpriv', as);
    expect(code).toBe(1);
    expect(stderr).toContain(notWritten(place, 'permission denied: run as its owner, or as root'));
    expect(pruned(place)).toBe(1);
  });

  test('no storage/ at all', async () => {
    const place = placeOf(temporaryDirectory());
    expect(await count(place, happens.pruned)).toBe(notWritten(place, 'not there'));
    expect(fs.readdirSync(place.root)).toEqual([]);
  });
});

describe('what is read', () => {
  test('is what was written', async () => {
    const place = emptyPlace();
    expect(readMetrics(place.root)).toBeNull();
    await count(place, happens.pruned);
    expect(readMetrics(place.root)).toBe(textOf(place));
  });

  test('does no harm to a terminal, and has an end', () => {
    const place = emptyPlace();
    fs.mkdirSync(telemetry(place));
    fs.writeFileSync(metricsFile(place.root), 'a\u001b[2Jb\r\n\u202e\n');
    expect(readMetrics(place.root)).toBe('a\\u{1b}[2Jb\\u{d}\n\\u{202e}\n');
    fs.writeFileSync(metricsFile(place.root), Buffer.alloc(300_000, 'x'));
    expect(readMetrics(place.root)).toBeNull();
  });
});
