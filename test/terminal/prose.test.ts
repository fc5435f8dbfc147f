import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {widthOf} from '../../source/presenters/graphemes.ts';
import {prose} from '../../source/terminal/prose.ts';

describe('prose', () => {
  it('breaks between words, and sets in what goes on', () => {
    expect(prose('! ledger: you lose what live says in 20 entries', 24)).toEqual([
      '! ledger: you lose what',
      '  live says in 20',
      '  entries',
    ]);
    expect(prose('magds: There is nothing to restore', 20)).toEqual([
      'magds: There is',
      '  nothing to restore',
    ]);
  });

  it('leaves a line that fits as it is', () => {
    expect(prose('  + a   b', 9)).toEqual(['  + a   b']);
  });

  it('breaks no path and no command: they have a line of their own', () => {
    const path = '/srv/app/storage/runbook/evidence/20261129_session-1.md';
    expect(prose(`+ The evidence: ${path} and more`, 40)).toEqual(['+ The evidence:', path, '  and more']);
    expect(prose('Name it. To look at a demonstration: magds demo --root DIR. That is all.', 40)).toEqual([
      'Name it. To look at a demonstration:',
      '  magds demo --root DIR. That is all.',
    ]);
    expect(prose('What there is says "magds backup list --json" here', 30)).toEqual([
      'What there is says',
      '  "magds backup list --json"',
      '  here',
    ]);
  });

  it('loses nothing, and makes no line too wide but of one thing', () => {
    const words = fc.array(fc.stringMatching(/^[a-z/"é日]{1,30}$/), {minLength: 1});
    fc.assert(
      fc.property(words, fc.integer({min: 5, max: 60}), (texts, width) => {
        const line = texts.join(' ');
        const lines = prose(line, width);
        expect(lines.map((each) => each.trim()).join(' ')).toBe(line);
        for (const each of lines)
          if (widthOf(each) > width) expect(each.trim()).toMatch(/^(\S+|[^\s"]*"[^"]*"[^\s"]*)$/u);
      }),
    );
  });
});
