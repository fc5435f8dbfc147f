import {escapeText} from '../engine/base/escape.ts';
import {hooksDueText} from '../engine/storage/runbook/hooks-due.ts';
import type {Tidied} from '../engine/storage/runbook/unfinished.ts';

/** Says on stderr what others had left unfinished. */
export function tellTidied({names, left, hooksDue}: Tidied): void {
  const lines = [
    ...(names.length > 0 ? [`Tidied up after a writer that was killed: ${names.join(', ')}`] : []),
    ...left.map(({name, reason}) => `${name} was left unfinished, and cannot be removed: ${reason}`),
    ...(hooksDue ? [`Beware: ${hooksDueText}; the next backup runs them.`] : []),
  ];
  for (const line of lines) process.stderr.write(`! ${escapeText(line)}\n`);
}
