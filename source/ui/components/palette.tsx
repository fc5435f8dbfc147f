import {paletteItems} from '../../input/palette.ts';
import type {AppState} from '../../state/app.ts';
import {Menu} from './menu.tsx';

/** What can be done on the screen below, as a menu. */
export function Palette({state, height}: {state: AppState; height: number}) {
  const items = paletteItems(state);
  const index = ((state.palette % items.length) + items.length) % items.length;
  const labels = items.map(({label}) => label);
  return <Menu labels={labels} index={index} columns={state.size.columns} height={height} />;
}
