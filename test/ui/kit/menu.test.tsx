import {render} from 'ink-testing-library';
import stringWidth from 'string-width';
import {expect, test} from 'vitest';
import {commonKeys} from '../../../source/ui/common-keys.ts';
import {Lines} from '../../../source/ui/kit/lines.tsx';
import {Menu} from '../../../source/ui/kit/menu.tsx';
import {RoomContext} from '../../../source/ui/kit/part.tsx';
import {bodyHeight} from '../../../source/ui/layout.ts';
import {paletteItems, paletteSlice} from '../../../source/ui/screens/palette/state.ts';
import {screenNamed, screens} from '../../../source/ui/screens.ts';
import {hostileText, unprintable} from '../../support/hostile.ts';
import {inked, widths} from '../../support/inked.tsx';
import {anApp, aRow, idAt, reduceAll} from '../../support/states.ts';

/** The library's terminal is this wide. */
const size = {columns: 100, rows: 40};
const withoutStyle = (frame = '') => frame.replace(/\u001b\[[0-9;]*m/g, '');
const palette = (moves = 0) => {
  const open = reduceAll(anApp([aRow(idAt(1))], {size}), paletteSlice.open({type: 'palette opened'}));
  return paletteSlice.with(open, {line: moves, filter: ''});
};
const {View: Palette} = screenNamed('palette');
const itemsOf = () => paletteItems(palette(), screens, commonKeys);
const frameOf = (moves: number) => {
  const height = bodyHeight(size);
  const {lastFrame, unmount} = render(
    <RoomContext value={{columns: size.columns, height}}>
      <Palette state={palette(moves)} slice={{line: moves, filter: ''}} />
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
    expect(marked(frameOf(moves))[0]).toContain(items[moves]?.short);
  }
});

test('the menu goes round: one up from the first is the last', () => {
  expect(marked(frameOf(-1))).toEqual(marked(frameOf(itemsOf().length - 1)));
});

test('each action of the menu is one line', () => {
  const shown = frameOf(0)
    .split('\n')
    .filter((line) => line.trim() !== '');
  expect(shown.filter((line) => /^ {2}[> ] \S/.test(line))).toHaveLength(itemsOf().length);
});

test.each(widths)('at %d columns names stand under each other, and no line is too wide', (columns) => {
  const items = [
    {name: '漢字', says: 'the files as they are now'},
    {name: 'ledger', says: hostileText.repeat(4)},
    {name: hostileText.repeat(4), says: ''},
  ];
  const {lines} = inked(<Menu items={items} index={1} gap={3} />, {columns, height: 9});
  expect(lines).toHaveLength(9);
  for (const line of lines) {
    expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    expect(line).not.toMatch(unprintable);
  }
  const [first = '', second = ''] = lines.slice(1);
  expect(second).toMatch(/^ {2}> ledger/);
  expect(stringWidth(first.slice(0, first.indexOf('the')))).toBe(second.indexOf('a\\u{1b}'));
});

test('a menu of thousands shows those around the chosen one', () => {
  const items = Array.from({length: 10_000}, (_, index) => ({name: `set_${index}`, says: ''}));
  const {lines} = inked(<Menu items={items} index={5000} />, {columns: 80, height: 9});
  expect(lines.filter((line) => line.includes('set_'))).toHaveLength(7);
  expect(marked(lines.join('\n'))).toEqual([expect.stringContaining('> set_5000')]);
});

test('a menu says how many follow below, at its end nothing', () => {
  const items = Array.from({length: 30}, (_, index) => ({name: `item ${index}`, says: ''}));
  const last = (index: number, count = 30) =>
    inked(<Menu items={items.slice(0, count)} index={index} />, {columns: 80, height: 12})
      .lines.at(-1)
      ?.trim();
  expect(last(0)).toBe('... 20 more below');
  expect(last(9)).toBe('... 20 more below');
  expect(last(10)).toBe('... 19 more below');
  expect(last(29)).toBe('');
  expect(last(0, 10)).toBe('');
});

test('a menu of nothing is empty', () => {
  expect(
    inked(<Menu items={[]} index={0} />, {columns: 60, height: 4})
      .lines.join('')
      .trim(),
  ).toBe('');
});

test('the chosen line stays in view where there is less room than before', () => {
  const items = Array.from({length: 30}, (_, index) => ({name: `item ${index}`, says: ''}));
  const at = (height: number) => (
    <RoomContext value={{columns: 80, height}}>
      <Menu items={items} index={28} />
    </RoomContext>
  );
  const {lastFrame, rerender, unmount} = render(at(40));
  rerender(at(12));
  expect(marked(withoutStyle(lastFrame()))).toEqual(['  > item 28']);
  unmount();
});
