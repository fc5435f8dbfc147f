import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {code, fence, table, textLines, wrap} from '../../../source/engine/evidence/markdown.ts';
import {hostileText} from '../../support/hostile.ts';
import {hostileMarkdown} from '../../support/hostile-markdown.ts';

describe('inline text', () => {
  test('what is ordinary is left as it is', () => {
    for (const text of [
      '20261123_131821_after-incident',
      '/srv/magmoboce/storage/data/media index.json',
      'told the help desk (twice); back at 15:08Z, 100% fine & *well*, see #12',
      'C:\\users\\x',
    ])
      expect(code(text)).toBe(`\`${text}\``);
  });

  test('what ends a span or a cell, opens HTML or a link, is written as its code', () => {
    expect(code('a`b|c<d[e')).toBe('`a\\u{60}b\\u{7c}c\\u{3c}d\\u{5b}e`');
  });

  test('what drives a terminal, breaks a line or is no ASCII is written as its code', () => {
    expect(code('\u001b[2J\n\u00e9\u202e\u{1f600}\ud800')).toBe(
      '`\\u{1b}\\u{5b}2J\\u{a}\\u{e9}\\u{202e}\\u{1f600}\\u{d800}`',
    );
    expect(code(hostileText)).toMatch(/^[\x20-\x7e]*$/);
  });

  test('spaces that markdown would swallow are written as their code, and what looks like a code is none', () => {
    expect(code(' a   b ')).toBe('`\\u{20}a \\u{20}\\u{20}b\\u{20}`');
    expect(code('\\u{60}')).toBe('`\\u{5c}u{60}`');
  });

  test('nothing is something else than not recorded', () => {
    expect(code('')).toBe('(empty)');
    expect(code(null)).toBe('not recorded');
  });

  test('two texts never read the same', () => {
    fc.assert(
      fc.property(hostileMarkdown, hostileMarkdown, (a, b) => {
        fc.pre(a !== b);
        expect(code(a)).not.toBe(code(b));
        expect(fence([a])).not.toEqual(fence([b]));
      }),
    );
  });
});

describe('lines of a fence', () => {
  test('JSON, HTML and code stay as they are', () => {
    const lines = ['    "a": ["b|c", "<b>", `d`],', '', '# no heading', '- no list'];
    expect(fence(lines)).toEqual(['```', ...lines, '```', '']);
  });

  test('what would end it, open a comment, or be a mark of the file is written as its code', () => {
    expect(fence(['```', '  ````x', '<!-- BEGIN EVIDENCE JSON -->', 'Record SHA-256: 0', 'a\tb\r'])).toEqual([
      '```',
      '\\u{60}``',
      '  \\u{60}\\u{60}``x',
      '\\u{3c}!-- BEGIN EVIDENCE JSON -->',
      '\\u{52}ecord SHA-256: 0',
      'a\\u{9}b\\u{d}',
      '```',
      '',
    ]);
  });

  test('a last line break makes no line', () => {
    expect(textLines('a\n\nb\n')).toEqual(['a', '', 'b']);
  });
});

describe('prose', () => {
  test('it is broken at spaces, hashes and paths never', () => {
    const hash = 'a'.repeat(90);
    expect(wrap(`- one ${hash} two`.slice(2), '- ', '  ')).toEqual(['- one', `  ${hash}`, '  two']);
  });

  test('no line begins with what would be a heading, a list, a quote, a rule or an underline', () => {
    const long = 'x'.repeat(78);
    for (const start of [
      '#',
      '##',
      '-',
      '+',
      '*',
      '1.',
      '12)',
      '>',
      '===',
      '---',
      '***',
      '~~~',
      '|---|',
      '&',
      '\\',
    ])
      expect(wrap(`${long} ${start} y`)).toEqual([`${long} ${start}`, 'y']);
  });
});

test('columns are as wide as their cells, up to forty', () => {
  expect(
    table(
      ['A', 'Long name'],
      [
        ['`x`', 'y'],
        ['z'.repeat(50), 'y'],
      ],
    ),
  ).toEqual([
    '| A   | Long name |',
    '| --- | --------- |',
    '| `x` | y         |',
    `| ${'z'.repeat(50)} | y         |`,
    '',
  ]);
});
