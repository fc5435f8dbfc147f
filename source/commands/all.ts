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
