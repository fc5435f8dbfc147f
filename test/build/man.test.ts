import {spawnSync} from 'node:child_process';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {manOf} from '../../source/build/man/markdown.ts';
import {manual} from '../../source/build/man/pages.ts';
import {escapeRoff, page} from '../../source/build/man/roff.ts';
import {commands} from '../../source/commands/all.ts';
import {anyText} from '../support/arbitraries.ts';

const about = {date: '2026-11-29', version: '1.0.0'};
const pages = await manual(about);

test('every command has its place in a page, with every flag of it', async () => {
  for (const [name, line] of Object.entries(commands)) {
    const text = pages[`magds-${name.split(' ')[0]}.1`] ?? '';
    expect(text).toContain(`magds ${name}`);
    for (const {help} of Object.values((await line.load()).command.flags))
      expect(text).toContain(escapeRoff(help));
  }
  expect(pages['magds.1']).toMatch(/\\fB130\\fR\ncancelled/);
  expect(pages['magds-config.5']).toMatch(/^\.SH HOOKS AROUND A RESTORE/m);
});

test('whatever a text holds, it begins no request and no escape', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const escaped = escapeRoff(text);
      expect(escaped).toMatch(/^[\n\x20-\x7e]*$/);
      expect(escaped).not.toMatch(/^[.']/m);
      expect(escaped.replace(/\\(e|-|&|\[u[0-9A-F]{4,6}\])/g, '')).not.toContain('\\');
    }),
  );
});

test('Markdown becomes what troff knows; what it cannot hold is refused', () => {
  const markdown = '# T\n\n## A `b`\n\n.x **y**\n\n- one\n- two\n\n| k | v |\n| --- | --- |\n| `a` | 1-2 |\n';
  expect(manOf(markdown)).toEqual([
    '.SH A B',
    '.PP\n\\&.x \\fIy\\fR',
    '.IP \\(bu 3\none',
    '.IP \\(bu 3\ntwo',
    '.TP\n\\fBa\\fR\n1\\-2',
  ]);
  expect(() => manOf('> quoted')).toThrow('blockquote');
});

const groff = spawnSync('groff', ['--version']).error === undefined;
test.skipIf(!groff)('groff finds nothing wrong with the manual (needs groff)', () => {
  for (const [name, text] of Object.entries({
    ...pages,
    'x.1': page({...about, name: 'x', section: 1, summary: 's'}, []),
  })) {
    const {stderr, status} = spawnSync('groff', ['-man', '-Tutf8', '-ww'], {input: text, encoding: 'utf8'});
    expect({name, stderr, status}).toEqual({name, stderr: '', status: 0});
  }
});
