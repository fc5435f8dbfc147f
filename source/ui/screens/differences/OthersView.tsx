import {ageColumn} from '../../../presenters/row-view.ts';
import {Menu} from '../../kit/menu.tsx';
import type {ViewProps} from '../../screen.ts';
import {type DifferencesTask, othersOf} from './state.ts';

/** What the backup can be compared with: the live files, and every other backup, newest first. */
export function OthersView({state, slice: task}: ViewProps<DifferencesTask | null>) {
  if (!task) return null;
  const {catalog, now} = state;
  const items = othersOf(state, task.id).map((other) => {
    if (other === null) return {name: 'live', says: 'the files as they are now'};
    const row = catalog.rows.get(other);
    return {name: other, says: row ? `${ageColumn(row, now)} ago` : ''};
  });
  return <Menu items={items} index={task.choice} gap={3} />;
}
