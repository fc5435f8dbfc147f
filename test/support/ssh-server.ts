import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {freePort, isListening} from './slow-link.ts';

const sshd = '/usr/sbin/sshd';
/** The server does not start without it; where it runs as a service, it is there. */
const separation = '/run/sshd';

/** The server has to be allowed to become whoever logs in. */
export const canServe = fs.existsSync(sshd) && process.getuid?.() === 0;

export type SshServer = {
  port: number;
  /** A line of bash that logs in, to which what is to be run there is added. */
  login(port?: number): string;
  close(): void;
};

/** A real server on loopback, with keys of its own. */
export async function openSshServer(): Promise<SshServer> {
  const isOurs = fs.mkdirSync(separation, {recursive: true, mode: 0o755}) !== undefined;
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'magds-ssh-'));
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
  const server: ChildProcess = spawn(sshd, ['-D', '-f', '/dev/null', '-p', String(port), ...flags], {
    stdio: 'ignore',
  });
  for (let tries = 0; tries < 200 && !(await isListening(port)); tries++)
    await new Promise((resolve) => setTimeout(resolve, 25));
  return {
    port,
    login(at = port) {
      const client = `-p ${at} -i ${directory}/user -o IdentitiesOnly=yes -o StrictHostKeyChecking=no`;
      return `ssh -tt -q ${client} -o UserKnownHostsFile=/dev/null ${os.userInfo().username}@127.0.0.1`;
    },
    close() {
      server.kill();
      fs.rmSync(directory, {recursive: true, force: true});
      if (isOurs) fs.rmdirSync(separation);
    },
  };
}
