import {expect, test} from 'vitest';
import {Saying} from '../../../../source/ui/kit/words.tsx';
import {saidOf} from '../../../../source/ui/screens/sign-off/work.ts';

test('after sign-off the path of the evidence can be copied: whole, in one line, on a small screen too', () => {
  const root = '/srv/customers/some-company/production/magmoboce';
  const path = 'storage/runbook/evidence/20261129_151200_session-1.md';
  const id = '20261123_120000_nightly';
  const signed = {
    kept: [],
    notes: [`${id} stays held until 2026-12-13, should it be needed again`],
    evidence: {file: `${root}/${path}`, beware: []},
  };
  const text = saidOf(1, root, signed, ['the hook failed']);
  for (const [columns, most] of [
    [80, 7],
    [60, 4],
  ] as const) {
    const lines = Saying.lines({mark: ' ', text, most}, {columns, height: 13});
    const shown = lines.map((line) => line.map((span) => span.text).join(''));
    expect(shown.some((line) => line.split(' ').includes(path))).toBe(true);
  }
});
