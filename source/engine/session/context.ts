import {createHash} from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import {fileURLToPath} from 'node:url';
import {readSmallFile} from '../base/files.ts';
import {userName} from '../base/owner.ts';
import {runTool} from '../base/run-tool.ts';
import {programName} from '../base/version.ts';
import type {EvidenceContext} from './context-schema.ts';
import {personName} from './owner.ts';

type Clock = EvidenceContext['host']['clock'];

/** Seconds that a question to the clock's keeper may take. */
const patience = 1;
const largest = 64 * 1024;
/** Characters of what the environment says that are kept. */
const longest = 200;

const short = (text: string | undefined): string | null => text?.slice(0, longest) || null;

/** The first line of a small file that the system keeps; null where there is none. */
function lineOf(file: string): string | null {
  try {
    // Those in /proc have no size, and some are links.
    return short(fs.readFileSync(file).toString('utf8').split('\n', 1)[0]?.trim());
  } catch {
    // Not every system has it, and who may not read it does not know: "not recorded".
    return null;
  }
}

/** Of a login's number, where the kernel keeps one: what runs from a timer has no login. */
function loginUid(): number | null {
  const text = lineOf('/proc/self/loginuid');
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

// Who came to be root by their own login can be told by that.
const isShared = (env: NodeJS.ProcessEnv, login: number | null): boolean =>
  process.getuid?.() === 0 && (login === null || login === 0) && !env['SUDO_USER'];

/** Whether the login is shared, and neither sudo nor an SSH key nor a word of their own names the person. */
export const isUnnamed = (env: NodeJS.ProcessEnv): boolean =>
  isShared(env, loginUid()) && sshKey(env) === null && personName(env) === null;

/** As `ssh-keygen -l` shows it, from what sshd wrote (`ExposeAuthInfo yes`): `publickey ssh-ed25519 AAAA...`. */
export function keyFingerprint(authInfo: string): string | null {
  const key = authInfo.match(/^publickey \S+ ([A-Za-z0-9+/]+={0,2})(?:\s|$)/m)?.[1];
  if (!key) return null;
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

function sshKey(env: NodeJS.ProcessEnv): string | null {
  const file = env['SSH_USER_AUTH'];
  const read = file?.startsWith('/') ? readSmallFile(file, largest) : null;
  return read && 'data' in read ? keyFingerprint(read.data.toString('utf8')) : null;
}

/** `10.0.4.7 port 51344`, of sshd's `10.0.4.7 51344 10.0.0.1 22`. */
function sshClient(env: NodeJS.ProcessEnv): string | null {
  const [, address, port] =
    (env['SSH_CONNECTION'] ?? '').match(/^([0-9a-f.:]{2,45}(?:%[\w.-]{1,16})?) (\d{1,5}) /i) ?? [];
  return address ? `${address} port ${port}` : null;
}

function terminalOf(env: NodeJS.ProcessEnv): string | null {
  try {
    const at = fs.readlinkSync('/proc/self/fd/0');
    if (/^\/dev\/(pts\/\d+|tty\w*|console)$/.test(at)) return at;
  } catch {
    // Without /proc, what sshd says has to do.
  }
  return short(env['SSH_TTY']);
}

/** What a program says; null where it is missing, fails, or takes long: "not recorded". */
async function run(file: string, args: string[]): Promise<string | null> {
  const ended = await runTool(file, args, {seconds: patience});
  return ended.state === 'ended' && ended.code === 0 ? ended.stdout.toString() : null;
}

/** Whether the clock is kept right, and by whom, as chrony or systemd say; asked only where they run. */
export async function clockOf(): Promise<Clock> {
  if (fs.existsSync('/run/chrony')) {
    const csv = (await run('chronyc', ['-c', '-n', 'tracking']))?.trim().split(',');
    // Reference, its name, stratum, time, offset of the system's clock in seconds, …, leap status.
    if (csv && csv.length >= 14) {
      const offset = Number(csv[4]);
      return {
        synchronised: csv[13] !== 'Not synchronised',
        offset_seconds: Number.isFinite(offset) ? offset : null,
        source: short(`chrony ${csv[1] ?? ''}`.trim()),
      };
    }
  }
  if (fs.existsSync('/run/systemd/system')) {
    const said = await run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value']);
    const answer = said?.trim();
    if (answer === 'yes' || answer === 'no')
      return {synchronised: answer === 'yes', offset_seconds: null, source: 'systemd'};
  }
  return {synchronised: null, offset_seconds: null, source: null};
}

function osName(): string | null {
  const read = readSmallFile('/usr/lib/os-release', largest);
  const text = 'data' in read ? read.data.toString('utf8') : '';
  return short(text.match(/^PRETTY_NAME="?([^"\n]*)"?$/m)?.[1]);
}

let ownHash: string | null | undefined;

/** SHA-256 of the program's own file, which names those of its others; null where it does not run from one. */
function programHash(): string | null {
  if (ownHash === undefined) {
    try {
      const file = fs.realpathSync(fileURLToPath(import.meta.url));
      ownHash = createHash('sha256').update(fs.readFileSync(file)).digest('hex');
    } catch {
      ownHash = null;
    }
  }
  return ownHash;
}

/**
 * Where, by whom and with what something is done at this moment (EVIDENCE.md, "Who" and "Where and with what"). What
 * the machine does not tell is null. Never throws.
 */
export async function contextOf(env: NodeJS.ProcessEnv): Promise<EvidenceContext> {
  const uid = process.getuid?.() ?? null;
  const login = loginUid();
  const person = personName(env);
  const clock = await clockOf();
  return {
    at: new Date().toISOString(),
    who: {
      login: userName(),
      uid,
      login_uid: login,
      sudo_user: short(env['SUDO_USER']),
      ssh_key: sshKey(env),
      ssh_client: sshClient(env),
      terminal: terminalOf(env),
      shared_account: isShared(env, login),
      ...(person !== null && {person}),
    },
    host: {
      name: os.hostname(),
      machine_id: lineOf('/etc/machine-id'),
      boot_id: lineOf('/proc/sys/kernel/random/boot_id'),
      os: osName(),
      kernel: short(`${os.type()} ${os.release()}`),
      clock,
    },
    program: {name: programName, runtime: `Node ${process.versions.node}`, sha256: programHash()},
  };
}
