import type {ReactNode} from 'react';
import {expect, test} from 'vitest';
import {heightOf, linesOf} from '../../../source/ui/kit/part.tsx';
import {ScrollText, whereIn} from '../../../source/ui/kit/scroll-text.tsx';
import {Flex, Gap, Page, Panel, Stack} from '../../../source/ui/kit/stack.tsx';
import {Notice, Notices, TextLine} from '../../../source/ui/kit/words.tsx';
import {hostileText, unprintable} from '../../support/hostile.ts';
import {inked, widths} from '../../support/inked.tsx';

const lines = (...texts: string[]) => texts.map((text) => <TextLine key={text} wide of={text} />);
const drawn = (node: ReactNode, height: number, columns = 60): string[] =>
  inked(<Page>{node}</Page>, {columns, height}).lines.map((line) => line.trim());

test('a page is as high as its room', () => {
  expect(drawn(lines('a', 'b'), 4)).toEqual(['a', 'b', '', '']);
  expect(drawn(lines('a', 'b', 'c'), 2)).toEqual(['a', 'b']);
});

test('a message covers the last lines of a page, but no question', () => {
  const page = (asks: boolean) =>
    inked(<Page asks={asks}>{lines('a', 'b', 'c', 'Why?')}</Page>, {columns: 60, height: 4, seen: 3}).lines;
  expect(page(false).map((line) => line.trim())).toEqual(['a', 'b', 'c']);
  expect(page(true).map((line) => line.trim())).toEqual(['a', 'b', 'Why?']);
});

test('what is flexible gets what the others leave, in its turn', () => {
  const page = (
    <>
      {lines('head')}
      <Flex turn={1}>{lines('1', '2', '3')}</Flex>
      <Flex>{lines('a', 'b')}</Flex>
      {lines('foot')}
    </>
  );
  expect(drawn(page, 7)).toEqual(['head', '1', '2', '3', 'a', 'b', 'foot']);
  expect(drawn(page, 5)).toEqual(['head', '1', 'a', 'b', 'foot']);
  expect(drawn(page, 4)).toEqual(['head', 'a', 'b', 'foot']);
  expect(drawn(page, 3)).toEqual(['head', 'a', 'foot']);
});

test('all of it or nothing, and nothing of what comes after it', () => {
  const page = (
    <>
      <Flex whole turn={1}>
        {lines('1', '2')}
      </Flex>
      <Flex turn={2}>{lines('note')}</Flex>
      <Flex>{lines('end')}</Flex>
    </>
  );
  expect(drawn(page, 4)).toEqual(['1', '2', 'note', 'end']);
  expect(drawn(page, 3)).toEqual(['1', '2', 'end']);
  expect(drawn(page, 2)).toEqual(['end', '']);
});

test('it says that there is more, keeps its end, its least, or fills', () => {
  const many = lines('1', '2', '3', '4', '5');
  expect(drawn(<Flex more=" ... more">{many}</Flex>, 3)).toEqual(['1', '2', '... more']);
  expect(drawn(<Flex tail>{many}</Flex>, 2)).toEqual(['4', '5']);
  expect(
    drawn(
      <Flex more=" in all 5" or={lines('short')}>
        {many}
      </Flex>,
      3,
    ),
  ).toEqual(['short', 'in all 5', '']);
  expect(
    drawn(
      <>
        {lines('a', 'b')}
        <Flex least={2}>{many}</Flex>
      </>,
      3,
    ),
  ).toEqual(['a', 'b', '1']);
  expect(
    drawn(
      <>
        <Flex fills>{lines('1')}</Flex>
        {lines('foot')}
      </>,
      4,
    ),
  ).toEqual(['1', '', '', 'foot']);
});

test.each(widths)('at %d columns a panel has its name in a rule, and its height', (columns) => {
  const panel = inked(
    <Panel title={hostileText} height={2} more=" ... more">
      <Notices of={['a', 'b', 'c']} />
    </Panel>,
    {columns},
  ).lines;
  expect(panel).toHaveLength(3);
  expect(panel[0]).toMatch(/^ -- a/);
  expect(panel[0]).not.toMatch(unprintable);
  expect(panel[0]?.length).toBeLessThanOrEqual(columns);
  expect(panel.slice(1).map((line) => line.trim())).toEqual(['a', '... more']);
});

test('a text scrolls by its lines, and looks only at those that are seen', () => {
  const text = Array.from({length: 10_000}, (_, index) => `line ${index}`);
  expect(inked(<ScrollText of={text} top={9998} height={3} />, {columns: 60}).lines).toEqual([
    ' line 9998',
    ' line 9999',
    '',
  ]);
  const parts = (
    <ScrollText top={1} height={2}>
      {lines('a', 'b', 'c')}
    </ScrollText>
  );
  expect(inked(parts, {columns: 60}).lines).toEqual([' b', ' c']);
});

test('where one is in a text', () => {
  expect([whereIn(0, 5, 0), whereIn(0, 5, 3), whereIn(2, 5, 30)]).toEqual([
    'lines 0-0 of 0',
    'lines 1-3 of 3',
    'lines 3-7 of 30   PgDn more',
  ]);
});

test('parts know their lines before they are drawn; what is no part is refused', () => {
  const long = <Notice text={'word '.repeat(30)} />;
  expect(heightOf(long, 60)).toBe(inked(long, {columns: 60}).lines.length);
  expect(heightOf([null, false, <Gap key="gap" />], 60)).toBe(1);
  const room = {columns: 60, height: 9};
  expect(() => linesOf('text', room)).toThrow('only parts of the kit have lines');
  expect(() => linesOf(<Stranger />, room)).toThrow('only parts of the kit have lines');
  expect(linesOf(<Stack>{lines('a')}</Stack>, room)).toHaveLength(1);
});

const Stranger = () => null;
