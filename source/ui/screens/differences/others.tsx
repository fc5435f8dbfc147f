import {escapeText} from '../../../engine/base/escape.ts';
import {widthOf} from '../../../presenters/graphemes.ts';
import {ageColumn} from '../../../presenters/row-view.ts';
import {pad} from '../../kit/line.ts';
import {Menu} from '../../kit/menu.tsx';
import type {AppState} from '../../state.ts';
import {differencesSlice, othersOf} from './state.ts';

/** What the backup can be compared with: the live files, and every other backup, newest first. */
export function Others({state, height}: {state: AppState; height: number}) {
  const {catalog, now, size} = state;
  const differences = differencesSlice.of(state);
  if (!differences) return null;
  const others = othersOf(state, differences.id);
  const longest = Math.max(...others.slice(0, 200).map((other) => widthOf(escapeText(other ?? ''))));
  const name = Math.min(longest, size.columns - 22);
  const labels = others.map((other) => {
    if (other === null) return `${pad('live', name)}   the files as they are now`;
    const row = catalog.rows.get(other);
    return `${pad(escapeText(other), name)}${row ? `   ${ageColumn(row, now)} ago` : ''}`;
  });
  return <Menu labels={labels} index={differences.choice} columns={size.columns} height={height} />;
}
