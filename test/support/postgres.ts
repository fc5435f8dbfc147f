import {type ChildProcess, execFileSync, spawn, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {inject} from 'vitest';
import type {Connection} from '../../source/engine/postgres/connection.ts';
import {tidyAfterFile} from './tidy.ts';

/** The newest server that is installed; Debian puts it where it is on no PATH. */
const bin =
  fs
    .globSync('/usr/lib/postgresql/*/bin/initdb')
    .map((file) => path.dirname(file))
    .toSorted((a, b) => Number(a.split('/').at(-2)) - Number(b.split('/').at(-2)))
    .at(-1) ?? null;

/** Why there is no server for a test; null where there is. */
export const noServer: string | null =
  bin === null ? 'no PostgreSQL server is installed (Debian: postgresql)' : null;

/** A server refuses to run as root. */
const user = ((): {uid: number; gid: number} => {
  const uid = process.getuid?.() ?? 0;
  if (uid !== 0) return {uid, gid: process.getgid?.() ?? 0};
  const lines = fs.readFileSync('/etc/passwd', 'utf8').split('\n');
  const found = ['postgres', 'nobody']
    .map((name) => lines.find((line) => line.startsWith(`${name}:`)))
    .find((line) => line !== undefined)
    ?.split(':');
  return {uid: Number(found?.[2] ?? 65534), gid: Number(found?.[3] ?? 65534)};
})();

/** Nothing of whoever runs the tests leads elsewhere. */
const environment = {PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', TZ: 'UTC'};

function run(file: string, args: string[], input?: string): string {
  const {status, stdout, stderr, error} = spawnSync(`${bin}/${file}`, args, {
    ...user,
    cwd: '/',
    env: environment,
    input: input ?? '',
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
}

/**
 * Data of a server that has not run yet. To make them takes far longer than to copy them: that is done once for all files
 * of a run.
 */
function madeData(): string {
  const directory = inject('clusterTemplate');
  const made = `${directory}/data`;
  if (fs.existsSync(made)) return made;
  fs.chownSync(directory, user.uid, user.gid);
  const own = `${directory}/${process.pid}`;
  const encoding = ['-E', 'UTF8', '--locale=C.UTF-8', '--wal-segsize=1'];
  const locks = ['--auth-local=trust', '--auth-host=scram-sha-256'];
  run('initdb', ['-D', own, '-N', '-U', 'postgres', ...encoding, ...locks]);
  try {
    fs.renameSync(own, made);
  } catch (error) {
    // Another worker was faster; its data are as good, and the directory goes when the run is over.
    if (!fs.existsSync(made)) throw error;
  }
  return made;
}

export type ClusterOptions = {
  /** Whether it is made to last: a test that kills it needs that. */
  fsync?: boolean;
  /** Listens on 127.0.0.1 as well, where it asks for a password. */
  tcp?: boolean;
  /** Beside those of `postgresql.conf`. */
  settings?: Record<string, string>;
};

/** A server of a test's own: on a socket in a temporary directory, where `postgres` is let in without a password. */
export class Cluster {
  readonly directory: string;
  readonly data: string;
  /** The directory of its socket. */
  readonly socket: string;
  readonly port: number;
  readonly bin = bin as string;

  constructor({fsync = false, tcp = false, settings = {}}: ClusterOptions) {
    this.directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'magds-pg-')));
    fs.chownSync(this.directory, user.uid, user.gid);
    this.socket = this.directory;
    this.data = `${this.directory}/data`;
    this.port = tcp ? freePort() : 5432;
    execFileSync('cp', ['-a', '--reflink=auto', madeData(), this.data], user);
    const all = {
      listen_addresses: tcp ? '127.0.0.1' : '',
      port: String(this.port),
      unix_socket_directories: this.socket,
      fsync: fsync ? 'on' : 'off',
      shared_buffers: '16MB',
      max_wal_size: '256MB',
      logging_collector: 'off',
      autovacuum: 'off',
      ...settings,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
    fs.appendFileSync(`${this.data}/postgresql.conf`, lines.join(''));
  }

  start(): void {
    const log = `${this.directory}/log`;
    try {
      run('pg_ctl', ['start', '-w', '-s', '-D', this.data, '-l', log]);
    } catch (error) {
      throw new Error(`${error}\n${fs.readFileSync(log, 'utf8')}`);
    }
  }

  /** @param how `immediate` is as if the power were cut */
  stop(how: 'fast' | 'immediate' = 'fast'): void {
    if (!fs.existsSync(`${this.data}/postmaster.pid`)) return;
    run('pg_ctl', ['stop', '-w', '-s', '-m', how, '-D', this.data]);
  }

  /** The number of the server's first process, for a test that kills it. */
  get pid(): number {
    return Number(fs.readFileSync(`${this.data}/postmaster.pid`, 'utf8').split('\n')[0]);
  }

  /** How a database of it is reached. */
  connection(database = 'postgres', more: Partial<Connection> = {}): Connection {
    return {host: this.socket, port: this.port, user: 'postgres', database, ...more};
  }

  /** What psql answers, without its last line break. All statements of one call are one transaction where `one` is set. */
  sql(statements: string, database = 'postgres', one = false): string {
    const where = ['-h', this.socket, '-p', String(this.port), '-U', 'postgres'];
    const name = `dbname='${database.replace(/[\\']/g, '\\$&')}'`;
    const how = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', ...(one ? ['-1'] : [])];
    return run('psql', [...how, ...where, '-d', name, '-f', '-'], statements).replace(/\n$/, '');
  }

  /** A client that connects to a database again and again, whatever happens to it. @returns its shell */
  visitor(database: string): ChildProcess {
    const command = `while :; do "${this.bin}/psql" -X -q -c 'SELECT pg_sleep(60)' >/dev/null 2>&1; done`;
    const env = {
      ...environment,
      PGHOST: this.socket,
      PGPORT: String(this.port),
      PGUSER: 'postgres',
      PGDATABASE: database,
    };
    return spawn('sh', ['-c', command], {env, stdio: 'ignore'});
  }

  /** Ends it and removes all of it. */
  remove(): void {
    try {
      this.stop('immediate');
    } finally {
      fs.rmSync(this.directory, {recursive: true, force: true});
    }
  }
}

function freePort(): number {
  const script =
    'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { process.stdout.write(String(s.address().port)); s.close(); })';
  return Number(execFileSync(process.execPath, ['-e', script], {encoding: 'utf8'}));
}

const running: Cluster[] = [];

tidyAfterFile(() => {
  for (const cluster of running.splice(0)) cluster.remove();
});

/** A server for the tests of one file; it is ended and removed after the last of them. */
export function startCluster(options: ClusterOptions = {}): Cluster {
  const cluster = new Cluster(options);
  running.push(cluster);
  cluster.start();
  return cluster;
}
