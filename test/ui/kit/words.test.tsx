import fc from 'fast-check';
import stringWidth from 'string-width';
import {expect, test} from 'vitest';
import {
  bad,
  cutEnd,
  cutStartOf,
  gap,
  key,
  lineOf,
  names,
  type Span,
  spare,
  typed,
} from '../../../source/ui/kit/span.ts';
import {Empty, FactList, Notice, Notices, noticeOf, Saying, TextLine} from '../../../source/ui/kit/words.tsx';
import {lineText} from '../../support/frames.ts';
import {hostile, hostileText, unprintable} from '../../support/hostile.ts';
import {inked, widths} from '../../support/inked.tsx';

const path = '/srv/magmoboce/storage/backups';

test('a line begins under its mark, or at the edge', () => {
  expect(inked(<TextLine of="x cannot be read" />, {columns: 60}).lines).toEqual(['   x cannot be read']);
  expect(inked(<TextLine wide of="Nothing goes" />, {columns: 60}).lines).toEqual([' Nothing goes']);
});

test('what gives way is cut, so that what follows it is seen', () => {
  const text = (...spans: Span[]) => lineText(lineOf(spans, 20));
  expect(text(cutEnd(path), ' is gone')).toBe('/srv/magmob~ is gone');
  expect(text(cutStartOf(path), ' is gone')).toBe('~age/backups is gone');
  expect(text('Filter: ', typed('something long'), ' Esc')).toBe('Filter: ~g long_ Esc');
  expect(text('Filter: ', typed('ab'), ' Esc')).toBe('Filter: ab_ Esc');
  expect(text('it has no ', names(['tenants', 'ledger', 'media']))).toBe('it has no  and 2 mo~');
  expect(text('no ', names(['tenants', 'ledger', 'media']))).toBe('no tenan~ and 2 more');
  expect(text('left', gap(), 'right')).toBe('left           right');
  expect(text(cutEnd(path, {least: 6}), 'x'.repeat(30))).toBe('/srv/~xxxxxxxxxxxxx~');
  expect(text('12345', spare('all of it or nothing'))).toBe('12345');
  expect(text('12345', spare(' all of it'))).toBe('12345 all of it');
  expect(text({text: '40 kB  17:46:08Z, yesterday', or: '40 kB'})).toBe('40 kB');
  expect(text({text: path, from: 4})).toBe('~magmoboce/storage/~');
});

test('several that give way are served in their order', () => {
  expect(lineText(lineOf([cutEnd('a'.repeat(20)), ' ', cutEnd('b'.repeat(20), {least: 4})], 20))).toBe(
    'aaaaaaaaaaaaaa~ bbb~',
  );
});

test('whatever spans hold: nothing drives the terminal, and the edge is kept', () => {
  const span = fc.oneof(
    hostile,
    hostile.map((text) => cutEnd(text)),
    hostile.map((text) => cutStartOf(text, {least: 3})),
    hostile.map((text) => typed(text)),
    hostile.map((text) => spare(text)),
    hostile.map((text) => ({text, from: 3})),
    fc.array(hostile, {minLength: 1, maxLength: 4}).map((all) => names(all)),
    fc.constant(gap()),
  );
  fc.assert(
    fc.property(fc.array(span, {maxLength: 6}), fc.nat({max: 90}), (spans, columns) => {
      const text = lineText(lineOf(spans, columns));
      expect(stringWidth(text)).toBeLessThanOrEqual(columns);
      expect(text).not.toMatch(unprintable);
    }),
  );
});

test.each(widths)('at %d columns a sentence is read to its end', (columns) => {
  const text = `${'word '.repeat(60)}${hostileText} 漢字漢字 end.`;
  const {lines} = inked(<Notice mark="x" text={text} />, {columns});
  for (const line of lines) {
    expect(stringWidth(line)).toBeLessThan(columns);
    expect(line).not.toMatch(unprintable);
  }
  expect(lines[0]).toMatch(/^ {3}x word/);
  for (const line of lines.slice(1)) expect(line).toMatch(/^ {5}\S/);
  expect(lines.at(-1)).toMatch(/end\.$/);
});

test('a mark says how it is meant; the rest of a sentence is told where there is no room', () => {
  const {styled} = inked(<Notices of={[noticeOf('x', 'bad'), noticeOf('!', 'beware'), 'plain']} />, {
    columns: 60,
  });
  const [first = '', second = '', third = ''] = styled.split('\n');
  expect([first, second]).toEqual([
    '\u001b[1m\u001b[31m   x bad\u001b[39m\u001b[22m',
    '\u001b[1m   !\u001b[22m beware',
  ]);
  expect(third).toBe('   plain');
  const long = 'word '.repeat(40);
  expect(inked(<Notice text={long} most={2} />, {columns: 60}).lines).toHaveLength(2);
  expect(inked(<Notice text={long} most={2} />, {columns: 60}).lines[1]).toMatch(/~$/);
  // So many lines are left to others.
  expect(inked(<Notice text={long} leaves={3} />, {columns: 60, height: 5}).lines).toHaveLength(2);
});

test('nothing to say takes no line', () => {
  expect(inked(<Notices of={[]} />, {columns: 60}).lines).toEqual(['']);
});

test('facts stand beside their words, and go on under their beginning', () => {
  const {lines, styled} = inked(
    <FactList
      width={9}
      of={[
        {mark: 'x', word: 'WRITING', says: `tenants: ${'5 times in 60s '.repeat(5).trim()}`},
        {word: 'copy', says: [cutStartOf(path.repeat(3))]},
        {word: 'recorded', says: 'ab'.repeat(32), lines: 2},
        {word: 'keys', says: [key('v'), ' verifies'], wordLook: 'key'},
      ]}
    />,
    {columns: 60},
  );
  expect(lines).toEqual([
    ' x WRITING   tenants: 5 times in 60s 5 times in 60s 5 times',
    '             in 60s 5 times in 60s 5 times in 60s',
    `   copy      ~${path.repeat(3).slice(-46)}`,
    `   recorded  ${'ab'.repeat(23)}`,
    `             ${'ab'.repeat(9)}`,
    '   keys      v verifies',
  ]);
  expect(styled).toContain('\u001b[31m x WRITING');
  expect(styled).toContain('\u001b[1m   keys      v');
});

test('looks of a line', () => {
  expect(inked(<TextLine look="bad" of={['a', key('b')]} />, {columns: 60}).styled).toBe(
    '\u001b[1m\u001b[31m   a\u001b[39mb\u001b[22m',
  );
  expect(inked(<TextLine of={bad('a')} />, {columns: 60}).styled).toBe(
    '   \u001b[1m\u001b[31ma\u001b[39m\u001b[22m',
  );
});

test('a line chooses what stands there by the columns behind its margin', () => {
  const of = {either: [cutEnd('1 of 4 answered'), ' a'], or: [cutEnd('1 of 4'), ' a']};
  const at = (columns: number) => lineText(TextLine.lines({of, wide: true}, {columns, height: 1})[0] ?? []);
  expect([at(18), at(17)]).toEqual([' 1 of 4 answered a', ' 1 of 4 a']);
});

test('either all of it, or what stands there instead', () => {
  const spans = {either: ['+ 2h ago, held', gap(), 'SUGGESTED'], or: ['+ SUGGESTED']};
  expect(lineText(lineOf(spans, 30))).toBe('+ 2h ago, held       SUGGESTED');
  expect(lineText(lineOf(spans, 24))).toBe('+ 2h ago, held SUGGESTED');
  expect(lineText(lineOf(spans, 23))).toBe('+ SUGGESTED');
});

test('a gap may be drawn, and the last to be served takes what is left', () => {
  expect(lineText(lineOf([' bad since ', {gap: 0, of: '-'}, ' t'], 20))).toBe(' bad since ------- t');
  const target = cutStartOf(path, {last: true});
  expect(lineText(lineOf([target, ': ', cutEnd('latest', {most: 20})], 20))).toBe('~age/backups: latest');
});

test('names stand before what is said of them, as many as leave room for it', () => {
  const of = [{before: 'Copies of ', names: ['tenants', 'ledger', 'media'], text: ' as of noon.'}];
  expect(inked(<Notices of={of} />, {columns: 60}).lines).toEqual([
    '   Copies of tenants, ledger, media as of noon.',
  ]);
  const many = [{names: Array.from({length: 90}, (_, index) => `set_${index}`), text: ' go back.'}];
  expect(inked(<Notices of={many} />, {columns: 60}).lines).toEqual([
    '   set_0, set_1, set_2, set_3, set_4 and 85 more go back.',
  ]);
});

test('a digest is broken anywhere; what does not fit in a line may be said otherwise', () => {
  expect(inked(<Notice broken text={`SHA-256 ${'ab'.repeat(32)}`} />, {columns: 60}).lines[0]).toHaveLength(
    57,
  );
  const notice = <Notice text="bad since 01:10Z   noticed 01:20Z" or="bad since 01:10Z, noticed" />;
  expect(inked(notice, {columns: 60}).lines).toEqual(['   bad since 01:10Z   noticed 01:20Z']);
  expect(inked(notice, {columns: 30}).lines).toEqual(['   bad since 01:10Z,', '     noticed']);
});

test('why there is nothing stands below an empty line, what was said last has its mark at the edge', () => {
  expect(inked(<Empty of={['No restore was made here yet.']} />, {columns: 60}).lines).toEqual([
    '',
    '   No restore was made here yet.',
  ]);
  const {lines, styled} = inked(<Saying mark="x" text={'word '.repeat(40)} most={2} />, {columns: 60});
  expect(lines).toEqual([expect.stringMatching(/^ x word/), expect.stringMatching(/^ {3}word.*~$/)]);
  expect(styled).toContain('\u001b[31m');
  expect(inked(<Saying mark=" " text="done" most={2} />, {columns: 60}).lines).toEqual([' done']);
});
