import stringWidth from 'string-width';
import {expect, test} from 'vitest';
import {KeyHints} from '../../../source/ui/kit/key-hints.tsx';
import {Doing, ProgressBars} from '../../../source/ui/kit/progress-bars.tsx';
import {good} from '../../../source/ui/kit/span.ts';
import {Steps} from '../../../source/ui/kit/steps.tsx';
import {TextField} from '../../../source/ui/kit/text-field.tsx';
import {hostileText, unprintable} from '../../support/hostile.ts';
import {inked, widths} from '../../support/inked.tsx';

const half = {name: 'ledger', bytes: 1_900_000_000, part: 0.5, state: '- reading'};
const full = {name: 'tenants', bytes: 40_000, part: 1, state: good('+ match')};
const whole = {name: 'whole', bytes: 1_900_040_000, part: 0.5};

test('a bar for each, and one for the whole under them', () => {
  const bar = (part: number) => `[${'#'.repeat(40 * part)}${'.'.repeat(40 * (1 - part))}]`;
  expect(inked(<ProgressBars of={[half, full]} whole={whole} state={13} />, {columns: 100}).lines).toEqual([
    `   ledger   1.9 GB  ${bar(0.5)}  50%  - reading`,
    `   tenants   40 kB  ${bar(1)} 100%  + match`,
    '',
    `   whole    1.9 GB  ${bar(0.5)}  50%`,
  ]);
});

test.each(widths)('at %d columns the bar gives way, what has become of it does not', (columns) => {
  const wild = {...half, name: `${hostileText}${'漢'.repeat(30)}`, state: '? not to be read'};
  const {lines} = inked(<ProgressBars of={[wild, half, full]} height={2} whole={whole} state={16} />, {
    columns,
  });
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatch(/\[[#.]{4,}\] {2}50% {2}\? not to be read$/);
  for (const line of lines) {
    expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    expect(line).not.toMatch(unprintable);
  }
});

test('how many are not seen is said', () => {
  const all = [half, full, {...full, name: 'media'}];
  for (const height of [1, 2, 3]) {
    const {lines} = inked(<ProgressBars of={all} height={height} whole={whole} state={13} />, {columns: 60});
    expect(lines).toHaveLength(height + 2);
    expect(lines.at(-2)).toBe(height === 3 ? '' : `   ... ${3 - height} more`);
  }
});

test('none yet: its lines are there', () => {
  const {lines} = inked(<ProgressBars of={[]} height={1} whole={whole} />, {columns: 60});
  expect(lines).toEqual(['', '', expect.stringMatching(/^ {3}whole {4}1\.9 GB {2}\[/)]);
});

test('without sizes there is no column for them', () => {
  const stages = [{name: 'safety backup', part: 0.25}];
  expect(inked(<ProgressBars of={stages} name={17} state={2} />, {columns: 60}).lines).toEqual([
    `   safety backup     [${'#'.repeat(7)}${'.'.repeat(21)}]  25%`,
  ]);
});

test('steps say how far each is', () => {
  const {lines, styled} = inked(
    <Steps
      of={[
        {name: 'prepare', state: 'over', says: 'copies staged'},
        {name: 'switch', state: 'at work', says: 'all at once'},
        {name: 'done', state: 'waiting', says: 'u undoes it'},
        {name: 'done', state: 'failed', says: hostileText},
      ]}
    />,
    {columns: 60},
  );
  expect(lines.slice(0, 3)).toEqual([
    '   + prepare          copies staged',
    '   - switch ...       all at once',
    '   - done             u undoes it',
  ]);
  expect(lines[3]).toMatch(/^ {3}x done failed {6}a\\u\{1b\}/);
  expect(styled).toContain('\u001b[31m');
});

test.each(widths)('at %d columns the end of what is typed is in view', (columns) => {
  const field = (text: string) =>
    inked(<TextField asks=" Why hold it? " text={text} after="   Enter done" />, {columns}).lines;
  expect(field('INC-4711')).toEqual([' Why hold it? INC-4711_   Enter done']);
  expect(field('')).toEqual([' Why hold it? _   Enter done']);
  for (const text of ['a'.repeat(300), '漢'.repeat(150), hostileText.repeat(9)]) {
    const [line = ''] = field(text);
    expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    expect(line).toMatch(/^ Why hold it\? ~.+_ {3}Enter done$/);
    expect(line).not.toMatch(unprintable);
  }
});

test.each(widths)('at %d columns there are as many keys as fit, and the way out', (columns) => {
  const keys = Array.from({length: 30}, (_, index) => ({key: `${index}`, hint: 'does it', always: false}));
  const out = {key: 'q', hint: 'quit', always: true};
  const [line = ''] = inked(<KeyHints of={[...keys, out]} />, {columns}).lines;
  expect(stringWidth(line)).toBeLessThanOrEqual(columns);
  expect(line.trimEnd()).toMatch(/^ 0 does it .* q quit$/);
});

test('something turns while work is done', () => {
  expect(inked(<Doing what={null} />, {columns: 60}).lines).toEqual(['']);
  expect(inked(<Doing what="reading" />, {columns: 60}).lines).toEqual([
    expect.stringMatching(/^ [-\\|/] reading$/),
  ]);
});
