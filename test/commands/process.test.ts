import fs from 'node:fs';
import {expect, test} from 'vitest';
import {commands} from '../../source/commands/all.ts';
import {backup, rootWith} from '../support/php-config.ts';
import {magdsProcess} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

/** Other tests run commands inside their own process, which would hide one that never ends, or ends before it has spoken. */
test('every command ends by itself, once it has said something', async () => {
  const root = rootWith({
    'config/base/magds.php': backup({datasets: [{name: 'tenants', source: 'storage/tenants.json'}]}),
    'storage/tenants.json': '{}',
  });
  expect(await magdsProcess(['backup', 'run', '--root', root])).toMatchObject({code: 0, stderr: ''});
  const [id = ''] = fs.readdirSync(`${root}/storage/backups`);
  fs.writeFileSync(`${root}/storage/tenants.json`, '{"changed": 1}');
  const file = () => fs.globSync(`${root}/storage/runbook/evidence/*.md`)[0] ?? '';
  const population = `${root}/population`;
  fs.writeFileSync(population, `${root}\n`);
  const into = `${temporaryDirectory()}/tenants.json`;
  const all: [command: string, args: () => string[], code: number | null][] = [
    ['backup list', () => [], 0],
    ['backup show', () => [id], 0],
    ['backup diff', () => [id], 4],
    ['backup extract', () => [id, 'tenants', `--to=${into}`], 0],
    ['backup finish', () => [id], 1],
    ['backup verify', () => [id, '--content'], 0],
    ['backup run', () => ['--dry-run'], 0],
    ['backup prune', () => ['--dry-run'], 0],
    ['backup pin', () => [id, '--reason=audit'], 0],
    ['backup unpin', () => [id, `--yes=${id}`], 0],
    ['incident', () => ['--since=1h ago'], 0],
    ['restore status', () => [], 0],
    ['restore', () => [id, `--yes=${id}`], 0],
    ['session list', () => [], 0],
    ['session show', () => ['--live'], 0],
    ['session step', () => ['verified'], 0],
    ['session time', () => ['service-back', 'now'], 0],
    ['session close', () => ['--session=1', '--yes=1'], 1],
    ['evidence export', () => [], 0],
    ['evidence check', () => [file()], 0],
    ['evidence approve', () => [file()], 2],
    ['evidence timestamp', () => [file()], 2],
    ['evidence report', () => [`--population=${population}`, '--period=2026', file()], 3],
    ['activity', () => [], 0],
    // PHP would not boot with so little.
    ['config', () => [], 1],
    ['ops', () => [], 0],
    // It looks at the machine too.
    ['doctor', () => [], null],
    ['demo', () => [`${temporaryDirectory()}/demo`], 0],
    ['completion', () => ['bash'], 0],
  ];
  expect(all.map(([command]) => command).toSorted()).toEqual(Object.keys(commands).toSorted());
  for (const [command, args, code] of all) {
    // It makes a root of its own.
    const where = command === 'demo' ? [] : ['--root', root];
    const ended = await magdsProcess([...command.split(' '), ...args(), ...where]);
    expect({command, ...ended}).toMatchObject({command, signal: null});
    expect(code === null ? [0, 1, 3] : [code], command).toContain(ended.code);
    expect(`${ended.stdout}${ended.stderr}`, command).toMatch(/\S+.*\n$/);
    expect(ended.stderr, command).not.toMatch(/inside this program|^ +at /m);
  }
});
