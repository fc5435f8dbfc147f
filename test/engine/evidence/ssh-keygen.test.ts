import {execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {afterEach, describe, expect, test} from 'vitest';
import {madeBy, sign, signerOf, verifySignature} from '../../../source/engine/evidence/ssh-keygen.ts';
import {allow, hasSshKeygen, makeKey} from '../../support/evidence-files.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const {env} = process;
const before = {...env};
afterEach(() => {
  for (const name of ['PATH', 'SSH_AUTH_SOCK']) {
    const value = before[name];
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
});

const bytes = Buffer.from('what was restored\n');

/** A PATH with nothing but this `ssh-keygen`. */
function fakeKeygen(script: string | null): void {
  const directory = temporaryDirectory();
  if (script !== null) fs.writeFileSync(path.join(directory, 'ssh-keygen'), script, {mode: 0o755});
  env['PATH'] = directory;
}

const message = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: Error) => error.message,
  );

describe.skipIf(!hasSshKeygen)('with the real ssh-keygen (skipped where it is not installed)', () => {
  test('a key file signs, and says whose it is', async () => {
    const directory = temporaryDirectory();
    const key = makeKey(directory, 'alice');
    const signer = await signerOf(key);
    const [, fingerprint] = execFileSync('ssh-keygen', ['-lf', key], {encoding: 'utf8'}).split(' ');
    expect(signer).toEqual({fingerprint, principal: 'alice@example.org'});
    const signature = await sign(key, bytes);
    expect(await madeBy(bytes, signature)).toBe(fingerprint);
    expect(await madeBy(Buffer.from('something else\n'), signature)).toBeNull();
    const allowed = allow(directory, key);
    expect(await verifySignature(bytes, signature, allowed, 'alice@example.org')).toEqual(signer);
    expect(await verifySignature(bytes, signature, allowed, null)).toEqual(signer);
    fs.writeFileSync(`${directory}/m`, bytes);
    fs.writeFileSync(`${directory}/m.sig`, signature);
    execFileSync(
      'sh',
      [
        '-c',
        'ssh-keygen -Y verify -f allowed_signers -I alice@example.org -n restore-evidence@magds -s m.sig < m',
      ],
      {cwd: directory},
    );
  });

  test('whoever is not allowed, or is another one, is named', async () => {
    const directory = temporaryDirectory();
    const [alice, bob] = [makeKey(directory, 'alice'), makeKey(directory, 'bob')];
    const signature = await sign(alice, bytes);
    const allowed = allow(directory, bob);
    expect(await verifySignature(bytes, signature, allowed, null)).toEqual({
      reason: `its key is none of those in ${allowed}`,
    });
    expect(await verifySignature(bytes, signature, allowed, 'bob@example.org')).toMatchObject({
      reason: expect.stringMatching(/^it is not by bob@example\.org as .* allows it \(ssh-keygen: .+\)$/),
    });
  });

  test('a key without a comment has no principal', async () => {
    const directory = temporaryDirectory();
    expect((await signerOf(makeKey(directory, 'plain', ''))).principal).toBeNull();
  });

  test('a passphrase is never waited for without a terminal, and what to do is said', async () => {
    const directory = temporaryDirectory();
    const key = makeKey(directory, 'locked', 'locked', 'a secret');
    expect(await message(sign(key, bytes))).toBe(
      `--sign=${key}: nothing was signed: the key needs its passphrase, which was not given: put it into an agent ("ssh-add ${key}") and name the .pub.`,
    );
  });

  test("the .pub of an agent's key signs by the agent; without it, that is said", async () => {
    const directory = temporaryDirectory();
    const key = makeKey(directory, 'agent');
    const socket = `${directory}/socket`;
    const agent = spawn('ssh-agent', ['-D', '-a', socket], {stdio: ['ignore', 'pipe', 'ignore']});
    try {
      await new Promise<void>((resolve) => void agent.stdout.once('data', () => resolve()));
      env['SSH_AUTH_SOCK'] = socket;
      fs.renameSync(`${key}`, `${directory}/elsewhere`);
      expect(await message(sign(`${key}.pub`, bytes))).toBe(
        `--sign=${key}.pub: nothing was signed: the agent has no such key, and no private key lies beside it: "ssh-add" puts one in, "ssh-add -l" shows them.`,
      );
      execFileSync('ssh-add', ['-q', `${directory}/elsewhere`], {stdio: 'ignore'});
      const {fingerprint} = await signerOf(`${key}.pub`);
      expect(await madeBy(bytes, await sign(`${key}.pub`, bytes))).toBe(fingerprint);
    } finally {
      agent.kill();
    }
  });

  test('what is no key is said', async () => {
    const directory = temporaryDirectory();
    const file = path.join(directory, 'note');
    fs.writeFileSync(file, 'hello\n');
    expect(await message(signerOf(file))).toBe(
      `--sign=${file} is no key that ssh-keygen can read: ${file} is not a public key file.`,
    );
    expect(await message(signerOf(directory))).toBe(
      `--sign=${directory}: it is no file. Name a private key, or the .pub of an agent's key.`,
    );
    expect(await message(signerOf(`${file}x`))).toBe(
      `--sign=${file}x: not there. Name a private key, or the .pub of an agent's key.`,
    );
  });
});

test('that it is missing, too old, or signs nothing and says 0, is said', async () => {
  const key = path.join(temporaryDirectory(), 'key');
  fs.writeFileSync(key, '');
  fakeKeygen(null);
  expect(await message(sign(key, bytes))).toMatch(
    /^There is no ssh-keygen here: install OpenSSH 8\.2 or newer/,
  );
  fakeKeygen('#!/bin/sh\necho "unknown option -- Y" >&2; exit 1\n');
  expect(await message(sign(key, bytes))).toMatch(
    /^This ssh-keygen is too old to sign: install OpenSSH 8\.2/,
  );
  const print = `SHA256:${'a'.repeat(43)}`;
  fakeKeygen(`#!/bin/sh\n[ "$1" = -l ] && echo "256 ${print} x (ED25519)"; exit 0\n`);
  expect(await message(sign(key, bytes))).toBe(`--sign=${key}: nothing was signed: ssh-keygen says nothing.`);
  const armour = '-----BEGIN SSH SIGNATURE-----\\nAAAA\\n-----END SSH SIGNATURE-----\\n';
  const other = `SHA256:${'b'.repeat(43)}`;
  fakeKeygen(
    `#!/bin/sh\ncase "$1 $2" in -l*) echo "256 ${print} x (ED25519)";; *sign) printf -- '${armour}';; *) echo "Good x signature with ED25519 key ${other}";; esac\n`,
  );
  expect(await message(sign(key, bytes))).toBe(
    `--sign=${key}: what ssh-keygen gave is no signature by ${print} over these bytes. Nothing was kept of it.`,
  );
});

test('one that never ends is ended', async () => {
  const key = path.join(temporaryDirectory(), 'key');
  fs.writeFileSync(key, '');
  fakeKeygen('#!/bin/sh\nexec /bin/sleep 1000\n');
  const stop = new AbortController();
  const signing = message(sign(key, bytes, {signal: stop.signal}));
  stop.abort();
  expect(await signing).toBe('Cancelled. Nothing was signed or checked.');
});
