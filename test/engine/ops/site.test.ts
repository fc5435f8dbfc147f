import fs from 'node:fs';
import {expect, test} from 'vitest';
import {accountOf} from '../../../source/engine/base/owner.ts';
import {exampleSite, siteOf} from '../../../source/engine/ops/site.ts';
import {isRoot} from '../../support/faults.ts';
import {oddName, oddRoot} from '../../support/ops.ts';
import {phpFile} from '../../support/php-config.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const find = (cwd: string, options: {root?: string; env?: NodeJS.ProcessEnv} = {}) =>
  siteOf({root: options.root, environment: undefined, cwd, env: options.env ?? {}});
const me = accountOf({uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0});

test('where no root is in reach it is the example; one that is named has to be there', async () => {
  const empty = temporaryDirectory();
  expect(await find(empty)).toEqual({site: exampleSite, note: null});
  await expect(find(empty, {root: empty})).rejects.toMatchObject({exit: 10});
});

test('the root in reach, its audit log, and whom they belong to', async () => {
  const root = oddRoot();
  expect(await find(`${root}/storage/data`)).toEqual({
    site: {
      program: exampleSite.program,
      root,
      auditLog: `${root}/storage/logs/audit.log`,
      metrics: `${root}/storage/telemetry`,
      user: me.user,
      log: me,
    },
    note: null,
  });
  fs.writeFileSync(
    `${root}/config/base/security.php`,
    phpFile({
      security: {audit_log: {path: 'storage/trail.log'}},
      observability: {metrics: {file: '/var/metrics/kernel.prom'}},
    }),
  );
  expect((await find('/', {root})).site).toMatchObject({
    auditLog: `${root}/storage/trail.log`,
    metrics: '/var/metrics',
  });
});

test('behind a link it is called as the shell calls it', async () => {
  const root = oddRoot('releases-42');
  const current = `${temporaryDirectory()}/current`;
  fs.symlinkSync(root, current);
  const rootIn = async (env: NodeJS.ProcessEnv) => (await find(root, {env})).site.root;
  expect(await rootIn({PWD: current})).toBe(current);
  expect(await rootIn({PWD: '/'})).toBe(root);
  expect(await rootIn({PWD: `${current}/not-there`})).toBe(root);
  expect(await rootIn({PWD: 'current'})).toBe(root);
});

test.each([`it's`, 'a"b', 'a\\b', 'a*', 'a?', '[a]', '{a}', 'end ', 'a\u202eb', 'a\nb'])(
  'a root whose name is %j is left to the operator',
  async (name) => {
    const root = oddRoot(name);
    const {site, note} = await find(root);
    expect(site).toEqual(exampleSite);
    expect(note).toContain(`${root} has characters`);
  },
);

test('a name with other signs is no matter', async () => {
  expect((await find(oddRoot(oddName))).note).toBe(null);
});

test.skipIf(!isRoot)(
  "a log is renamed by whom its directory belongs to, and by root only in root's (needs root)",
  async () => {
    const root = oddRoot();
    const logs = `${root}/storage/logs`;
    const rotator = async () => (await find(root)).site.log;
    fs.writeFileSync(`${logs}/audit.log`, '');
    fs.chownSync(`${logs}/audit.log`, 54_321, 54_322);
    expect(await rotator()).toEqual({user: 'root', group: 'root'});
    fs.chownSync(logs, 54_321, 54_322);
    expect(await rotator()).toEqual({user: '54321', group: '54322'});
    // He has put a directory of root's there.
    fs.chownSync(logs, 0, 0);
    fs.chownSync(`${root}/storage`, 54_321, 54_322);
    expect(await rotator()).toEqual({user: '54321', group: '54322'});
    fs.rmSync(logs, {recursive: true});
    fs.symlinkSync('/etc', logs);
    expect(await rotator()).toEqual({user: '54321', group: '54322'});
  },
);

test('a log of which PHP alone knows where it is, and one that may not be looked at, are said', async () => {
  const root = oddRoot();
  const file = `${root}/config/base/security.php`;
  fs.writeFileSync(file, "<?php return ['security' => ['audit_log' => ['path' => tell()]]];");
  const unknown = await find(root);
  expect(unknown.site.auditLog).toBe(`${root}/storage/logs/audit.log`);
  expect(unknown.note).toBe('the path of the audit log cannot be told without running PHP: tell()');
  // A link in a circle.
  fs.symlinkSync('circle', `${root}/storage/circle`);
  fs.writeFileSync(file, phpFile({security: {audit_log: {path: 'storage/circle/in/audit.log'}}}));
  const circle = await find(root);
  expect(circle.site.log).toEqual(exampleSite.log);
  expect(circle.note).toContain(`whom ${root}/storage/circle/in/audit.log belongs to cannot be told`);
});
