import fs from 'node:fs';
import {expect, test} from 'vitest';
import {contextOf, keyFingerprint} from '../../../source/engine/session/context.ts';
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
