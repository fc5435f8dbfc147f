import {spawn} from 'node:child_process';
import fs from 'node:fs';
import {expect, test, vi} from 'vitest';
import {findHolders, type Holder, stopCommand, unitOf} from '../../../source/engine/restore/holders.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

test.each<[string, string, Holder['unit']]>([
  ['cgroup v2', '0::/system.slice/php8.2-fpm.service\n', {name: 'php8.2-fpm.service', ofUser: false}],
  [
    'cgroup v1',
    '4:memory:/x\n1:name=systemd:/system.slice/nginx.service\n0::/\n',
    {name: 'nginx.service', ofUser: false},
  ],
  ['a part of a service', '0::/system.slice/php.service/workers\n', {name: 'php.service', ofUser: false}],
  [
    "a user's own",
    '0::/user.slice/user-1000.slice/user@1000.service/app.slice/queue.service\n',
    {name: 'queue.service', ofUser: true},
  ],
  ['a login', '0::/user.slice/user-1000.slice/session-3.scope\n', null],
  ["a user's manager alone", '0::/user.slice/user-1000.slice/user@1000.service/init.scope\n', null],
  ['a name that is none', '0::/system.slice/$(reboot).service\n', null],
  ['a terminal sequence', '0::/system.slice/\u001b[2Jx.service\n', null],
  ['nothing', '', null],
])('the service of a process: %s', (_, text, unit) => {
  expect(unitOf(text)).toEqual(unit);
});

test('how it is stopped', () => {
  const holder: Holder = {pids: ['1'], name: 'x', user: 'root', why: 'open', unit: null};
  const of = (name: string, ofUser = false) => stopCommand({...holder, unit: {name, ofUser}});
  expect(stopCommand(holder)).toBeNull();
  expect(of('php8.2-fpm.service')).toBe('systemctl stop php8.2-fpm.service');
  expect(of('queue.service', true)).toBe('systemctl --user stop queue.service');
  expect(of('a\\x2db.service')).toBe("systemctl stop 'a\\x2db.service'");
});

test('who has a live file open comes before who works in the root; we ourselves are none', async () => {
  const root = temporaryDirectory();
  const file = `${root}/tenants.json`;
  fs.writeFileSync(file, 'x');
  const inRoot = spawn('sleep', ['600'], {cwd: root, stdio: 'ignore'});
  const opener = spawn('bash', ['-c', `exec 9<${file}; exec sleep 600`], {cwd: '/', stdio: 'ignore'});
  try {
    await vi.waitFor(
      () => {
        const found = findHolders([file, `${root}/gone.json`], root).filter(({why}) => why !== 'php');
        expect(found.map(({pids, name, why}) => [pids, name, why])).toEqual([
          [[String(opener.pid)], 'sleep', 'open'],
          [[String(inRoot.pid)], 'sleep', 'root'],
        ]);
      },
      {timeout: 10_000, interval: 300},
    );
  } finally {
    inRoot.kill();
    opener.kill();
  }
});
