import {shellWord} from '../base/shell-word.ts';
import {conninfo} from '../postgres/connection.ts';
import {dressStatements} from '../postgres/dress.ts';
import {identifier, literal} from '../postgres/quote.ts';
import {type DatabaseItem, markAside, marked, type ServerAddress} from './database-item.ts';
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

/** @param statement null where it comes through a pipe */
function psql(
  {service, host, port, user, sslmode, passfile}: ServerAddress,
  statement: string | null,
): string {
  // What a service says would go before the environment.
  const where = conninfo({dbname: 'postgres', service, host, port, user, sslmode, passfile});
  return statement === null
    ? `psql -X -v ON_ERROR_STOP=1 -d ${shellWord(where)}`
    : `psql -X -d ${shellWord(where)} -c ${shellWord(statement)}`;
}

/** Drops what a drill has loaded, and nothing that another one has made under its name since. */
function dropCommand({reached, staged, new: put}: DatabaseItem): string {
  // Until its number is known, the limit tells whose it is.
  const known = put?.oid == null ? `datconnlimit = ${put?.mark ?? 0}` : `oid = ${put.oid}`;
  const which = `FROM pg_database d WHERE ${known} AND d.datname = ${literal(staged)}`;
  const sessions = `pg_stat_activity a WHERE a.datname = ${literal(staged)} AND EXISTS (SELECT ${which})`;
  const script = [
    `SELECT pg_terminate_backend(pid) FROM ${sessions};`,
    `SELECT ${literal(`DROP DATABASE ${identifier(staged)}`)} ${which} \\gexec`,
  ];
  return `printf '%s\\n' ${script.map(shellWord).join(' ')} | ${psql(reached, null)}`;
}

/** One statement for psql, which may be run again. */
function databaseCommand(
  item: DatabaseItem,
  {root, session, process: {host}}: Journal,
  direction: 'back' | 'forward',
): string {
  const {reached, name, staged, aside, old, new: put} = item;
  const is = (oid: number | null | undefined, called: string): string =>
    `EXISTS (SELECT FROM pg_database WHERE oid = ${oid ?? 0} AND datname = ${literal(called)})`;
  const rename = (from: string, to: string): string =>
    `ALTER DATABASE ${identifier(from)} RENAME TO ${identifier(to)}`;
  const [comes, goes] = direction === 'forward' ? [put, old] : [old, put];
  const [from, to] = direction === 'forward' ? [staged, aside] : [aside, staged];
  const waits = comes ? is(comes.oid, from) : is(goes?.oid, name);
  const left = marked(markAside(item, {root, session, host}, direction));
  const body = [
    `BEGIN IF ${waits} THEN PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${literal(name)}`,
    ...(goes
      ? [`IF ${is(goes.oid, name)} THEN ${rename(name, to)}`, ...dressStatements(to, left), 'END IF']
      : []),
    ...(comes ? [rename(from, name), ...dressStatements(name, comes)] : []),
    'END IF',
    'END',
  ].join('; ');
  return psql(reached, `DO ${literal(body)}`);
}

/** Shell commands that make all live files the old ones, or the new ones, where this program cannot (RESTORE.md). */
export const byHand = (journal: Journal, direction: 'back' | 'forward'): string[] => [
  ...(journal.databases ?? []).map((item) =>
    journal.drill ? dropCommand(item) : databaseCommand(item, journal, direction),
  ),
  ...journal.items.flatMap((item) => commandsFor(item, direction)),
  'sync',
];
