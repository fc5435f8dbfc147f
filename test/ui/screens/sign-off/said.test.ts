import {expect, test} from 'vitest';
import {Saying} from '../../../../source/ui/kit/words.tsx';
import {saidOf} from '../../../../source/ui/screens/sign-off/work.ts';

test('after sign-off the path of the evidence can be copied: whole, in one line, and nothing after it', () => {
  const root = '/srv/customers/some-company/production/magmoboce';
  const path = 'storage/runbook/evidence/20261129_151200_session-1.md';
  const id = '20261123_120000_nightly';
  const signed = {
    kept: [],
    notes: [`${id} stays held until 2026-12-13: the incident may not be over`],
    evidence: {file: `${root}/${path}`, beware: []},
  };
  const text = saidOf(1, root, signed, ['the hook failed']);
  const lines = Saying.lines({mark: ' ', text, most: 8}, {columns: 80, height: 20, seen: 20, caret: null});
  expect(lines.map((line) => line.map((span) => span.text).join('')).at(-1)).toMatch(
    new RegExp(`(^| )${path.replaceAll('.', '\\.')} *$`),
  );
});
