import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {key} from '../support/key-codes.ts';
import {makeCatalog} from '../support/six-backups.ts';
import {temporaryDirectory} from '../support/temporary.ts';
import {eventually, isAlive, openTerminal} from '../support/terminal.ts';

const sshd = '/usr/sbin/sshd';
/** The server has to be allowed to become whoever logs in. */
const canServe = fs.existsSync(sshd) && process.getuid?.() === 0;
/** The server does not start without it; where it runs as a service, it is there. */
const separation = '/run/sshd';

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const {port} = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });

describe.skipIf(!canServe)('over real SSH', () => {
  let server: ChildProcess;
  let command = '';
  let isOurs = false;
  beforeAll(async () => {
    isOurs = fs.mkdirSync(separation, {recursive: true, mode: 0o755}) !== undefined;
    const directory = temporaryDirectory();
    for (const name of ['host', 'user'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${directory}/${name}`]);
    const port = await freePort();
    const options = {
      ListenAddress: '127.0.0.1',
      HostKey: `${directory}/host`,
      AuthorizedKeysFile: `${directory}/user.pub`,
      StrictModes: 'no',
      UsePAM: 'no',
      PermitRootLogin: 'prohibit-password',
      PidFile: 'none',
    };
    const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    server = spawn(sshd, ['-D', '-f', '/dev/null', '-p', String(port), ...flags], {stdio: 'ignore'});
    for (let tries = 0; tries < 200 && !(await isListening(port)); tries++)
      await new Promise((resolve) => setTimeout(resolve, 25));
    const client = `-p ${port} -i ${directory}/user -o IdentitiesOnly=yes -o StrictHostKeyChecking=no`;
    command = `ssh -tt -q ${client} -o UserKnownHostsFile=/dev/null ${os.userInfo().username}@127.0.0.1`;
  });
  afterAll(() => {
    server.kill();
    if (isOurs) fs.rmdirSync(separation);
  });

  test('windows, arrows that come in pieces, and a client that is killed', async () => {
    const {root, ids} = makeCatalog();
    const pidFile = `${temporaryDirectory()}/pid`;
    const session = await openTerminal([], {
      columns: 100,
      rows: 30,
      shell: `exec ${command} "echo \\$\\$ > ${pidFile}; exec $MAGDS --root ${root}"`,
    });
    await session.waitForSelected(ids[0] as string);
    const [before = ''] = session.screen();
    session.resize(80, 24);
    await session.waitFor((lines) => lines.length === 24 && /q quit/.test(lines[23] ?? ''));
    expect(session.screen()[0]).not.toBe(before);
    for (const piece of key.down) {
      session.keys(piece);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await session.waitForSelected(ids[1] as string);
    // A terminal answers a question that somebody else has asked.
    session.keys('\u001b]11;rgb:ffff/ffff/ffff\u0007');
    session.keys('j');
    await session.waitForSelected(ids[2] as string);
    expect(session.screen()[0]).toMatch(/^ magds > Backups /);
    const pid = Number(fs.readFileSync(pidFile, 'utf8'));
    expect(isAlive(pid)).toBe(true);
    session.pty.kill('SIGKILL');
    expect(await eventually(() => !isAlive(pid))).toBe(true);
  });
});
