import stringWidth from 'string-width';
import {describe, expect, test} from 'vitest';
import {cutStartOf} from '../../../source/ui/kit/span.ts';
import {Gap} from '../../../source/ui/kit/stack.tsx';
import {type Column, Table, type TableProps} from '../../../source/ui/kit/table.tsx';
import {TextLine} from '../../../source/ui/kit/words.tsx';
import {hostileText, unprintable} from '../../support/hostile.ts';
import {inked, widths} from '../../support/inked.tsx';

type Row = {name: string; size: string; path: string};
const row = (name: string, size = '40 kB', path = `/srv/magmoboce/storage/data/${name}`): Row => ({
  name,
  size,
  path,
});
const columns: Column<Row>[] = [
  {head: 'DATASET', cell: ({name}) => name, fits: true, most: 28},
  {head: 'SIZE', cell: ({size}) => size, width: 7, right: true},
  {head: 'PATH', cell: ({path}) => cutStartOf(path), least: 10},
];
const drawn = (props: Partial<TableProps<Row>>, width = 80, height = 20): string[] =>
  inked(<Table columns={columns} rows={[row('tenants'), row('ledger')]} {...props} />, {
    columns: width,
    height,
  }).lines;

test('heads over their columns, numbers at the right, the chosen row marked', () => {
  expect(drawn({cursor: 1})).toEqual([
    '   DATASET     SIZE  PATH',
    '   tenants    40 kB  /srv/magmoboce/storage/data/tenants',
    ' > ledger     40 kB  /srv/magmoboce/storage/data/ledger',
  ]);
});

test.each(widths)('at %d columns no row is wider, whatever it holds', (width) => {
  const wild = [row(hostileText.repeat(3), '漢'.repeat(9), hostileText), row('漢字'.repeat(40)), row('')];
  const lines = drawn({rows: wild, cursor: 0}, width);
  expect(lines).toHaveLength(1 + wild.length);
  for (const line of lines) {
    expect(stringWidth(line)).toBeLessThanOrEqual(width);
    expect(line).not.toMatch(unprintable);
  }
});

test('wide characters take two columns, so that what follows stands under its head', () => {
  const [head = '', first = '', second = ''] = drawn({rows: [row('漢字'), row('tenants')]});
  expect(stringWidth(first.slice(0, first.indexOf('/')))).toBe(head.indexOf('PATH'));
  expect(second.indexOf('/')).toBe(head.indexOf('PATH'));
});

test('a name that is too long says so; a path keeps its end', () => {
  const [, line] = drawn({rows: [row('a'.repeat(40))]}, 60);
  expect(line).toMatch(/^ {3}a{27}~ +40 kB {2}~.*a{5}$/);
});

describe('more rows than lines', () => {
  const many = Array.from({length: 10_000}, (_, index) => row(`set_${index}`));

  test('only those in the window are asked for', () => {
    const asked = new Set<number>();
    const counting: Column<Row>[] = [
      {
        head: 'N',
        cell: ({name}, index) => {
          asked.add(index);
          return name;
        },
      },
    ];
    const {lines} = inked(<Table columns={counting} rows={many} top={5000} cursor={5003} height={9} />, {
      columns: 80,
    });
    expect(lines).toHaveLength(10);
    expect(lines[4]).toBe(' > set_5003');
    expect([...asked]).toEqual(Array.from({length: 9}, (_, index) => 5000 + index));
  });

  test('how many are not seen takes the last line', () => {
    const more = (hidden: number) => `   and ${hidden} more`;
    expect(drawn({rows: many, more, height: 4}).slice(-2)).toEqual([
      expect.stringContaining('set_2 '),
      '   and 9997 more',
    ]);
    // Without a height there are as many as there is room for.
    expect(drawn({rows: many, more}, 80, 6).at(-1)).toBe('   and 9996 more');
    expect(drawn({rows: many.slice(0, 5), more}, 80, 6)).toHaveLength(6);
    // Not all were given.
    expect(drawn({rows: many.slice(0, 5), total: 7, more}, 80, 6).at(-1)).toBe('   and 3 more');
  });
});

test('a height is kept, whatever there is', () => {
  const empty = (
    <>
      <Gap />
      <TextLine of="nothing here" />
    </>
  );
  expect(drawn({rows: [], empty, height: 4})).toEqual([
    '   DATASET     SIZE  PATH',
    '',
    '   nothing here',
    '',
    '',
  ]);
  expect(drawn({height: 4})).toHaveLength(5);
  expect(drawn({height: 1})).toHaveLength(2);
});

test('a line between the rows takes one of theirs', () => {
  const rows = ['a', 'b', 'c'].map((name) => row(name));
  const lines = drawn({rows, height: 3, between: [{at: 1, line: ' --- here'}]});
  expect(lines.slice(1).map((line) => line.slice(0, 9).trim())).toEqual(['a', '--- here', 'b']);
});

test('a cell may stand over all that follow, and a bar is one', () => {
  const over: Column<Row>[] = [
    {cell: ({name}) => (name === 'x' ? {rest: `x ${'cannot be read '.repeat(4)}`} : name), width: 8},
    {cell: () => ({part: 0.5}), least: 17},
  ];
  expect(
    inked(<Table columns={over} rows={[row('x'), row('ok')]} />, {columns: 60}).lines.map((line) =>
      line.trim(),
    ),
  ).toEqual([
    `x ${'cannot be read '.repeat(3)}cannot be~`,
    `ok        [${'#'.repeat(20)}${'.'.repeat(20)}]  50%`,
  ]);
});

test('in a narrow terminal a column gives way, and another one is smaller', () => {
  const some: Column<Row>[] = [
    {head: 'NAME', cell: ({name}) => name, width: 20, narrow: 8},
    {head: 'SIZE', cell: ({size}) => size, width: 7, narrow: 0},
    {head: 'PATH', cell: ({path}) => path},
  ];
  const heads = (width: number) => inked(<Table columns={some} rows={[]} />, {columns: width}).lines[0];
  expect(heads(76)).toBe('   NAME                  SIZE     PATH');
  expect(heads(75)).toBe('   NAME      PATH');
});

test('meaning is a colour too, and the chosen row is bold', () => {
  const {styled} = inked(
    <Table
      columns={[{cell: ({name}: Row) => ({text: name, look: 'environment'})}]}
      rows={[row('a'), row('b')]}
      cursor={1}
    />,
    {columns: 60},
  );
  const [first = '', second = ''] = styled.split('\n');
  expect(first).toContain('\u001b[35m');
  expect(first).not.toContain('\u001b[1m');
  expect(second).toContain('\u001b[1m');
});
