import {Problem} from '../base/problem.ts';
import type {DatabaseItem} from '../session/database-item.ts';
import type {Journal} from '../session/journal.ts';
import {locateCopy} from '../storage/manifest/copy-path.ts';
import type {Dataset} from '../storage/manifest/schema.ts';
import {type RestoreAction, refuse, unknownAction} from './action.ts';
import {askServer, databaseFactsOf, loadOf} from './ask-server.ts';
import {type Look, lookAtCopy} from './look.ts';
import {beside, identityOf} from './reach.ts';
import {findOf, isWrittenSince, standingIn} from './switch-database.ts';

type Subject = {
  look: Look;
  /** Of the safety backup, and its id. */
  directory: string;
  id: string;
  datasets: ReadonlyMap<string, Dataset>;
  checkCopies: boolean;
};

/** What the safety backup holds of it. */
async function saved(
  {look, directory, id, datasets, checkCopies}: Subject,
  item: DatabaseItem,
  base: RestoreAction,
): Promise<RestoreAction> {
  const dataset = datasets.get(item.safety ?? '');
  if (!dataset?.hash || dataset.flaw)
    return refuse(base, `${item.aside}, which kept the old one, is gone, and no safety backup holds it`);
  const located = locateCopy(dataset.backup ?? '', [id]);
  if ('unsafe' in located) return refuse(base, located.unsafe);
  const copy = lookAtCopy(directory, located.segments, look.copies);
  if ('reason' in copy) return refuse(base, copy.reason);
  const hash = dataset.hash.toLowerCase();
  const action = {...base, hash, copy: located.segments, bytes: copy.bytes};
  if (!checkCopies) return action;
  const checked = await look.hash(copy.place, copy.seen, base.algorithm);
  const isSame = !('reason' in checked) && checked.hash === hash;
  return isSame ? action : refuse(action, 'the copy in the safety backup is not what was saved');
}

/**
 * What takes one database of a restore back: the old one gets its name back while it is there, else it is loaded from
 * the safety backup; nothing is changed.
 */
export async function undoDatabase(
  subject: Subject,
  journal: Journal,
  item: DatabaseItem,
): Promise<RestoreAction> {
  const base: RestoreAction = {...unknownAction(item.dataset, 'sha256', false), target: item.path};
  const by = identityOf({journal});
  try {
    return await beside(by, item.reached, async (server) => {
      const asked = await askServer(server, item.name);
      const found = await findOf(server, item);
      const facts = databaseFactsOf(asked, item.reached, item.name, null);
      const why = asked.why.join('; ');
      const isOurs = standingIn(item, found) === 'new';
      const untouched = isOurs && asked.live?.allows && !(await isWrittenSince({by, item}));
      const loses = untouched || !asked.live ? null : 'what was written since the restore';
      const known: RestoreAction = {...base, database: facts, loses};
      if (why !== '') return refuse(known, why);
      if (item.old === null) {
        if (asked.live === null) return {...known, action: 'unchanged'};
        return {...known, action: 'remove'};
      }
      const action = asked.live === null ? 'create' : 'overwrite';
      if (found.old !== null && found.old.name === item.aside) {
        const comes = {how: 'rename', oid: found.old.oid, database: item.aside} as const;
        return {...known, action, database: {...facts, comes}};
      }
      if (found.old !== null && found.old.oid === asked.live?.oid) return {...known, action: 'unchanged'};
      const loading = await saved(subject, item, known);
      const told = subject.datasets.get(item.safety ?? '')?.facts;
      const {reason} = loading;
      return {
        ...loading,
        database: {...facts, comes: loadOf(told)},
        action: reason === null ? action : 'refused',
      };
    });
  } catch (error) {
    if (error instanceof Problem) return refuse(base, error.message.replace(/\.$/, ''));
    throw error;
  }
}
