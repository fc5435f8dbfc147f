import {counted, listed} from '../../base/format.ts';
import {momentOf} from '../intervals.ts';
import {code} from '../markdown.ts';
import type {EvidenceContent, EvidenceRecord, EvidenceSession, Restored} from '../schema.ts';
import {atLeast, badAsTyped, moment, undoneIn} from './words.ts';

/** How a fact is known. */
export const measured = '[measured]';
export const typed = '[typed]';
export const computed = '[computed]';
export const unknown = '[not recorded]';

/** What a restore took from a dataset: writes after its copy that were good, and those after things had gone bad. */
type Loss = {good: string; later: string};

type Moments = {copy: number | null; bad: number | null; switched: number | null; isAbout: boolean};

const since = (from: number, to: number, what: string): string =>
  `${atLeast((to - from) / 1000)}, ${what} ${computed}`;

const nothing = (why: string): Loss => ({good: `none, ${why}`, later: `none, ${why}`});
const notStated = (why: string): Loss => ({
  good: `cannot be stated, ${why}`,
  later: `cannot be stated, ${why}`,
});

/** When a file of it that gave way was last written; null where that is not known of one of them. */
function lastWrite(files: Restored[]): number | null {
  const times = files.map(({before}) => momentOf(before?.modified ?? null));
  return times.includes(null) ? null : times.reduce<number>((most, at) => Math.max(most, at ?? 0), 0);
}

function lossOf(files: Restored[], {copy, bad, switched, isAbout}: Moments): Loss {
  const about = isAbout ? 'about ' : '';
  const gave = files.filter(({action}) => action === 'overwrite' || action === 'remove');
  if (gave.length === 0) {
    const isNew = files.some(({action}) => action === 'create');
    return isNew ? notStated(`there was no live file ${measured}`) : nothing(`not replaced ${measured}`);
  }
  if (copy === null) return notStated(`when the copy was made is ${unknown}`);
  const written = lastWrite(gave);
  if (written !== null && written <= copy) return nothing(`not written since the copy ${measured}`);
  if (bad === null) {
    const most =
      switched === null ? '' : `; both together at most ${since(copy, switched, 'copy to switch')}`;
    return notStated(`when things went bad is ${unknown}${most}`);
  }
  const good =
    bad < copy
      ? `none, the copy is from after things went bad ${computed}`
      : `${about}${since(copy, bad, 'copy to bad since')}`;
  if (written !== null && written < bad) return {good, later: `none, not written since then ${measured}`};
  if (switched === null) return {good, later: `cannot be stated, the switch is ${unknown}`};
  return {
    good,
    later:
      switched < bad
        ? `cannot be stated, the switch was before bad since`
        : `${bad < copy ? '' : about}${since(Math.max(bad, copy), switched, bad < copy ? 'copy to switch' : 'bad since to switch')}, good ones may be among them`,
  };
}

/** Names of datasets that the summary lists; the others are counted. */
const mostNames = 4;

const some = (names: string[], most: number): string => listed(names.map(code), most);

const lossText = ({good, later}: Loss): string =>
  good === later ? good : `good writes: ${good}; later writes: ${later}`;

function grouped(losses: Map<string, Loss>, most: number): string {
  const groups = Map.groupBy(losses, ([, loss]) => lossText(loss));
  return [...groups]
    .map(([text, all]) => {
      const names = all.map(([name]) => name);
      return `${some(names, most)}: ${text}`;
    })
    .join('; ');
}

const untouched = ['rolled-back', 'refused', 'cancelled'];

/**
 * What was lost, for each dataset that was to be restored. Times are those of the wall clock and of files.
 * @param most names of datasets that are listed of those of which the same is said
 */
export function lostText({backups}: EvidenceRecord, session: EvidenceSession, most = mostNames): string {
  const {state, drill, restored, times} = session;
  if (drill) return `none, a drill writes no live file ${measured}`;
  if (untouched.includes(state)) return `none, the live files are as they were before ${measured}`;
  if (state !== 'done') return 'cannot be stated before it has come to its end';
  if (restored.length === 0) return `cannot be stated, what was restored is ${unknown}`;
  const moments = {
    copy: momentOf(backups[0]?.time ?? null),
    bad: momentOf(times.bad_since),
    switched: momentOf(times.restored),
    isAbout: badAsTyped(session) !== undefined,
  };
  const losses = new Map(
    [...Map.groupBy(restored, ({dataset}) => dataset)].map(([name, files]) => [name, lossOf(files, moments)]),
  );
  return grouped(losses, most);
}

/** Tables that are named of a dataset. */
const mostTables = 3;

/** What was counted in the safety backup's file and is not in the copy. */
function rowsOf({of, tables, whole, reason}: EvidenceContent): string {
  if (reason !== null) return `cannot be stated, ${unknown}: ${code(reason)}`;
  const noun = (count: number): string =>
    of === 'entries' ? counted(count, 'entry', of) : counted(count, (of ?? 'rows').slice(0, -1));
  const missing = tables.filter(({only_before: only}) => only === null).length;
  if (missing > 0 && missing === tables.length)
    return `cannot be stated, only how many there were ${measured}`;
  const having = tables.filter(({only_before: only}) => (only ?? 0) > 0);
  const total = (name: 'only_before' | 'only_after' | 'differ'): number =>
    tables.reduce((sum, each) => sum + (each[name] ?? 0), 0);
  const [gone, back, differ] = [total('only_before'), total('only_after'), total('differ')];
  const names = having
    .filter(({name}) => name !== '')
    .map((each) => `${code(each.name)} ${each.only_before}`);
  const where = names.length === 0 ? '' : ` (${listed(names, mostTables)})`;
  const isAll = whole && missing === 0;
  const at = isAll ? '' : 'at least ';
  const lost =
    gone === 0
      ? `${isAll ? 'none' : 'none seen'} that was live`
      : `${at}${noun(gone)} only in what was live${where}`;
  return `${[
    lost,
    differ > 0 && `${at}${noun(differ)} with another value`,
    back > 0 && `${at}${noun(back)} only in the copy`,
    missing > 0 && `${counted(missing, 'table')} not compared`,
  ]
    .filter(Boolean)
    .join(', ')} ${measured}`;
}

/** What was counted of that, for each dataset; null where nothing live gave way, or a record does not tell. */
export function rowsText({content}: EvidenceRecord, most = mostNames): string | null {
  if (!content || content.length === 0) return null;
  const shown = content.slice(0, most).map((each) => `${code(each.dataset)}: ${rowsOf(each)}`);
  const more = content.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more, see "Content and reconciliation"` : ''}`;
}

/** What was written, and what was not: of that, whether its bytes were looked at. */
export function changedText({asset}: EvidenceRecord, session: EvidenceSession, most = mostNames): string {
  const {state, drill, restored, left_out: left} = session;
  if (drill) return `no live file, it is a drill ${measured}`;
  if (untouched.includes(state)) return `nothing, the live files are as they were before ${measured}`;
  if (state !== 'done') return 'cannot be stated before it has come to its end';
  const changed = new Set(
    restored.filter(({action}) => !['unchanged', 'refused'].includes(action)).map(({dataset}) => dataset),
  );
  const refused = new Set(
    restored
      .filter(({action, dataset}) => action === 'refused' && !changed.has(dataset))
      .map(({dataset}) => dataset),
  );
  const same = new Set(
    restored.map(({dataset}) => dataset).filter((name) => !changed.has(name) && !refused.has(name)),
  );
  const stayed = [
    ...(same.size > 0 ? [`${some([...same], most)} (hashed: as the copy)`] : []),
    ...(refused.size > 0 ? [`${some([...refused], most)} (refused: not written)`] : []),
    ...(left.length > 0
      ? [
          `${some(
            left.map(({name}) => name),
            most,
          )} (not written, not hashed)`,
        ]
      : []),
  ];
  const rest =
    stayed.length > 0
      ? `left as they were: ${stayed.join(', ')}`
      : asset.datasets === null
        ? `what else is configured is ${unknown}`
        : 'nothing configured was left out';
  return `${changed.size === 0 ? 'nothing' : some([...changed], most)}; ${rest} ${measured}`;
}

/** Where the old files are without a safety backup; null once nothing keeps them beside the live ones. */
export function besideText(session: EvidenceSession): string | null {
  const {closed, databases = []} = session;
  if (closed || undoneIn(session) !== null) return null;
  const names = databases.flatMap(({aside}) => aside ?? []);
  const renamed = names.length === 0 ? '' : `, databases as ${some(names, mostNames)}`;
  return `beside the live ones until it is signed off${renamed}`;
}

/** Where what was overwritten is, and until when. */
export function overwrittenText(session: EvidenceSession): string | null {
  const {safety, drill, state, restored} = session;
  if (drill || state !== 'done') return null;
  if (!restored.some(({action}) => action === 'overwrite' || action === 'remove')) return null;
  const beside = besideText(session);
  if (!safety)
    return `${beside === null ? '**not kept**,' : `${beside};`} no safety backup was made ${measured}`;
  if (!safety.kept) {
    const is = `**not there any more**, it was in ${code(safety.path)}`;
    return `${beside === null ? is : `${beside}; the safety backup is ${is}`} ${measured}`;
  }
  const until = safety.until === null ? 'nothing removes it' : `until ${moment(safety.until)}`;
  return `${code(safety.path)}, ${until} ${measured}`;
}
