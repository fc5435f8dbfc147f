import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {backup, phpFile} from './php-config.ts';
import {magds} from './run.ts';
import {temporaryDirectory} from './temporary.ts';

/** Why what needs a tool is skipped; null where the tool is there. */
export const whyNot = (tool: string, ...args: string[]): string | null =>
  spawnSync(tool, args.length > 0 ? args : ['--version']).error ? `no ${tool}` : null;

/** Signs that mean something to systemd, cron or a shell, and that all of them can hold. */
export const oddName = 'a b%z$x;(&)~#é';

/** An empty root of this name. */
export function oddRoot(name = oddName): string {
  const root = path.join(temporaryDirectory(), name);
  for (const each of ['config/base', 'storage/backups', 'storage/data', 'storage/logs'])
    fs.mkdirSync(path.join(root, each), {recursive: true});
  const datasets = [{name: 'tenants', source: 'storage/data/tenants.json'}];
  fs.writeFileSync(path.join(root, 'config/base/magds.php'), phpFile(backup({datasets})));
  fs.writeFileSync(path.join(root, 'storage/data/tenants.json'), '{"tenants": 3}\n');
  return root;
}

/** What `magds ops NAME` prints, in a root. */
export async function printed(name: string, root: string): Promise<string> {
  const {code, stdout, stderr} = await magds(['ops', name], {cwd: root});
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

/** Metrics that an expression asks for. */
export const metricsIn = (expression: string): string[] => [
  ...new Set(expression.match(/\b(?:magdb_\w+|ALERTS)\b/g) ?? []),
];

/** The metrics that a root's file has after a backup and its verification: all there are. */
export async function metricsThatExist(): Promise<string[]> {
  const root = oddRoot();
  for (const args of [
    ['backup', 'run'],
    ['backup', 'verify', '--all'],
  ]) {
    const {code, stderr} = await magds(args, {cwd: root});
    if (code !== 0) throw new Error(stderr);
  }
  const text = fs.readFileSync(path.join(root, 'storage/telemetry/magds_backup.prom'), 'utf8');
  return [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name as string);
}
