import {execFile, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';
import {contextOf, isUnnamed, keyFingerprint} from '../../../source/engine/session/context.ts';
import {contextSchema} from '../../../source/engine/session/context-schema.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

// As `ssh-keygen -l` shows this key.
const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
const fingerprint = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';

test('a key is named by its fingerprint, and what is no key by nothing', () => {
  expect(keyFingerprint(`publickey ssh-ed25519 ${key}\n`)).toBe(fingerprint);
  expect(keyFingerprint('password\n')).toBeNull();
  expect(keyFingerprint('')).toBeNull();
});

test('who is at work is told by what sshd and sudo say', async () => {
  const file = `${temporaryDirectory()}/auth`;
  fs.writeFileSync(file, `publickey ssh-ed25519 ${key}\n`);
  const {who} = await contextOf({
    SSH_CONNECTION: '10.0.4.7 51344 10.0.0.1 22',
    SSH_USER_AUTH: file,
    SUDO_USER: 'amira',
  });
  expect(who).toMatchObject({
    ssh_client: '10.0.4.7 port 51344',
    ssh_key: fingerprint,
    sudo_user: 'amira',
    shared_account: false,
  });
});

test('what the environment makes up is not believed', async () => {
  const {who} = await contextOf({
    SSH_CONNECTION: '10.0.4.7\u001b[2J 1 2 3',
    SSH_USER_AUTH: '/dev/zero',
    SUDO_USER: 'x'.repeat(1000),
  });
  expect(who).toMatchObject({ssh_client: null, ssh_key: null});
  expect(who.sudo_user).toHaveLength(200);
});

test('a context is what a record holds', async () => {
  const context = await contextOf({});
  expect(contextSchema.parse(context)).toEqual(context);
  expect(context.host.kernel).toMatch(/^Linux /);
});

test('a shared login is named by sudo, by a key, or by what its user typed', async () => {
  const file = `${temporaryDirectory()}/auth`;
  fs.writeFileSync(file, `publickey ssh-ed25519 ${key}\n`);
  for (const env of [{SUDO_USER: 'amira'}, {SSH_USER_AUTH: file}, {MAGDS_OPERATOR: ' Amira '}])
    expect(isUnnamed(env)).toBe(false);
  expect((await contextOf({MAGDS_OPERATOR: ' Amira '})).who.person).toBe('Amira');
  expect((await contextOf({MAGDS_OPERATOR: ' '})).who).not.toHaveProperty('person');
});

/** A real sshd that tells how one has come in, on a free port of this machine; `run` is run through it. */
async function throughSshd(run: string): Promise<{said: string; key: string}> {
  const directory = temporaryDirectory();
  const make = (name: string) =>
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${directory}/${name}`]);
  make('host');
  make('user');
  fs.copyFileSync(`${directory}/user.pub`, `${directory}/authorized`);
  fs.chmodSync(directory, 0o700);
  fs.mkdirSync('/run/sshd', {recursive: true});
  const server = net.createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const {port} = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  const config = {
    ListenAddress: `127.0.0.1:${port}`,
    HostKey: `${directory}/host`,
    AuthorizedKeysFile: `${directory}/authorized`,
    PidFile: 'none',
    ExposeAuthInfo: 'yes',
    StrictModes: 'no',
    UsePAM: 'no',
    PermitRootLogin: 'yes',
  };
  const file = `${directory}/config`;
  fs.writeFileSync(
    file,
    `${Object.entries(config)
      .map((each) => each.join(' '))
      .join('\n')}\n`,
  );
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', file], {stdio: ['ignore', 'ignore', 'pipe']});
  try {
    await once(sshd.stderr, 'data');
    const options = ['StrictHostKeyChecking=no', `UserKnownHostsFile=${directory}/known`, 'BatchMode=yes'];
    const args = ['-i', `${directory}/user`, '-p', String(port), ...options.flatMap((each) => ['-o', each])];
    const user = os.userInfo().username;
    const {stdout} = await promisify(execFile)('ssh', [...args, `${user}@127.0.0.1`, run]);
    const [, shown = ''] = execFileSync('ssh-keygen', ['-l', '-f', `${directory}/user.pub`], {
      encoding: 'utf8',
    }).split(' ');
    return {said: stdout, key: shown};
  } finally {
    sshd.kill();
  }
}

test.skipIf(process.getuid?.() !== 0 || !fs.existsSync('/usr/sbin/sshd'))(
  'a key that sshd tells of is the one that was used',
  async () => {
    const module = path.resolve('source/engine/session/context.ts');
    const script = `import('${module}').then((m) => m.contextOf(process.env)).then((c) => console.log(JSON.stringify(c.who)))`;
    const {said, key: used} = await throughSshd(
      `'${path.resolve('node_modules/node/bin/node')}' -e "${script}"`,
    );
    const who = JSON.parse(said) as Record<string, unknown>;
    expect(who['ssh_key']).toBe(used);
    expect(who['ssh_client']).toMatch(/^127\.0\.0\.1 port \d+$/);
  },
);
