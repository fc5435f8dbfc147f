import type {Command} from './command.ts';

/** @property workers hashing threads that may start before the arguments have been read: each takes as long as that */
type Line = {load(): Promise<{command: Command}>; workers?: number};

/** Every command by its words. Its file is loaded when it is called, or when all of them are told of. */
export const commands: Record<string, Line> = {
  'backup list': {load: () => import('./backup-list.ts')},
  'backup show': {load: () => import('./backup-show.ts')},
  'backup diff': {load: () => import('./backup-diff.ts'), workers: 2},
  // A second one would take the core that the arguments need.
  'backup extract': {load: () => import('./backup-extract.ts'), workers: 1},
  'backup finish': {load: () => import('./backup-finish.ts'), workers: 1},
  'backup verify': {load: () => import('./backup-verify.ts'), workers: 1},
  'backup run': {load: () => import('./backup-run.ts'), workers: 2},
  'backup prune': {load: () => import('./backup-prune.ts')},
  'backup pin': {load: () => import('./backup-pin.ts')},
  'backup unpin': {load: () => import('./backup-unpin.ts')},
  incident: {load: () => import('./incident.ts')},
  'restore status': {load: () => import('./restore-status.ts')},
  restore: {load: () => import('./restore.ts'), workers: 2},
  'session list': {load: () => import('./session-list.ts')},
  'session show': {load: () => import('./session-show.ts')},
  'session step': {load: () => import('./session-step.ts'), workers: 2},
  'session time': {load: () => import('./session-time.ts')},
  'session close': {load: () => import('./session-close.ts')},
  'evidence export': {load: () => import('./evidence-export.ts')},
  'evidence check': {load: () => import('./evidence-check.ts')},
  'evidence approve': {load: () => import('./evidence-approve.ts')},
  'evidence timestamp': {load: () => import('./evidence-timestamp.ts')},
  'evidence report': {load: () => import('./evidence-report.ts')},
  activity: {load: () => import('./activity.ts')},
  config: {load: () => import('./config.ts')},
  ops: {load: () => import('./ops.ts')},
  doctor: {load: () => import('./doctor.ts')},
  demo: {load: () => import('./demo.ts')},
  completion: {load: () => import('./completion.ts')},
};

/** A command's words, and what its file says of it. */
export type NamedCommand = {name: string; command: Command};

/** The command that words begin with; the longer name counts. */
export const nameOf = ([first = '', second = '']: string[]): string | null =>
  [`${first} ${second}`, first].find((name) => Object.hasOwn(commands, name)) ?? null;

export async function load(name: string): Promise<NamedCommand | null> {
  const line = commands[name];
  return line ? {name, command: (await line.load()).command} : null;
}

export const loadAll = (): Promise<NamedCommand[]> =>
  Promise.all(
    Object.entries(commands).map(async ([name, line]) => ({name, command: (await line.load()).command})),
  );
