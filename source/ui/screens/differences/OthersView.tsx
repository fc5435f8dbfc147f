import {copiesOf} from '../../../engine/catalog/copies.ts';
import type {Row} from '../../../engine/catalog/row.ts';
import {rowIn} from '../../../presenters/catalog.ts';
import {copyWord} from '../../../presenters/copy-view.ts';
import {ageColumn, judgeRow} from '../../../presenters/row-view.ts';
import {configuredOf} from '../../facts.ts';
import {Menu} from '../../kit/menu.tsx';
import type {ViewProps} from '../../screen.ts';
import {backupsSlice, holdsLive, knownHere} from '../backups/state.ts';
import {type DifferencesTask, othersOf} from './state.ts';

/** Columns of an age, such as `329d ago`, and behind it. */
const ageWidth = 10;

/** What the backup can be compared with: the live files, and every other backup, newest first. */
export function OthersView({state, slice: task}: ViewProps<DifferencesTask | null>) {
  if (!task) return null;
  const {catalog, now} = state;
  const {versions, good} = knownHere(state);
  const backups = backupsSlice.of(state);
  const asked = task.datasets[task.cursor]?.name ?? task.wanted;
  /** Its copies, as in the list of backups; what is looked at stands first. */
  const copiesText = (row: Row): string[] => {
    const copies = copiesOf(row, configuredOf(state) ?? []);
    if (row.state !== 'complete' || copies.size === 0) {
      const {mark, text} = judgeRow(row, now);
      return [`${mark} ${text}`];
    }
    const word = (name: string): string => {
      const copy = copies.get(name);
      const isLive = copy !== undefined && holdsLive(backups, copy);
      return copyWord(copy, versions?.get(row.id)?.get(name), good.get(name) === row.id, isLive);
    };
    const datasets = backups.datasets.toSorted((a, b) => Number(b === asked) - Number(a === asked));
    return datasets.map((name) => `${name} ${word(name)}`);
  };
  const items = othersOf(state, task.id).map((other) => {
    if (other === null) return {name: 'live', says: 'the files as they are now'};
    const row = rowIn(catalog, other);
    if (!row) return {name: other, says: ''};
    return {name: other, says: `${ageColumn(row, now)} ago`.padEnd(ageWidth), parts: copiesText(row)};
  });
  return <Menu items={items} index={task.choice} gap={3} />;
}
