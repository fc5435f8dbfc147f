import {render} from 'ink-testing-library';
import {expect, test} from 'vitest';
import {commonKeys} from '../../../source/ui/common-keys.ts';
import {Lines} from '../../../source/ui/kit/lines.tsx';
import {RoomContext} from '../../../source/ui/kit/part.tsx';
import {bodyHeight} from '../../../source/ui/layout.ts';
import {paletteItems} from '../../../source/ui/screens/palette/items.ts';
import {paletteSlice} from '../../../source/ui/screens/palette/state.ts';
import {screenNamed, screens} from '../../../source/ui/screens.ts';
import {anApp, aRow, idAt, reduceAll} from '../../support/states.ts';

/** The library's terminal is this wide. */
const size = {columns: 100, rows: 40};
const withoutStyle = (frame = '') => frame.replace(/\u001b\[[0-9;]*m/g, '');
const palette = (moves = 0) => {
  const open = reduceAll(anApp([aRow(idAt(1))], {size}), paletteSlice.open({type: 'palette opened'}));
  return paletteSlice.with(open, moves);
};
const {View: Palette} = screenNamed('palette');
const itemsOf = () => paletteItems(palette(), screens, commonKeys);
const frameOf = (moves: number) => {
  const height = bodyHeight(size);
  const {lastFrame, unmount} = render(
    <RoomContext value={{columns: size.columns, height}}>
      <Palette state={palette(moves)} slice={moves} />
    </RoomContext>,
  );
  const frame = withoutStyle(lastFrame());
  unmount();
  return frame;
};
const marked = (frame: string) => frame.split('\n').filter((line) => /^ *[>❯] /.test(line));

test('segments of a line stand next to each other, an empty line is one', () => {
  const lines = [[{text: ' +'}, {text: ' match', color: 'green'}], [], [{text: 'last', bold: true}]];
  const {lastFrame, unmount} = render(<Lines lines={lines} />);
  expect(withoutStyle(lastFrame())).toBe(' + match\n\nlast');
  unmount();
});

test('a line that is too long stays one line', () => {
  const {lastFrame, unmount} = render(<Lines lines={[[{text: 'x'.repeat(300)}], [{text: 'next'}]]} />);
  expect(lastFrame()?.split('\n')).toHaveLength(2);
  unmount();
});

test('the menu marks the action it stands on', () => {
  const items = itemsOf();
  for (const moves of [0, 1, items.length - 1]) {
    expect(marked(frameOf(moves))).toHaveLength(1);
    expect(marked(frameOf(moves))[0]).toContain(items[moves]?.binding.label);
  }
});

test('the menu goes round: one up from the first is the last', () => {
  expect(marked(frameOf(-1))).toEqual(marked(frameOf(itemsOf().length - 1)));
});

test('each action of the menu is one line', () => {
  const shown = frameOf(0)
    .split('\n')
    .filter((line) => line.trim() !== '');
  expect(shown).toHaveLength(itemsOf().length);
});
