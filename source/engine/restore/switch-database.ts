import {connectionName} from '../postgres/connection.ts';
import {
  dropDatabase,
  endOurs,
  findDatabases,
  renameDatabase,
  type ServerDatabase,
} from '../postgres/databases.ts';
import {type Dress, dressStatements} from '../postgres/dress.ts';
import {writesIn} from '../postgres/live-rows.ts';
import {identifier} from '../postgres/quote.ts';
import type {Session} from '../postgres/session.ts';
import {countTables} from '../postgres/tables.ts';
import {
  applicationName,
  type DatabaseItem,
  markAside,
  marked,
  writtenName,
} from '../session/database-item.ts';
import {Stopped} from '../session/stopped.ts';
import {beside, type RestoreIdentity, within} from './reach.ts';
import type {Standing} from './switch.ts';

/** What the server has of one database of a restore, whatever each is called by now. */
type Found = {live: ServerDatabase | null; old: ServerDatabase | null; made: ServerDatabase | null};

/** One database of a restore, and the server that it is on. */
export type At = {by: RestoreIdentity; item: DatabaseItem};

/** A database that is called so is ours by its number, or, before that is known, by what it was made with. */
const isMade =
  ({new: put, staged}: DatabaseItem) =>
  ({oid, name, limit}: ServerDatabase): boolean =>
    put !== null && (put.oid === null ? name === staged && limit === put.mark : oid === put.oid);

export async function findOf(server: Session, item: DatabaseItem): Promise<Found> {
  const {name, staged, old, new: put} = item;
  const oids = [old?.oid, put?.oid].flatMap((oid) => oid ?? []);
  const all = await findDatabases(server, {oids, names: [name, staged]});
  return {
    live: all.find((each) => each.name === name) ?? null,
    old: all.find(({oid}) => oid === old?.oid) ?? null,
    made: all.find(isMade(item)) ?? null,
  };
}

/** What is live, going by the numbers that the server gives its databases; `written`: another one than we know. */
export function standingIn({old, new: put, aside}: DatabaseItem, found: Found): Standing {
  const {live, made} = found;
  if (put === null ? live === null && found.old?.name === aside : live !== null && live.oid === made?.oid)
    return 'new';
  return (live?.oid ?? null) === (old?.oid ?? null) ? 'old' : 'written';
}

/** Whether somebody has written to what was loaded since. @throws Problem where it cannot be looked at */
export async function isWrittenSince({by, item}: At): Promise<boolean> {
  const {reached, name, new: put} = item;
  // What an earlier restore has put aside is put aside again on the way back: nothing of it is lost.
  if (!put?.load || put.writes === null) return false;
  const {writes, load} = put;
  return within(by, reached, name, async (session) => {
    const now = await writesIn(session);
    if (now >= BigInt(writes)) return now > BigInt(writes);
    // After a crash the server counts from the start: the rows tell.
    const rows = load.rows ?? {};
    const counted = await countTables(session, Object.keys(rows));
    return counted === null || Object.entries(rows).some(([table, number]) => counted.get(table) !== number);
  });
}

/** Runs some statements, all or none. */
async function inTransaction(server: Session, statements: () => Promise<void>): Promise<void> {
  await server.run('BEGIN');
  try {
    await statements();
    await server.run('SET LOCAL synchronous_commit = on');
    await server.run('COMMIT');
  } catch (error) {
    // Where the server is gone, so is the transaction.
    await server.run('ROLLBACK').catch(() => {});
    throw error;
  }
}

const whose = ({root, host, session}: RestoreIdentity) => ({root, host, session});

/** What is put aside in each direction lets nobody in. */
const aside = ({by, item}: At, direction: 'forward' | 'back'): Dress =>
  marked(markAside(item, whose(by), direction));

/** What was written to lets nobody in, and is kept. */
const written = ({by, item}: At): Dress => marked({is: 'written', of: item.name, ...whose(by)});

type Move = {database: ServerDatabase; to: string; kept: Dress};

/**
 * Gives databases other names, all or none: in one transaction. Who is connected to them is ended.
 * @throws Stopped where one of them is not the one that was seen
 */
async function moveAll({by, item}: At, server: Session, moves: Move[]): Promise<void> {
  await beside(by, item.reached, (ending) =>
    inTransaction(server, async () => {
      for (const {database, to, kept} of moves) {
        await renameDatabase(server, ending, database, to);
        // The name has led to another one by then; from here on it is locked.
        const [renamed] = await findDatabases(server, {names: [to]});
        if (renamed?.oid !== database.oid)
          throw new Stopped(`database "${database.name}" has been replaced meanwhile`);
        for (const statement of dressStatements(to, kept)) await server.run(statement);
      }
    }),
  );
}

const appeared = ({item: {name}}: At): Stopped =>
  new Stopped(`database "${name}" is not the one it was: someone has made or renamed it meanwhile`);

/** Puts what is loaded in the place of what is live, which stays, under another name, and lets nobody in. May be done again. */
export async function switchDatabase(at: At, server: Session): Promise<void> {
  const {item} = at;
  const found = await findOf(server, item);
  const standing = standingIn(item, found);
  if (standing === 'new') return;
  if (standing === 'written') throw appeared(at);
  if (item.new !== null && found.made === null)
    throw new Stopped(`database "${item.staged}", which was to take its place, is gone`);
  await moveAll(at, server, [
    ...(found.old === null ? [] : [{database: found.old, to: item.aside, kept: aside(at, 'forward')}]),
    ...(found.made === null || item.new === null
      ? []
      : [{database: found.made, to: item.name, kept: item.new}]),
  ]);
}

/** A kill has ended its removal halfway: nothing can be done with it but that. */
const isHalfGone = ({limit}: ServerDatabase): boolean => limit === -2;

/** Lets us into a database that lets nobody in; nobody is led to it by its name. */
async function letIn<Value>(server: Session, name: string, use: () => Promise<Value>): Promise<Value> {
  await server.run(`ALTER DATABASE ${identifier(name)} WITH ALLOW_CONNECTIONS true`);
  try {
    return await use();
  } finally {
    await server.run(`ALTER DATABASE ${identifier(name)} WITH ALLOW_CONNECTIONS false`);
  }
}

/** Removes what was loaded while it has the name that it was made with; what an earlier restore has put aside stays. */
export async function dropStaged({item}: At, server: Session): Promise<void> {
  const {made} = await findOf(server, item);
  if (item.new?.load && made?.name === item.staged) await dropDatabase(server, made);
}

/**
 * The same for what may have been live: what a client wrote in the last moment is counted only once that is ended.
 * @returns how it is called where it is kept for that; null where it is not
 */
async function dropUnwritten(at: At, server: Session): Promise<string | null> {
  const {item, by} = at;
  const {made} = await findOf(server, item);
  if (!item.new?.load || made?.name !== item.staged) return null;
  const renamed = {...at, item: {...item, name: item.staged}};
  if (isHalfGone(made) || !(await letIn(server, made.name, () => isWrittenSince(renamed)))) {
    await dropDatabase(server, made);
    return null;
  }
  const to = writtenName(item.name, by.session);
  await moveAll(at, server, [{database: made, to, kept: written(at)}]);
  return nameAt(item, to);
}

/**
 * Makes the live one the old one again, whatever was done so far. May be done again.
 * @returns how the new one is called where it was written to in the last moment, and is kept for that
 * @throws Stopped where someone has written to it since it was switched
 */
export async function switchDatabaseBack(at: At, server: Session): Promise<string | null> {
  const {item} = at;
  const found = await findOf(server, item);
  const standing = standingIn(item, found);
  const {made, old} = found;
  if (standing === 'written') throw appeared(at);
  if (standing === 'new') {
    if (item.old !== null && old === null)
      throw new Stopped(`database "${item.aside}", which kept the old one, is gone`);
    if (await isWrittenSince(at)) throw new Stopped(`${item.path} was written to since it was restored`);
    await moveAll(at, server, [
      ...(made === null
        ? []
        : [
            {
              database: made,
              to: item.staged,
              kept: aside(at, 'back'),
            },
          ]),
      ...(old === null || item.old === null ? [] : [{database: old, to: item.name, kept: item.old}]),
    ]);
  }
  return dropUnwritten(at, server);
}

/**
 * Makes the live one the new one, or the old one, although it is another one, or was written to: because the operator says
 * so. What is there now is kept under another name.
 * @returns how that is called; null where there was nothing
 */
export async function forceDatabase(
  at: At,
  server: Session,
  direction: 'forward' | 'back',
): Promise<string | null> {
  const {item, by} = at;
  const {live, old, made} = await findOf(server, item);
  const to = writtenName(item.name, by.session);
  const comes = direction === 'forward' ? made : old;
  const kept = direction === 'forward' ? item.new : item.old;
  await moveAll(at, server, [
    ...(live === null ? [] : [{database: live, to, kept: written(at)}]),
    ...(comes === null || kept === null ? [] : [{database: comes, to: item.name, kept}]),
  ]);
  await dropStaged(at, server);
  return live && nameAt(item, to);
}

/** How a database beside another one is called, for the operator. */
export const nameAt = ({reached}: DatabaseItem, database: string): string =>
  connectionName({...reached, database});

/** Whether someone has written to what is kept of the old one after it was saved: that is nowhere else. */
export async function isLate(at: At, server: Session): Promise<boolean> {
  const {item, by} = at;
  const {old} = await findOf(server, item);
  if (old?.name !== item.aside || isHalfGone(old) || !item.old || item.old.writes === null) return false;
  const now = await letIn(server, item.aside, () => within(by, item.reached, item.aside, writesIn));
  return now !== BigInt(item.old.writes);
}

/** Removes the old one, which is not live any more. */
export async function dropOld({item}: At, server: Session): Promise<void> {
  const {old} = await findOf(server, item);
  if (old?.name === item.aside) await dropDatabase(server, old);
}

/** A session beside the databases, once nothing that a kill has left of the restore is at work on the server. */
export const alone = <Value>({by, item}: At, use: (server: Session) => Promise<Value>): Promise<Value> =>
  beside(by, item.reached, async (server) => {
    await endOurs(server, applicationName(by));
    return use(server);
  });
