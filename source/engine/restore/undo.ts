import {exitCode, Problem} from '../base/problem.ts';
import {type Ours, oursOf, whichOfOurs} from '../config/ours.ts';
import type {RunPlace} from '../config/project.ts';
import {type Journal, type JournalItem, noDirectories} from '../session/journal.ts';
import {safetyName} from '../session/safety-place.ts';
import {journalOf} from '../session/sessions.ts';
import {isVolatile} from '../storage/dataset.ts';
import {locateCopy} from '../storage/manifest/copy-path.ts';
import {manifestDigest} from '../storage/manifest/digest.ts';
import {readManifest} from '../storage/manifest/read.ts';
import type {Dataset} from '../storage/manifest/schema.ts';
import {inState, stateName} from '../storage/runbook/state-directory.ts';
import {
  type Planning,
  type RestoreAction,
  type RestoreOptions,
  type RestorePlan,
  refuse,
  unknownAction,
} from './action.ts';
import type {Planned} from './begin.ts';
import {estimate, spaceFor} from './cost.ts';
import {directoryNotes, isOfDirectory, recordedDirectories} from './directories.ts';
import {type Look, lookAtCopy} from './look.ts';
import {openSessionsOf} from './open-sessions.ts';
import {brokenInside, hashPlan, isOnlyOurs, mostUnseen} from './plan.ts';
import {lookAtTarget, sameStamp} from './target.ts';
import {undoDatabase} from './undo-database.ts';
import {findWriters, otherOwner, phpAtWork} from './writers.ts';

type Subject = {
  look: Look;
  directory: string;
  id: string;
  /** Of the safety backup, by name. */
  datasets: Map<string, Dataset>;
  checkCopies: boolean;
  unsteady: string[];
  ours: Ours;
  /** Grows: what an older version of this program has written over, and none undoes. */
  stays: RestorePlan['leftOut'];
};

/** What takes one file of a restore back. */
async function undoItem(subject: Subject, item: JournalItem): Promise<RestoreAction[]> {
  const {look, directory, id, datasets} = subject;
  const {place, dataset, role, old, volatile} = item;
  const own = whichOfOurs(subject.ours, [place.base, ...place.segments].join('/'));
  const base: RestoreAction = {
    ...unknownAction(
      dataset,
      'sha256',
      volatile || (role === 'dataset' && isVolatile(subject.unsteady, dataset)),
    ),
    role,
    target: place.path,
    place,
  };
  if (own) {
    subject.stays.push({name: dataset, reason: `it is ${own.what}, to which an undo itself writes`});
    return [];
  }
  if (old.kind === 'absent' || (item.safety === null && volatile)) {
    const removals = await look.removal(base, place, volatile);
    return removals.map((each) => ({...each, role}));
  }
  const saved = datasets.get(item.safety ?? '');
  if (!saved?.hash || saved.flaw) return [refuse(base, `the safety backup ${id} does not hold it`)];
  base.hash = saved.hash.toLowerCase();
  if (!volatile) {
    if (item.algorithm.toLowerCase() === 'sha256' && old.hash !== base.hash)
      return [refuse(base, `the safety backup ${id} does not hold what was there before`)];
    // Whoever may write the safety backup may have put another hash into its manifest; the journal is obeyed.
    base.algorithm = item.algorithm;
    base.hash = old.hash;
  }
  const located = locateCopy(saved.backup ?? '', [id]);
  if ('unsafe' in located) return [refuse(base, located.unsafe)];
  base.copy = located.segments;
  const copy = lookAtCopy(directory, base.copy, look.copies);
  if ('reason' in copy) return [refuse(base, copy.reason)];
  base.bytes = copy.bytes;
  base.allocated = copy.allocated;
  base.mode = old.mode;
  base.owner = old.uid;
  const live = lookAtTarget(place, look.targets);
  if ('refused' in live) return [refuse(base, `the target ${base.target} ${live.refused}`)];
  base.live = live;
  if (subject.checkCopies) {
    const checked = await look.hash(copy.place, copy.seen, base.algorithm);
    if ('reason' in checked || checked.hash !== base.hash)
      return [refuse(base, 'the copy in the safety backup is not what was saved')];
  }
  const beside = role === 'dataset' ? await look.beside(base, place, copy.place.path) : [];
  if (live.kind === 'absent') return [{...base, action: 'create'}, ...beside];
  const hashed = await look.hash(place, live, base.algorithm);
  if ('reason' in hashed) return [refuse(base, `the live file cannot be read: ${hashed.reason}`)];
  base.liveHash = hashed.hash;
  const same = hashed.hash === base.hash && beside.length === 0;
  // Only the restore itself has written to it.
  const untouched = live.kind === 'file' && item.new?.stamp != null && sameStamp(live.stamp, item.new.stamp);
  const found = findWriters(place, live);
  const writers = untouched ? {...found, writing: null} : found;
  const loses = same || untouched ? null : 'what was written since the restore';
  return [{...base, action: same ? 'unchanged' : 'overwrite', loses, writers}, ...beside];
}

/** What lies beside a database now goes, unless the safety backup holds it too. */
function withoutDoubles(actions: RestoreAction[]): RestoreAction[] {
  const kept = new Set(actions.flatMap(({action, target}) => (action === 'remove' ? [] : [target])));
  return actions.filter(({action, target}) => action !== 'remove' || !kept.has(target));
}

/** Why a session cannot be taken back; null where it can. */
function whyNotUndo({phase, drill, safety, items}: Journal): string | null {
  if (drill) return 'it was a drill: no live file was touched';
  if (phase === 'rolled-back') return 'it changed nothing';
  if (phase !== 'done') return 'it is not over: "magds restore status" says more';
  if (safety === null && items.some(({old}) => old.kind === 'file'))
    return `it was made without a safety backup. Until the session is closed the old files lie beside the live ones: ${items
      .filter(({old}) => old.kind === 'file')
      .slice(0, 5)
      .map(({place, aside}) => `${place.path.slice(0, place.path.lastIndexOf('/'))}/${aside}`)
      .join(', ')}`;
  return null;
}

/**
 * What takes a restore back: the safety backup, and the removal of what had been absent; nothing is written.
 * @throws Problem where it cannot be taken back
 */
export async function planUndo(planning: Planning, journal: Journal, look: Look): Promise<RestorePlan> {
  const {place, options} = planning;
  const cannot = (why: string): never => {
    throw new Problem(
      exitCode.restoreRefused,
      `Session ${journal.session} cannot be undone: ${why}. Nothing was changed.`,
    );
  };
  const why = whyNotUndo(journal);
  if (why) cannot(why);
  const id = journal.safety ?? '';
  const directory = `${place.root}/${stateName}/${safetyName}/${id}`;
  const read = journal.safety === null ? null : readManifest(directory);
  if (read && read.state !== 'read')
    return cannot(
      `its safety backup ${id} ${read.state === 'missing' ? 'is not there any more' : `cannot be used: ${read.reason}`}`,
    );
  const began = performance.now();
  const before = look.bytes;
  const datasets = new Map(read?.manifest.datasets.map((dataset) => [dataset.name, dataset]));
  const checkCopies = options.checkCopies === 'all';
  const ours = oursOf(place.root, place.configuration);
  const stays: Subject['stays'] = [];
  const subject = {look, directory, id, datasets, checkCopies, unsteady: options.volatile, ours, stays};
  const nested = await Promise.all([
    ...(journal.databases ?? []).map(async (item) => [await undoDatabase(subject, journal, item)]),
    ...journal.items.map((item) => undoItem(subject, item)),
  ]).finally(() => look.rest());
  const actions = withoutDoubles(nested.flat());
  const hashed = look.bytes - before;
  const rate = hashed > 10e6 ? hashed / ((performance.now() - began) / 1000) : null;
  const directories = read
    ? recordedDirectories(
        actions,
        read.manifest,
        isOnlyOurs(directory, read.manifest.stats),
        isOfDirectory(place),
      )
    : noDirectories;
  return {
    id,
    directory,
    createdAt: read?.manifest.createdAt ?? null,
    ...hashPlan(planning, read ? manifestDigest(read.manifest.tree) : '', options.safety, actions),
    into: null,
    actions,
    safety: options.safety,
    space: spaceFor(actions, options.safety ? `${place.root}/storage` : null),
    seconds: estimate(actions, options.safety, rate),
    unseen: mostUnseen(actions),
    php: phpAtWork(),
    owner: otherOwner(place.root),
    openSessions: openSessionsOf(place.root, journal.session),
    leaves: [],
    leftOut: stays,
    notes: directoryNotes(actions, directories),
    brokenInside: brokenInside(actions, place.root),
    partial: [],
    undoes: journal.session,
    directories,
  };
}

/**
 * The same by a session's number.
 * @param optionsFor is given the id of its safety backup
 * @throws Problem where there is no such session, or it cannot be taken back
 */
export async function planUndoOf(
  session: number,
  place: RunPlace,
  optionsFor: (safety: string) => RestoreOptions,
  look: Look,
): Promise<Planned> {
  const journal = inState(place.root, (state) => {
    if (!state) throw new Problem(exitCode.notFound, `There is no session ${session} here.`);
    return journalOf(state, session);
  });
  const options = optionsFor(journal.safety ?? '');
  return {plan: await planUndo({place, options}, journal, look), options, look};
}
