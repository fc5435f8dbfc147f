import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {flipBit} from '../support/backups.ts';
import {telemetry, textOf} from '../support/metrics.ts';
import {backupId, makeRestorable, type Restorable} from '../support/restores.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const hasAll = (...programs: string[]): boolean =>
  programs.every((each) => spawnSync(each, ['--version']).error === undefined);
const canExport = hasAll('prometheus-node-exporter');
const canWatch = canExport && hasAll('prometheus');

const running = new Set<ChildProcess>();
afterEach(async () => {
  for (const child of running) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  running.clear();
});

type Server = {url: string; log: () => string};

/** Starts a server of theirs at a free port that only this machine reaches. */
async function serve(program: string, args: string[]): Promise<Server> {
  const child = spawn(program, [...args, '--web.listen-address=127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  running.add(child);
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const port = await vi.waitUntil(() => /Listening on.*address=127\.0\.0\.1:(\d+)/.exec(log)?.[1], {
    timeout: 30_000,
  });
  return {url: `http://127.0.0.1:${port}`, log: () => log};
}

/** A root whose kernel has been running, and that has a backup. */
function makeSite(): Restorable {
  const site = makeRestorable();
  fs.mkdirSync(telemetry(site));
  fs.copyFileSync(path.join(import.meta.dirname, 'kernel.prom'), `${telemetry(site)}/metrics.prom`);
  return site;
}

const startExporter = (site: Restorable): Promise<Server> =>
  serve('prometheus-node-exporter', [
    '--collector.disable-defaults',
    '--collector.textfile',
    `--collector.textfile.directory=${telemetry(site)}`,
  ]);

const get = async (url: string): Promise<string> => (await fetch(url)).text();

/** Lines of a metric, as node_exporter says it. */
const linesOf = (text: string, name: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

const shared = [
  'magdb_backups_total',
  'magdb_last_backup_epoch',
  'magdb_restores_total',
  'magdb_last_restore_epoch',
];

describe.skipIf(!canExport)('a real node_exporter (needs the package prometheus-node-exporter)', () => {
  test("reads our file beside the kernel's, the metrics of one name included", async () => {
    const site = makeSite();
    expect(await site.command('backup', 'run')).toMatchObject({code: 0});
    const {url, log} = await startExporter(site);
    const text = await get(`${url}/metrics`);
    expect(linesOf(text, 'node_textfile_scrape_error')).toEqual(['node_textfile_scrape_error 0']);
    for (const file of ['metrics.prom', 'magds_backup.prom'])
      expect(text).toMatch(`node_textfile_mtime_seconds{file="${telemetry(site)}/${file}"}`);
    for (const name of shared)
      expect(linesOf(text, name)).toEqual([
        `${name} 0`,
        expect.stringMatching(`^${name}\\{root="${site.root}",tool="magds"\\} `),
      ]);
    expect(linesOf(text, 'magdb_backups_total')[1]).toMatch(/ 1$/);
    // What only one of them has.
    expect(linesOf(text, 'kernel_boot_time_ms')).toHaveLength(1);
    expect(linesOf(text, 'magdb_backups_present')).toHaveLength(7);
    expect(log()).not.toMatch(/level=error|error gathering/);
  });

  test.each([
    ['help text', 'HELP magdb_backups_total MagDB backups executed.', 'HELP magdb_backups_total Another.'],
    ['type', 'TYPE magdb_backups_total counter', 'TYPE magdb_backups_total gauge'],
  ])('with another %s it would drop one of the two: what is tested here can be seen', async (_, from, to) => {
    const site = makeSite();
    expect(await site.command('backup', 'run')).toMatchObject({code: 0});
    fs.writeFileSync(`${telemetry(site)}/magds_backup.prom`, textOf(site).replace(from, to));
    const {url, log} = await startExporter(site);
    expect(linesOf(await get(`${url}/metrics`), 'magdb_backups_total')).toHaveLength(1);
    expect(log()).toContain('error gathering metrics');
  });
});

type Alert = {labels: Record<string, string>; state: string};

/** Prometheus with the rules of the package, which wait for nothing. */
async function startPrometheus(exporter: string) {
  const directory = temporaryDirectory();
  const rules = fs.readFileSync(path.join(import.meta.dirname, '../../source/ops/magds.rules.yml'), 'utf8');
  fs.writeFileSync(`${directory}/rules.yml`, rules.replace(/^ *for: .*\n/gm, ''));
  const config = {
    global: {scrape_interval: '200ms', scrape_timeout: '200ms', evaluation_interval: '200ms'},
    rule_files: [`${directory}/rules.yml`],
    scrape_configs: [{job_name: 'node', static_configs: [{targets: [exporter.replace('http://', '')]}]}],
  };
  // JSON is YAML.
  fs.writeFileSync(`${directory}/prometheus.yml`, JSON.stringify(config));
  const {url} = await serve('prometheus', [
    `--config.file=${directory}/prometheus.yml`,
    `--storage.tsdb.path=${directory}/data`,
  ]);
  return {
    /** Names of the alerts about a root that fire. */
    firing: async (root: string): Promise<string[]> => {
      const {data} = JSON.parse(await get(`${url}/api/v1/alerts`)) as {data: {alerts: Alert[]}};
      return data.alerts
        .filter(({labels, state}) => labels['root'] === root && state === 'firing')
        .map(({labels}) => labels['alertname'] ?? '')
        .sort();
    },
    /** Labels and value of each series that an expression gives. */
    query: async (expression: string): Promise<[Record<string, string>, string][]> => {
      const {data} = JSON.parse(await get(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`)) as {
        data: {result: {metric: Record<string, string>; value: [number, string]}[]};
      };
      return data.result.map(({metric, value}) => [metric, value[1]]);
    },
  };
}

const patience = {timeout: 50_000, interval: 100};

describe.skipIf(!canWatch)(
  'a real Prometheus (needs the packages prometheus and prometheus-node-exporter)',
  () => {
    test('alerts of a flipped copy once that is verified', {timeout: 240_000}, async () => {
      const site = makeSite();
      // As PHP's cron made it last month; and one of ours, of today.
      const old = site.built;
      expect(old.id).toBe(backupId);
      expect(await site.command('backup', 'run')).toMatchObject({code: 0});
      const {url} = await startExporter(site);
      const {firing, query} = await startPrometheus(url);
      await vi.waitFor(
        async () => expect(await firing(site.root)).toEqual(['MagdsNoVerifiedBackup']),
        patience,
      );
      expect(
        (await query('magdb_backups_total')).map(([{tool = ''}, value]) => [tool, value]).sort(),
      ).toEqual([
        ['', '0'],
        ['magds', '1'],
      ]);

      expect(await site.command('backup', 'verify', '--all')).toMatchObject({code: 0});
      await vi.waitFor(async () => expect(await firing(site.root)).toEqual([]), patience);
      expect(await query('magdb_backups_present{state="verified"}')).toMatchObject([[{tool: 'magds'}, '2']]);

      flipBit(old.copy('tenants'));
      expect(await site.command('backup', 'verify', `--id=${old.id}`)).toMatchObject({code: 4});
      await vi.waitFor(async () => expect(await firing(site.root)).toEqual(['MagdsVerifyFailed']), patience);
      expect(await query('magdb_backup_verify_failed_total{tool="magds"}')).toMatchObject([[{}, '1']]);
    });
  },
);
