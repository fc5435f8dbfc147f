import {randomUUID} from 'node:crypto';
import {connectionName} from '../postgres/connection.ts';
import {asideName, type DatabaseItem, stagedName} from '../session/database-item.ts';
import type {JournalItem} from '../session/journal.ts';
import {changes, type RestoreAction, type RestorePlan} from './action.ts';
import {safetyNameOf} from './safety.ts';

/** A file name has at most this many bytes on every file system that matters here. */
const longestName = 255;

/** Names for what lies beside a target while a session is open: they say whose they are where there is room. */
function besideName(name: string, session: number, index: number, end: 'new' | 'old'): string {
  const full = `.${name}.magds-${session}-${end}`;
  return Buffer.byteLength(full) <= longestName ? full : `.magds-${session}-${index}-${end}`;
}

function itemOf(action: RestoreAction, index: number, session: number): JournalItem {
  const {dataset, role, volatile, place, algorithm, live, liveHash, hash, bytes, copy, mode, owner} = action;
  if (!place || !live) throw new Error(`the plan of ${dataset} is not complete`);
  const name = place.segments.at(-1) as string;
  const item: JournalItem = {
    dataset,
    role,
    volatile,
    place,
    algorithm,
    old:
      live.kind === 'absent'
        ? live
        : {
            kind: 'file',
            stamp: live.stamp,
            hash: liveHash ?? '',
            mode: live.mode,
            uid: live.uid,
            gid: live.gid,
          },
    new:
      action.action === 'remove'
        ? null
        : {copy, hash, bytes, mode, ...(owner !== null && {owner}), stamp: null},
    temporary: besideName(name, session, index, 'new'),
    aside: besideName(name, session, index, 'old'),
    safety: null,
  };
  return item;
}

/**
 * What lies beside a database is taken away before it is switched, and put back after it: for a moment the database is
 * without what its journal held, but it never lies beside the journal of another one.
 */
function inOrder(actions: RestoreAction[]): RestoreAction[] {
  const beside = Map.groupBy(
    actions.filter(({role}) => role === 'sidecar'),
    ({dataset}) => dataset,
  );
  const ordered: RestoreAction[] = [];
  for (const action of actions) {
    if (action.role === 'sidecar') continue;
    const own = beside.get(action.dataset) ?? [];
    beside.delete(action.dataset);
    const goes = own.filter((each) => each.action === 'remove');
    ordered.push(...goes, action, ...own.filter((each) => !goes.includes(each)));
  }
  return [...ordered, ...[...beside.values()].flat()];
}

/** What a plan changes, as the journal records it. */
export function itemsOf(plan: RestorePlan, session: number): JournalItem[] {
  const files = changes(plan).filter(({database}) => !database);
  const items = inOrder(files).map((action, index) => itemOf(action, index, session));
  if (!plan.safety) return items;
  const taken = new Set(items.filter(({role}) => role === 'dataset').map(({dataset}) => dataset));
  return items.map((item) => {
    let name = safetyNameOf(item);
    if (name !== null && item.role === 'sidecar') {
      while (taken.has(name)) name = `${name}-beside`;
      taken.add(name);
    }
    return {...item, safety: name};
  });
}

/** What a database is made with, so that it is known from one of the same name that somebody else makes. */
const newMark = (): number => 1_000_000 + (Number.parseInt(randomUUID().slice(0, 8), 16) % 1_000_000_000);

function databaseItemOf(action: RestoreAction, session: number, safety: boolean): DatabaseItem[] {
  const {database, dataset, copy, algorithm, hash, bytes, dump} = action;
  if (dump?.scratch) {
    const {scratch: reached, database: name, rows} = dump;
    const put = {oid: null, mark: newMark(), allows: true, limit: -1, comment: null, writes: null};
    const staged = stagedName(name, session);
    return [
      {
        dataset,
        reached,
        path: connectionName({...reached, database: staged}),
        name,
        old: null,
        new: {...put, load: {copy, algorithm, hash, bytes, rows}},
        staged,
        aside: asideName(name, session),
        safety: null,
      },
    ];
  }
  if (!database) return [];
  const {reached, name, path, live, comes} = database;
  const kept = live ?? {allows: true, limit: -1, comment: null};
  const {allows, limit, comment} = kept;
  const put = {mark: newMark(), allows, limit, comment, writes: null};
  return [
    {
      dataset,
      reached,
      path,
      name,
      old: live && {oid: live.oid, allows, limit, comment, bytes: live.bytes, writes: null},
      new:
        comes === null
          ? null
          : comes.how === 'rename'
            ? {...put, oid: comes.oid, load: null}
            : {...put, oid: null, load: {copy, algorithm, hash, bytes, rows: comes.rows}},
      staged: comes?.how === 'rename' ? comes.database : stagedName(name, session),
      aside: asideName(name, session),
      safety: safety && live ? dataset : null,
    },
  ];
}

/** The databases that a plan changes, as the journal records them. */
export const databasesOf = (plan: RestorePlan, session: number): DatabaseItem[] =>
  changes(plan).flatMap((action) => databaseItemOf(action, session, plan.safety));
