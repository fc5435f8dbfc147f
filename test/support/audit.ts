import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {vi} from 'vitest';
import {Announcer} from '../../source/engine/events/announcer.ts';
import type {AuditLine} from '../../source/engine/events/log/audit-line.ts';
import {eventNames, type Happening, registry} from '../../source/engine/storage/events.ts';
import {anyText} from './arbitraries.ts';
import {temporaryDirectory} from './temporary.ts';
import {tidyAfterEach} from './tidy.ts';
import {arbitraryOf} from './zod-arbitrary.ts';

/** A root that has nothing but a storage directory, and where its audit log is. */
export function makeLogPlace(): {root: string; log: string} {
  const root = temporaryDirectory();
  fs.mkdirSync(`${root}/storage/logs`, {recursive: true});
  return {root, log: `${root}/storage/logs/audit.log`};
}

export const announcerFor = ({root, log}: {root: string; log: string}, env: NodeJS.ProcessEnv = {}) =>
  new Announcer({root, backups: `${root}/storage/backups`, auditLog: log}, env);

export const pruned = (id: string, reason = 'beyond the newest 2'): Happening => ({
  action: 'magdb.backup.pruned',
  payload: {id, reason},
});

/** The lines of a log; it has to be whole ones, each JSON. */
export function linesOf(log: string): AuditLine[] {
  const lines = fs.readFileSync(log, 'utf8').split('\n');
  if (lines.pop() !== '') throw new Error(`the last line of ${log} is torn`);
  return lines.map((line) => JSON.parse(line) as AuditLine);
}

/** What the audit log of a root tells: name and payload of each event, without what every event says. */
export function toldIn(root: string): {action: string; payload: Record<string, unknown>}[] {
  const log = `${root}/storage/logs/audit.log`;
  if (!fs.existsSync(log)) return [];
  return linesOf(log).map(({action, payload}) => {
    const {operator: _, host: _host, root: _root, program: _program, timestamp: _time, ...own} = payload;
    return {action, payload: own};
  });
}

export const actionsIn = (root: string): string[] => toldIn(root).map(({action}) => action);

/** Whatever an event may say; of seconds what a clock gives. */
export const anyHappening = (text: fc.Arbitrary<string> = anyText): fc.Arbitrary<Happening> =>
  fc.oneof(
    ...eventNames.map((action) =>
      arbitraryOf(registry[action].fields as never, text)
        .filter((payload) => registry[action].fields.safeParse(payload).success)
        .filter((payload) => {
          const {seconds} = payload as {seconds?: number | null};
          return typeof seconds !== 'number' || seconds < 1e9;
        })
        .map((payload) => ({action, payload}) as Happening),
    ),
  );

const holders = new Set<ChildProcess>();
tidyAfterEach(() => {
  for (const holder of holders) holder.kill('SIGKILL');
  holders.clear();
});

/** Another process that holds the lock of a file which is there, until it is let go. */
export async function holdLock(file: string, uid?: number): Promise<{letGo: () => void; pid: number}> {
  const gate = temporaryDirectory();
  execFileSync('mkfifo', [`${gate}/pipe`]);
  fs.chmodSync(gate, 0o777);
  fs.chmodSync(`${gate}/pipe`, 0o666);
  // What waits at the pipe has the file open, and with it the lock.
  const script = 'exec 9<"$1"; flock -x 9; : >"$2/held"; exec cat "$2/pipe"';
  const child = spawn('bash', ['-c', script, 'bash', file, gate], {
    stdio: 'ignore',
    ...(uid !== undefined && {uid, gid: uid}),
  });
  holders.add(child);
  await vi.waitFor(
    () => {
      if (!fs.existsSync(path.join(gate, 'held'))) throw new Error('the lock is not held yet');
    },
    {timeout: 10_000, interval: 5},
  );
  return {letGo: () => void child.kill('SIGKILL'), pid: child.pid as number};
}

/** Waits until a process of ours waits for a lock: flock(1) is a child of it, or of what it has started. */
export const lockAwaited = (file: string): Promise<void> =>
  vi.waitFor(
    () => {
      const {ino} = fs.statSync(file);
      // `1: -> FLOCK  ADVISORY  WRITE 4711 fe:01:1234 0 EOF` is one that waits.
      const waits = fs
        .readFileSync('/proc/locks', 'utf8')
        .split('\n')
        .some((line) => line.includes('->') && line.includes(`:${ino} `));
      if (!waits) throw new Error('nobody waits for the lock');
    },
    {timeout: 10_000, interval: 5},
  );
