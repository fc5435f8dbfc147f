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
  const items = inOrder(changes(plan)).map((action, index) => itemOf(action, index, session));
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
