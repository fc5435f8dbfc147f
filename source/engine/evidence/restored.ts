import {userNameOf} from '../base/owner.ts';
import {fileTime} from '../base/php-date.ts';
import type {RecordedPlan} from '../restore/plan-record.ts';
import type {Journal, JournalItem} from '../session/journal.ts';
import {isLine, said} from '../session/lines.ts';
import type {RecordLine} from '../session/record.ts';
import type {Restored} from './schema.ts';

type Switched = Map<string, {hash: string | null; written: boolean}>;

/** What each live file was found to be right after the switch; where a recovery finished it, it was hashed then. */
function switchedOf(lines: RecordLine[], journal: Journal | null): Switched {
  const found: Switched = new Map();
  for (const line of lines.filter(isLine('switched', 'recovered'))) {
    if (line.type === 'switched') {
      for (const {target, hash, written} of said(line, 'live') ?? []) found.set(target, {hash, written});
      continue;
    }
    if (said(line, 'outcome') !== 'done') continue;
    // Of a target that stands there twice the first one tells.
    const recovered = said(line, 'files') ?? [];
    const files = new Map(recovered.toReversed().map((file) => [file.target, file]));
    for (const item of journal?.items ?? []) {
      const file = files.get(item.place.path);
      // One that always changes is not hashed there; one that was kept is not what was restored.
      const hash = file?.becomes === 'new' && !item.volatile ? (item.new?.hash ?? null) : null;
      if (file) found.set(item.place.path, {hash, written: file.becomes === 'kept'});
    }
    for (const {path, new: put} of journal?.databases ?? []) {
      const file = files.get(path);
      const hash = file?.becomes === 'new' ? (put?.load?.hash ?? null) : null;
      if (file) found.set(path, {hash, written: file.becomes === 'kept'});
    }
  }
  return found;
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
const ownerText = (uid: number, gid: number): string => `${userNameOf(uid)} (${uid}:${gid})`;

function beforeOf(
  item: JournalItem | undefined,
  planned: RecordedPlan['actions'][number]['live'],
): Restored['before'] {
  if (item?.old.kind === 'file') {
    const {stamp, hash} = item.old;
    return {
      bytes: stamp.size,
      hash,
      modified: fileTime(BigInt(stamp.mtimeNs), 3),
    };
  }
  return item ? null : planned && {bytes: planned.bytes, hash: planned.hash, modified: planned.modified};
}

function resultOf(
  action: Restored['action'],
  done: boolean,
  at: {hash: string | null; written: boolean} | undefined,
  isDatabase: boolean,
): Restored['result'] {
  if (action === 'unchanged') return 'unchanged';
  if (!done || action === 'refused') return 'not restored';
  if (action === 'remove') return 'removed';
  if (!at) return 'not recorded';
  if (at.written) return 'written to since';
  if (at.hash !== null) return 'as the manifest says';
  // One that an earlier restore had put aside has no dump, and so no hash.
  return isDatabase ? 'put back' : 'not recorded';
}

const withoutPlan = ({items}: Journal): RecordedPlan['actions'] =>
  items.map(({dataset, role, volatile, place, algorithm, old, new: put}) => ({
    dataset,
    role,
    action: put === null ? 'remove' : old.kind === 'absent' ? 'create' : 'overwrite',
    reason: null,
    algorithm,
    hash: put?.hash ?? '',
    copy: put?.copy.join('/') ?? '',
    bytes: put?.bytes ?? 0,
    target: place.path,
    recorded: null,
    mode: put?.mode ?? 0,
    live: null,
    loses: null,
    volatile,
    openBy: [],
  }));

/**
 * What a restore did to each live file: as planned, as the journal knows it, and as it was found right after the switch.
 * @param done whether it was carried out to its end
 */
export function restoredOf(
  lines: RecordLine[],
  plan: RecordedPlan | null,
  journal: Journal | null,
  done: boolean,
): Restored[] {
  const switched = switchedOf(lines, journal);
  const items = new Map(journal?.items.map((item) => [item.place.path, item]) ?? []);
  const actions = plan?.actions ?? (journal ? withoutPlan(journal) : []);
  return actions.map(
    ({dataset, role, action, target, algorithm, hash, bytes, live, mode, reason, database}): Restored => {
      const item = items.get(target);
      const at = switched.get(target);
      const kept = item?.new?.given ?? (item?.old.kind === 'file' ? item.old : live);
      const gone = action === 'remove';
      return {
        dataset,
        role,
        action,
        target,
        algorithm: gone ? null : algorithm,
        expected: gone ? null : hash || null,
        before: beforeOf(item, live),
        at_switch: action === 'unchanged' ? (live?.hash ?? null) : done ? (at?.hash ?? null) : null,
        bytes: gone ? null : bytes,
        mode: gone || database ? null : octal(kept?.mode ?? item?.new?.mode ?? mode),
        owner: gone || !kept ? (database?.live?.owner ?? null) : ownerText(kept.uid, kept.gid),
        result: resultOf(action, done, at, database !== undefined),
        reason,
      };
    },
  );
}
