import {shellWord} from '../base/shell-word.ts';
import {identifier, literal} from '../postgres/quote.ts';
import type {DatabaseItem} from './database-item.ts';
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

/** One statement for psql, which may be run again. */
function databaseCommand(
  {reached, name, staged, aside, old, new: put}: DatabaseItem,
  direction: 'back' | 'forward',
): string {
  const [live, made, kept] = [name, staged, aside].map(identifier);
  const is = (oid: number | null | undefined, called: string): string =>
    `EXISTS (SELECT FROM pg_database WHERE oid = ${oid ?? 0} AND datname = ${literal(called)})`;
  const [comes, goes] = direction === 'forward' ? [put, old] : [old, put];
  const [from, to] = direction === 'forward' ? [made, kept] : [kept, made];
  const waits = comes ? is(comes.oid, direction === 'forward' ? staged : aside) : is(goes?.oid, name);
  const body = [
    `BEGIN IF ${waits} THEN PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${literal(name)}`,
    ...(goes ? [`IF ${is(goes.oid, name)} THEN ALTER DATABASE ${live} RENAME TO ${to}`, 'END IF'] : []),
    ...(comes
      ? [
          `ALTER DATABASE ${from} RENAME TO ${live}`,
          `ALTER DATABASE ${live} ALLOW_CONNECTIONS ${comes.allows}`,
        ]
      : []),
    'END IF',
    'END',
  ].join('; ');
  const {service, host, port, user, sslmode, passfile} = reached;
  const said = {
    PGSERVICE: service,
    PGHOST: host,
    PGPORT: port,
    PGUSER: user,
    PGSSLMODE: sslmode,
    PGPASSFILE: passfile,
  };
  const where = Object.entries(said).flatMap(([variable, value]) =>
    value === undefined ? [] : [`${variable}=${shellWord(String(value))} `],
  );
  return `${where.join('')}psql -X -d postgres -c ${shellWord(`DO ${literal(body)}`)}`;
}

/** Shell commands that make all live files the old ones, or the new ones, where this program cannot (RESTORE.md). */
export const byHand = (journal: Journal, direction: 'back' | 'forward'): string[] => [
  ...(journal.databases ?? []).map((item) => databaseCommand(item, direction)),
  ...journal.items.flatMap((item) => commandsFor(item, direction)),
  'sync',
];
