import {spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {describe, expect, test, vi} from 'vitest';
import {metricsFile} from '../../../../source/engine/config/metrics-file.ts';
import {readMetrics} from '../../../../source/engine/events/metrics/metrics-place.ts';
import {openWriter} from '../../../../source/engine/retention/writer.ts';
import {isRoot} from '../../../support/faults.ts';
import * as happens from '../../../support/happenings.ts';
import {
  count,
  counting,
  emptyPlace,
  placeOf,
  prunedOf,
  samplesOf,
  telemetry,
  textOf,
  valuesOf,
} from '../../../support/metrics.ts';
import {environment, node} from '../../../support/program.ts';
import {execute} from '../../../support/run.ts';
import {temporaryDirectory} from '../../../support/temporary.ts';

const modeOf = (file: string) => (fs.statSync(file).mode & 0o7777).toString(8);

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

  test.each([
    ['in storage, where it is made', 'metrics/deep/kernel.prom', false],
    ['elsewhere, where it has to be', 'elsewhere/kernel.prom', true],
  ])("lies beside the kernel's own: %s", async (_, kernels, outside) => {
    const place = emptyPlace();
    const root = outside ? place.root : `${place.root}/storage`;
    const metrics = metricsFile(place.root, path.join(root, kernels));
    expect(metrics).toBe(path.join(root, path.dirname(kernels), 'magds_backup.prom'));
    if (outside) {
      const why = `the metrics ${metrics} were not written: not there`;
      expect(await count({...place, metrics}, happens.pruned)).toMatch(why);
      fs.mkdirSync(path.dirname(metrics));
    }
    const pruned = async () => {
      expect(await count({...place, metrics}, happens.pruned)).toBeNull();
      const samples = samplesOf(fs.readFileSync(metrics, 'utf8'));
      return samples.find(({name}) => name === 'magdb_backups_pruned_total')?.value ?? 0;
    };
    const once = await pruned();
    expect(once).toBeGreaterThan(0);
    expect(await pruned()).toBe(2 * once);
    expect(readMetrics(place.root, metrics)).toBe(fs.readFileSync(metrics, 'utf8'));
    expect(fs.existsSync(telemetry(place))).toBe(false);
    expect(readMetrics(place.root, metricsFile(place.root))).toBeNull();
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
    expect(prunedOf(place)).toBe(3);
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
    expect(prunedOf(place)).toBe(2);
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
      seen.add(prunedOf(place) as number);
      expect(textOf(place)).toMatch(/^# magds .*\n# EOF\n$/s);
      expect(await count(place, happens.completed())).toBeNull();
    }
    for (const outcome of await others) expect(outcome).toMatchObject({code: 0, stderr: ''});
    expect(prunedOf(place)).toBe(121);
    expect(seen.size).toBeGreaterThan(10);
  });

  test('so do those of one process', async () => {
    const place = emptyPlace();
    await Promise.all(Array.from({length: 20}, () => count(place, happens.pruned)));
    expect(prunedOf(place)).toBe(20);
  });

  test('one that is killed leaves a whole file, and the next goes on', async () => {
    const place = emptyPlace();
    await count(place, happens.pruned);
    for (let round = 0; round < 5; round++) {
      const before = prunedOf(place) as number;
      const child = spawn(node, counting(place, 'Infinity'), {env: environment, stdio: 'ignore'});
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await vi.waitFor(() => expect(prunedOf(place)).toBeGreaterThan(before + round), {
        timeout: 30_000,
        interval: 1,
      });
      child.kill('SIGKILL');
      await ended;
      const after = prunedOf(place) as number;
      expect(textOf(place)).toMatch(/\n# EOF\n$/);
      expect(await count(place, happens.pruned)).toBeNull();
      expect(prunedOf(place)).toBe(after + 1);
      expect(fs.readdirSync(telemetry(place)).sort()).toEqual(['.magds_backup.lock', 'magds_backup.prom']);
    }
  });

  test.each(['storage/telemetry', 'storage/deep/er', 'elsewhere'])(
    'what one that was killed has left in %s goes with the next writer, but not while somebody writes',
    async (where) => {
      const place = emptyPlace();
      const directory = `${place.root}/${where}`;
      fs.mkdirSync(directory, {recursive: true});
      const metrics = `${directory}/magds_backup.prom`;
      expect(await count({...place, metrics}, happens.pruned)).toBeNull();
      const left = `${directory}/.magds_backup.prom.new`;
      const configuration = {metrics: {value: metrics, from: 'a test', problem: null}};
      const write = () => openWriter({...place, configuration, doing: 'a test'}).close();
      fs.writeFileSync(left, 'half');
      const lock = `${directory}/.magds_backup.lock`;
      const child = spawn('flock', [lock, 'sh', '-c', 'echo; read x'], {stdio: ['pipe', 'pipe', 'ignore']});
      await new Promise((resolve) => child.stdout.once('data', resolve));
      write();
      expect(fs.existsSync(left)).toBe(true);
      child.stdin.end('\n');
      await new Promise((resolve) => child.once('exit', resolve));
      write();
      expect(fs.readdirSync(directory).sort()).toEqual(['.magds_backup.lock', 'magds_backup.prom']);
    },
  );

  test('another one that keeps the lock is waited for, once, and told', async () => {
    const place = emptyPlace();
    await count(place, happens.pruned);
    const file = `${telemetry(place)}/.magds_backup.lock`;
    const child = spawn('flock', [file, 'sh', '-c', 'echo; read x'], {stdio: ['pipe', 'pipe', 'ignore']});
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const told = `the metrics ${metricsFile(place.root)} were not written: process ${child.pid} (flock) of ${os.userInfo().username} has held its lock for 5 seconds (see what it does, and stop it: kill ${child.pid})`;
    expect(await count(place, happens.pruned)).toBe(told);
    const began = performance.now();
    for (let more = 0; more < 10; more++) expect(await count(place, happens.pruned)).toBe(told);
    expect(performance.now() - began).toBeLessThan(5000);
    child.stdin.end('\n');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(prunedOf(place)).toBe(1);
  });
});
