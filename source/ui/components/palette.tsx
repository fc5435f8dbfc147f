import {Menu} from '../menu.tsx';
import {paletteItems} from '../screens/palette/state.ts';
import type {AppState} from '../state.ts';

/** What can be done on the screen below, as a menu. */
export function Palette({state, height}: {state: AppState; height: number}) {
  const items = paletteItems(state);
  const index = ((state.palette % items.length) + items.length) % items.length;
  const labels = items.map(({label}) => label);
  return <Menu labels={labels} index={index} columns={state.size.columns} height={height} />;
}
