import {sharedPool} from '../engine/hashing/pool.ts';
import type {Command} from './command.ts';

export const commands: Command[] = [
  {
    words: ['backup', 'list'],
    operands: [],
    flags: [],
    summary: 'the backups, newest first, with what is known of each',
    load: async () => (await import('./list.ts')).list,
  },
  {
    words: ['backup', 'show'],
    operands: ['ID'],
    flags: [],
    summary: 'one backup: its manifest, copies and last verification',
    load: async () => (await import('./show.ts')).show,
  },
  {
    words: ['backup', 'verify'],
    operands: [],
    flags: ['id', 'all', 'maxAge'],
    summary: 'hash the copies again, compare, and record the result beside the backup',
    // A worker takes as long to start as the arguments to read.
    prepare: () => sharedPool().warm(2),
    load: async () => (await import('./verify.ts')).verify,
  },
  {
    words: ['backup', 'run'],
    operands: [],
    flags: ['label', 'dryRun', 'strict', 'breakLock'],
    summary: 'make a backup, whole or not at all, then let retention do its work',
    prepare: () => sharedPool().warm(2),
    load: async () => (await import('./backup-run.ts')).backupRun,
  },
  {
    words: ['backup', 'prune'],
    operands: [],
    flags: ['dryRun', 'breakLock'],
    summary: 'delete what retention does not keep; --dry-run says for each why it stays or goes',
    load: async () => (await import('./prune.ts')).pruneCommand,
  },
  {
    words: ['backup', 'pin'],
    operands: ['ID'],
    flags: ['reason', 'breakLock'],
    summary: "hold a backup where no retention reaches it, PHP's included",
    load: async () => (await import('./pin.ts')).pin,
  },
  {
    words: ['backup', 'unpin'],
    operands: ['ID'],
    flags: ['yes', 'breakLock'],
    summary: 'let it go again',
    load: async () => (await import('./pin.ts')).unpin,
  },
  {
    words: ['config'],
    operands: [],
    flags: ['markdown', 'schema'],
    summary: 'every effective value, where it came from, and what is wrong with it',
    load: async () => (await import('./config.ts')).config,
  },
  {
    words: ['demo'],
    operands: ['[DIR]'],
    flags: [],
    summary: 'make a root with a dozen backups in every state, and open the app on it if there is a terminal',
    load: async () => (await import('./demo.ts')).demo,
  },
];
