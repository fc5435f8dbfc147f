import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {expect} from 'vitest';
import {makeBackup, makeRoot, phpHash} from './backups.ts';
import {compiledProgram} from './compiled.ts';
import {canRunInProcess} from './in-process.ts';
import {backup, phpFile} from './php-config.ts';
import {node, program} from './program.ts';
import {execute, type Outcome} from './run.ts';
import {sweepOffset} from './sweep-offset.ts';
import {temporaryDirectory} from './temporary.ts';
import {verifyEvents} from './verifying.ts';

const runs = (file: string, ...args: string[]): boolean =>
  spawnSync(file, args, {stdio: 'ignore'}).status === 0;

export const isRoot = process.getuid?.() === 0;
/** Whether system calls can be watched and made to fail: containers often forbid it. */
export const canTrace = runs('strace', '-qq', '-o', '/dev/null', 'true');
/** Whether a mount namespace of one's own can be had. */
export const canMount = runs('unshare', '-m', 'sh', '-c', 'mount -t tmpfs -o size=64k none /mnt');

/** Ids of backups that a root had before, oldest first. */
export const oldIds = [
  '20260101_010000',
  '20260102_010000_weekly',
  '20260103_010000',
  '20260104_010000_release',
] as const;

export const rowsInWal = 100;

/**
 * A small root: two files, a database whose rows lie in its WAL only, and old backups.
 * @param old how many of `oldIds` there are
 */
export function makeSmallRoot(options: {old: number; maxCount: number}): {root: string; backups: string} {
  const {root, backups} = makeRoot();
  const data = path.join(root, 'storage/data');
  fs.mkdirSync(data, {recursive: true});
  fs.mkdirSync(path.join(root, 'config/base'), {recursive: true});
  // The kernel has them from its first start on.
  for (const name of ['logs', 'telemetry']) fs.mkdirSync(path.join(root, 'storage', name));
  const datasets = ['tenants.json', 'ledger.sqlite', 'settings.json'].map((file) => ({
    name: path.parse(file).name,
    source: `storage/data/${file}`,
  }));
  fs.writeFileSync(
    path.join(root, 'config/base/magds.php'),
    phpFile(backup({datasets, retention: {max_count: options.maxCount}})),
  );
  fs.writeFileSync(path.join(data, 'tenants.json'), Buffer.alloc(300_000, 'a line of the tenants, '));
  fs.writeFileSync(path.join(data, 'settings.json'), '{"theme": "dark"}\n');
  leaveInWal(path.join(data, 'ledger.sqlite'), rowsInWal);
  for (const id of oldIds.slice(0, options.old)) {
    const content = `what ${id} holds`;
    makeBackup({
      backups,
      id,
      label: id.slice(16),
      datasets: datasets.map(({name}) => ({name, content})),
      recordedRoot: 'here',
    });
  }
  return {root, backups};
}

/** A database with its rows in the WAL, as a writer that was killed leaves it. */
export function leaveInWal(file: string, rows: number): void {
  const open = path.join(temporaryDirectory(), 'open.sqlite');
  const database = new DatabaseSync(open);
  database.exec(
    'PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t (n INTEGER PRIMARY KEY)',
  );
  database.exec('BEGIN');
  const insert = database.prepare('INSERT INTO t VALUES (?)');
  for (let n = 1; n <= rows; n++) insert.run(n);
  database.exec('COMMIT');
  // The last one to close it would tidy up.
  for (const end of ['', '-wal', '-shm']) fs.copyFileSync(open + end, file + end);
  database.close();
}

/** What a change of the live data would show. */
export function liveState(root: string): Record<string, string> {
  const data = path.join(root, 'storage/data');
  return Object.fromEntries(
    fs.readdirSync(data).map((name) => {
      const file = path.join(data, name);
      const {mode, uid, gid, ino, mtimeMs} = fs.statSync(file);
      const hash = phpHash('sha256', fs.readFileSync(file));
      return [name, `${mode} ${uid}:${gid} ${ino} ${mtimeMs} ${hash}`];
    }),
  );
}

/** A root that is what another one is. */
export function copyOf(template: string): {root: string; backups: string} {
  const root = temporaryDirectory();
  fs.cpSync(template, root, {recursive: true, preserveTimestamps: true});
  return {root, backups: path.join(root, 'storage/backups')};
}

/** Names in a directory; none where it is not there. */
export const namesIn = (directory: string): string[] =>
  fs.existsSync(directory) ? fs.readdirSync(directory).sort() : [];

/**
 * The ids in a backups directory, after having made sure that there is nothing else, and that each is whole: its
 * manifest reads, and its copies are what that says.
 */
export async function wholeBackups(backups: string): Promise<string[]> {
  const ids = namesIn(backups);
  if (ids.length === 0) return [];
  const built = ids.map((id) => ({...nothing, id, backups}));
  const last = (await verifyEvents(built)).at(-1);
  const results = last?.type === 'finished' ? last.results : [];
  expect(results.map(({id, result, reason}) => ({id, result, reason}))).toEqual(
    ids.map((id) => ({id, result: 'passed', reason: null})),
  );
  return ids;
}

const nothing = {directory: '', manifestFile: '', manifest: '', copy: () => ''};

/** Nothing is left of a run, prune or pin that was killed, once the next one is over. */
export function expectTidy(root: string, ...more: string[]): void {
  const state = path.join(root, 'storage/runbook');
  expect(namesIn(path.join(state, 'building'))).toEqual([]);
  expect(namesIn(path.join(state, 'removing'))).toEqual([]);
  const known = ['building', 'held', 'last-run.json', 'lock', 'removing', 'version', ...more];
  expect(namesIn(state).filter((name) => !known.includes(name))).toEqual([]);
  expect(namesIn(path.dirname(state)).filter((name) => name.endsWith('.new'))).toEqual([]);
}

/** What a fault of a disk is called in the operator's words. */
export const errorWords: Record<string, RegExp> = {
  EIO: /I\/O error/,
  ENOSPC: /the disk is full/,
  EDQUOT: /the disk quota is used up/,
};

/** System calls that change files. */
export const changingCalls = [
  'rename',
  'unlink',
  'rmdir',
  'mkdir',
  'link',
  'fsync',
  'fdatasync',
  'write',
  'pwrite64',
  'ftruncate',
  'fchmod',
  'fchown',
  'utimensat',
];

/** With the spellings that other machines and libraries use. */
const spellings: Record<string, string> = {
  rename: 'rename,renameat,renameat2',
  unlink: 'unlink,unlinkat',
  mkdir: 'mkdir,mkdirat',
  link: 'link,linkat',
};

/** A system call of a trace: which thread's, and which of its calls of this kind it was, from 1. */
export type Traced = {thread: string; call: string; nth: number; text: string};

export type TraceOptions = {
  /** What happens to which call: `fsync:signal=KILL:when=3`. */
  inject?: string;
  calls: string[];
  /** Only calls on these paths. */
  paths?: string[];
  /** File that it reads as its standard input. */
  stdin?: string;
  /** Only its own calls, with the files that their descriptors are; what it starts is left alone. */
  own?: boolean;
  /** Beside what every run has. */
  env?: Record<string, string>;
  /** Bash that is run first, in a mount namespace of its own; its `$1` and so on. */
  mounts?: {script: string; args: string[]};
};

/** `magds` under strace: its outcome, and the calls that it made. */
export async function traced(
  args: string[],
  {inject, calls, paths = [], stdin, own, mounts, env: more = {}}: TraceOptions,
): Promise<Outcome & {calls: Traced[]}> {
  const log = path.join(temporaryDirectory(), 'trace');
  const spelt = (call: string) => spellings[call] ?? call;
  const command = [
    'strace',
    ...['-f', '-qq', '-o', log, '-e', `trace=${calls.map(spelt).join(',')}`],
    ...(own ? ['-y', '-b', 'execve'] : []),
    // What is not traced costs nothing then. strace cannot have it with -b, and sends no signal with it.
    ...(own || inject?.includes('signal=') ? [] : ['--seccomp-bpf']),
    ...(inject ? ['-e', `inject=${inject.replace(/^\w+/, spelt)}`] : []),
    ...paths.flatMap((each) => ['-P', each]),
    ...[node, program, ...args],
  ];
  const cache = canRunInProcess ? {XDG_CACHE_HOME: compiledProgram()} : {NODE_DISABLE_COMPILE_CACHE: '1'};
  const env = {UV_THREADPOOL_SIZE: '1', NODE_COMPILE_CACHE: '', ...cache, ...more};
  const outcome = await (mounts
    ? inNamespace(mounts.script, mounts.args, command, env)
    : run(command, env, stdin));
  return {...outcome, calls: readTrace(log)};
}

const run = ([file = '', ...args]: string[], env: Record<string, string>, stdin?: string): Promise<Outcome> =>
  execute(file, args, {env, ...(stdin === undefined ? {} : {stdin})});

/** Runs a command in a mount namespace of its own, after a script that mounts what is wanted. */
export const inNamespace = (
  script: string,
  args: string[],
  command: string[],
  env: Record<string, string> = {},
): Promise<Outcome> => {
  const shift = `set -e; ${script}; shift ${args.length}; exec "$@"`;
  return run(['unshare', '-m', 'bash', '-c', shift, 'bash', ...args, ...command], env);
};

function readTrace(log: string): Traced[] {
  const counts = new Map<string, number>();
  return fs
    .readFileSync(log)
    .toString('latin1')
    .split('\n')
    .flatMap((text) => {
      const [, thread = '', name = ''] = /^(\d+) +([a-z]\w*)\(/.exec(text) ?? [];
      if (name === '') return [];
      const call = name.replace(/^(rename|unlink|mkdir|link)at2?$/, '$1');
      const key = `${thread} ${name}`;
      const nth = (counts.get(key) ?? 0) + 1;
      counts.set(key, nth);
      return [{thread, call, nth, text}];
    });
}

/** How Node's threads wake each other. */
const isWakeUp = ({call, text}: Traced): boolean =>
  call === 'write' && /write\(\d+, ("\*", 1|"\\1(\\0){7}", 8)/.test(text);

export type Point = {call: string; nth: number};

/**
 * The points of a sweep: `when=` of strace counts each thread's calls of a kind, so each number that a thread got to is
 * one. Of the writes only those from where the first file is written to.
 */
export function pointsOf(calls: Traced[]): Point[] {
  return changingCalls.flatMap((call) => {
    const all = calls.filter((each) => each.call === call);
    const first = Math.min(...all.filter((each) => !isWakeUp(each)).map(({nth}) => nth));
    const last = Math.max(...all.map(({nth}) => nth));
    return Array.from({length: Math.max(0, last - first + 1)}, (_, index) => ({call, nth: first + index}));
  });
}

/** All points of every sweep. */
export const isFull = process.env['MAGDS_FULL_SWEEP'] === '1';

/** Milliseconds that a sweep has: what ends one in the middle shows nothing. */
export const sweepTime = isFull ? 6 * 3_600_000 : 1_800_000;

/** Added to the number of a point: which way out, or which error, it is tried with is another one with each commit too. */
export const sweepTurn = Math.floor(sweepOffset * 1000);

/** At most this many of them, evenly, others with each commit; all with MAGDS_FULL_SWEEP=1. */
export function sample<T>(items: T[], most: number): T[] {
  if (items.length === 0) throw new Error('There are no points: a sweep over nothing shows nothing.');
  if (isFull || items.length <= most) return items;
  const stretch = items.length / most;
  return Array.from({length: most}, (_, index) => items[Math.floor((index + sweepOffset) * stretch)] as T);
}

/** Says what a sweep did, and how the same points are tried again. */
export const saySweep = (text: string): void =>
  console.log(isFull ? text : `${text} (MAGDS_SWEEP_OFFSET=${sweepOffset} takes the same)`);

/** Does something with each of the items, a few at a time: much of a run is waiting for the disk. */
export async function forEach<T>(items: T[], action: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const consume = async (): Promise<void> => {
    for (const item of queue) await action(item);
  };
  // Nobody may still be at work in a directory that is about to be removed.
  const ends = await Promise.allSettled(Array.from({length: 8}, consume));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
