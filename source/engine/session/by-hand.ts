import {shellWord} from '../base/shell-word.ts';
import type {Journal, JournalItem} from './journal.ts';

function commandsFor(item: JournalItem, direction: 'back' | 'forward'): string[] {
  const target = [item.place.base, ...item.place.segments].join('/');
  const directory = target.slice(0, target.lastIndexOf('/'));
  const [temporary, aside] = [item.temporary, item.aside].map((name) => shellWord(`${directory}/${name}`));
  const [file] = [target].map(shellWord);
  if (direction === 'forward')
    return item.new ? [`[ ! -e ${temporary} ] || mv -fT ${temporary} ${file}`] : [`rm -f ${file}`];
  if (item.old.kind === 'absent') return [`rm -f ${file} ${temporary}`];
  // Of a file that was not switched both are names of the old one: mv would call that an error.
  return [
    `[ ! -e ${aside} ] || [ ${aside} -ef ${file} ] || mv -fT ${aside} ${file}`,
    `rm -f ${temporary} ${aside}`,
  ];
}

/** Shell commands that make all live files the old ones, or the new ones, where this program cannot (RESTORE.md). */
export const byHand = (journal: Journal, direction: 'back' | 'forward'): string[] => [
  ...journal.items.flatMap((item) => commandsFor(item, direction)),
  'sync',
];
