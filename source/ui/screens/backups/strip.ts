import type {Live} from '../../../engine/catalog/live.ts';
import type {Row, RowDataset} from '../../../engine/catalog/row.ts';
import {backupTime} from '../../../engine/storage/backup-id.ts';

/** One dataset of the selected backup among its neighbours: SCREENS.md, "The letter strip". */
export type Strip = {
  name: string;
  bytes: number | null;
  flaw: string | null;
  /** Oldest to newest, one sign a backup; `at` is the selected one's. */
  letters: string[];
  at: number;
  live: string;
  note: string;
};

/** Backups shown to either side of the selected one. */
const reach = 4;

const noBackup = '-';
const notComparable = '.';
const damaged = 'x';
const unread = ' ';

/** `00:00-02:00`, with dates where they are not of the same day, with seconds where they are of the same minute. */
function between(older: string, newer: string): string {
  if (backupTime(older) === null || backupTime(newer) === null) return '';
  const date = (id: string) => `${id.slice(4, 6)}-${id.slice(6, 8)}`;
  const clock = (id: string) => `${id.slice(9, 11)}:${id.slice(11, 13)}`;
  if (older.slice(0, 8) !== newer.slice(0, 8))
    return ` ${date(older)} ${clock(older)} - ${date(newer)} ${clock(newer)}`;
  const seconds = (id: string) => (clock(older) === clock(newer) ? `:${id.slice(13, 15)}` : '');
  return ` ${clock(older)}${seconds(older)}-${clock(newer)}${seconds(newer)}`;
}

const byName = new WeakMap<Row, Map<string, RowDataset>>();

/** A row's dataset of this name; each row is indexed once, because one may hold twenty thousand. */
function find(row: Row | undefined, name: string): RowDataset | undefined {
  if (!row) return undefined;
  let index = byName.get(row);
  if (!index) {
    index = new Map(row.datasets.map((dataset) => [dataset.name, dataset]));
    byName.set(row, index);
  }
  return index.get(name);
}

const algorithmOf = (content: string) => content.slice(0, content.indexOf(':'));

/** Letters in the order in which contents first appear, so that the strip reads from the left. */
class Letters {
  readonly #given = new Map<string, string>();
  of(content: string): string {
    const known = this.#given.get(content);
    if (known) return known;
    const letter = String.fromCharCode(97 + (this.#given.size % 26));
    this.#given.set(content, letter);
    return letter;
  }
}

/**
 * From the manifests' hashes alone: which of the neighbouring backups hold the same bytes, and whether the live file
 * does. Copies known to be damaged are `x`, other algorithms (not comparable) `.`, absent datasets `-`.
 * @param ids newest first
 * @param most datasets that are told about: the first ones
 */
export function strips(
  ids: string[],
  rows: ReadonlyMap<string, Row>,
  id: string,
  live: ReadonlyMap<string, Live>,
  most: number,
): Strip[] {
  const selected = rows.get(id);
  const index = ids.indexOf(id);
  if (!selected || index === -1) return [];
  const around = ids.slice(Math.max(0, index - reach), index + reach + 1).reverse();
  return selected.datasets.slice(0, most).map((dataset) => {
    const {name, content} = dataset;
    const letters = new Letters();
    const signs = around.map((other): string => {
      const row = rows.get(other);
      if (!row) return unread;
      const found = find(row, name);
      if (!found) return noBackup;
      if (found.flaw || row.verification.failed.includes(name)) return damaged;
      if (!found.content || !content || algorithmOf(found.content) !== algorithmOf(content))
        return notComparable;
      return letters.of(found.content);
    });
    const state = live.get(name);
    const at = around.indexOf(id);
    const base = {name, bytes: dataset.bytes, flaw: dataset.flaw, letters: signs, at};
    return {
      ...base,
      live: liveSign(state, letters),
      note:
        dataset.flaw ??
        (selected.verification.failed.includes(name) ? 'damaged' : null) ??
        describe(lastChange(around, signs), content, state),
    };
  });
}

function liveSign(live: Live | undefined, letters: Letters): string {
  if (!live) return '';
  switch (live.state) {
    case 'read':
      return letters.of(live.content);
    case 'other':
      return letters.of('live, of another size than any copy');
    case 'missing':
      return noBackup;
    case 'reading':
      return '~';
    case 'unknown':
    case 'unreadable':
      return '?';
  }
}

/** Contents from which on "each one differs" says something. */
const several = 3;

const isLetter = (sign: string): boolean => ![noBackup, notComparable, damaged, unread].includes(sign);

/** Between which two of these backups the bytes changed last, as their letters say; '' where they do not. */
function lastChange(around: string[], signs: string[]): string {
  const known = around.flatMap((id, at) => {
    const letter = signs[at] ?? unread;
    return isLetter(letter) ? [{id, letter}] : [];
  });
  if (known.length >= several && new Set(known.map(({letter}) => letter)).size === known.length)
    return 'differs in each';
  const index = known.findLastIndex(({letter}, at) => at > 0 && letter !== known[at - 1]?.letter);
  const [older, newer] = [known[index - 1], known[index]];
  return older && newer ? `changed${between(older.id, newer.id)}` : '';
}

/** @param change what `lastChange` says */
function describe(change: string, content: string | null, live: Live | undefined): string {
  if (live?.state === 'missing') return 'no live file';
  if (live?.state === 'unreadable' || live?.state === 'unknown') return live.reason;
  if (live?.state === 'read' && live.content === content)
    return change ? `= live, ${change}` : 'live holds these bytes';
  if (change) return change;
  return live?.state === 'read' || live?.state === 'other' ? 'live has changed since' : '';
}
