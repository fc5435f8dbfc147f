import fs from 'node:fs';
import {expect, test} from 'vitest';
import {choiceFacts} from '../../../source/engine/evidence/choice-facts.ts';
import {renderEvidence} from '../../../source/engine/evidence/render.ts';
import type {EvidenceChoice} from '../../../source/engine/evidence/schema.ts';
import {askedOf, keepVerdicts} from '../../../source/engine/storage/content-verdicts.ts';
import {openState} from '../../../source/engine/storage/runbook/state-directory.ts';
import {makeBackup, makeRoot, phpHash} from '../../support/backups.ts';
import {record, restored, session, verification} from '../../support/evidence-records.ts';

const candidate = (change: Partial<EvidenceChoice['candidates'][number]> = {}) => ({
  id: '20261123_140000_nightly',
  time: '2026-11-23T14:00:00.000Z',
  dataset: 'tenants',
  state: 'damaged',
  reason: 'it failed verification',
  same: false,
  known: {at: '2026-11-23T14:50:00.000Z', result: 'failed' as const},
  ...change,
});

const choice = (change: Partial<EvidenceChoice> = {}): EvidenceChoice => ({
  until: '2026-11-23T14:05:00.000Z',
  candidates: [candidate()],
  more_candidates: 0,
  from: '2026-11-23T14:05:00.000Z',
  verifications: [],
  more_verifications: 0,
  ...change,
});

const rendered = (change: Partial<EvidenceChoice>): string =>
  renderEvidence(record({choice: choice(change)}));

function section(text: string): string {
  const [, rest = ''] = text.split('\n## Why this copy\n');
  return rest.split('\n## ')[0] ?? '';
}

const flat = (text: string): string => text.replace(/\s+/g, ' ');

test('each newer copy is a row, with what was known of it then and now', () => {
  const text = rendered({
    candidates: [
      candidate(),
      candidate({dataset: 'ledger', state: 'unaltered', reason: null, same: true, known: null}),
      candidate({id: 'x', dataset: null, state: 'interrupted', reason: 'cut off', known: null}),
    ],
  });
  expect(flat(section(text))).toContain(
    '| `20261123_140000_nightly` | `tenants` | **failed**, 2026-11-23 14:50:00Z | damaged: `it failed verification` |',
  );
  expect(flat(section(text))).toContain(
    '| `ledger` | [not recorded] | unaltered; the same bytes as the chosen one |',
  );
  expect(flat(section(text))).toContain('| no manifest | [not recorded] | `interrupted`: `cut off` |');
  expect(flat(text)).toContain(
    'before things went bad [computed]; passed over: `20261123_140000_nightly` (`tenants` damaged: `it failed verification`; `ledger` the same bytes), `x` (`interrupted`: `cut off`) [measured]',
  );
});

test('one that nothing speaks against is named first, and in the summary', () => {
  const good = candidate({id: 'good', state: 'unaltered', reason: null, known: null});
  const text = rendered({candidates: [...Array.from({length: 70}, () => candidate()), good]});
  expect(section(text)).toMatch(/^\| -.*\n\| `good` /m);
  expect(section(text)).toContain('Then 66 more; 0 of them are not in the record.');
  expect(flat(text)).toContain(
    'passed over: `good` (`tenants` **nothing is known against it**), `20261123_140000_nightly` (70 datasets damaged',
  );
});

test('none, and a record that does not tell', () => {
  expect(flat(rendered({candidates: []}))).toContain(
    'before things went bad [computed]; there is no newer copy from before that, 2026-11-23 14:05:00Z [measured]',
  );
  expect(flat(section(renderEvidence(record())))).toContain('passed over: [not recorded].');
});

test('where nobody said when things went bad, newer ones are parted by the opening of the session', () => {
  const {times, opened_at} = session();
  const later = [candidate({id: 'during', state: 'unaltered', reason: null})];
  const told = (drill: boolean) => {
    const given = session({drill, times: {...times, bad_since: null}});
    const chosen = choice({until: opened_at, candidates: [], later});
    return flat(renderEvidence(record({session: given, choice: chosen})));
  };
  for (const drill of [false, true]) {
    const text = told(drill);
    expect(text).toContain(
      'there is no newer copy from before the session was opened, 2026-11-23 15:01:02Z; from after the session was opened: `during` [measured]',
    );
    expect(text).toContain('Copies of the same datasets from after that: 1.');
    expect(text).not.toContain('after things went bad');
  }
  expect(told(false)).toContain('(the opening of the session, as nobody said when things went bad): none.');
  expect(told(true)).toContain('(the opening of the session): none.');
});

test('verifications since the incident began', () => {
  const failed = verification({result: 'failed', reason: 'tenants: mismatch', failed: ['tenants']});
  expect(flat(section(rendered({verifications: [{id: 'x', ...failed}]})))).toContain(
    '- `x`: **failed** at 2026-11-23 13:30:00Z by `backup` on `srv1`: `tenants: mismatch`',
  );
});

const verified = (
  directory: string,
  at: string,
  failed: string[],
  result = failed.length > 0 ? 'failed' : 'passed',
) =>
  fs.appendFileSync(
    `${directory}/verifications.jsonl`,
    `${JSON.stringify({version: 1, at, result, reason: null, manifest: 'x', copies: 'x', failed})}\n`,
  );

test('is found beside the backups: what was known before, what is known now, and what was verified since', () => {
  const {root, backups} = makeRoot();
  const tenants = (content: string) => [{name: 'tenants', content}, {name: 'ledger'}];
  makeBackup({backups, id: '20261123_120000_older'});
  makeBackup({backups, id: '20261123_131821_chosen', datasets: tenants('good')});
  const same = makeBackup({backups, id: '20261123_133000_same', datasets: tenants('good')});
  const bad = makeBackup({backups, id: '20261123_140000_bad', datasets: tenants('worse')});
  makeBackup({backups, id: '20261123_140100_cut', manifest: () => null});
  makeBackup({backups, id: '20261123_143000_after'});
  // What a restore has saved of the live files is no choice.
  makeBackup({backups, id: '20261123_135000_before-restore-1', datasets: tenants('live')});
  fs.rmSync(bad.copy('tenants'));
  verified(bad.directory, '2026-11-23T14:50:00+00:00', ['tenants']);
  verified(same.directory, '2026-11-23T15:30:00+00:00', []);
  const found = choiceFacts({
    root,
    backups,
    configured: ['tenants', 'ledger'],
    id: '20261123_131821_chosen',
    session: session({restored: [restored('tenants')]}),
  });
  expect(found.candidates).toEqual([
    expect.objectContaining({id: '20261123_140100_cut', dataset: null, state: 'interrupted', known: null}),
    {
      id: '20261123_140000_bad',
      time: '2026-11-23T14:00:00.000Z',
      dataset: 'tenants',
      state: 'damaged',
      reason: 'the copy is missing',
      same: false,
      known: {at: '2026-11-23T14:50:00+00:00', result: 'failed'},
    },
    expect.objectContaining({id: '20261123_133000_same', dataset: 'tenants', same: true, known: null}),
  ]);
  expect(found.verifications.map(({id, result}) => [id, result])).toEqual([
    ['20261123_140000_bad', 'failed'],
    ['20261123_133000_same', 'passed'],
  ]);
});

test('a verification that failed and names no dataset speaks against each; one of another dataset against none', () => {
  const {root, backups} = makeRoot();
  makeBackup({backups, id: '20261123_120000_chosen'});
  const [none, other] = ['20261123_130000_none', '20261123_130001_other'].map((id) =>
    makeBackup({backups, id}),
  );
  verified(none?.directory ?? '', '2026-11-23T14:50:00+00:00', [], 'failed');
  verified(other?.directory ?? '', '2026-11-23T14:50:00+00:00', ['ledger']);
  const found = choiceFacts({
    root,
    backups,
    configured: ['tenants', 'ledger'],
    id: '20261123_120000_chosen',
    session: session({restored: [restored('tenants')]}),
  });
  expect(found.candidates.map(({id, known}) => [id, known?.result])).toEqual([
    ['20261123_130001_other', 'passed'],
    ['20261123_130000_none', 'failed'],
  ]);
});

test('newer ones from after it are named too, and what was known to be broken inside', () => {
  const {root, backups} = makeRoot();
  const cut = '{"tenants": [';
  makeBackup({backups, id: '20261123_120000_chosen'});
  makeBackup({backups, id: '20261123_143000_cut', datasets: [{name: 'tenants', content: cut}]});
  makeBackup({backups, id: '20261123_150200_during'});
  verified(`${backups}/20261123_143000_cut`, '2026-11-23T14:50:00+00:00', []);
  const asked = askedOf(`sha256:${phpHash('sha256', cut)}`, 'tenants.json');
  const detail = 'line 1, column 13: the end is missing';
  openState(root).close();
  keepVerdicts(root, [{...asked, finding: {kind: 'json', state: 'broken', check: 'parse', detail}}]);
  const found = choiceFacts({
    root,
    backups,
    configured: ['tenants', 'ledger'],
    id: '20261123_120000_chosen',
    session: session({restored: [restored('tenants')]}),
  });
  expect(found.candidates).toEqual([]);
  expect(found.later?.map(({id, dataset, reason}) => [id, dataset, reason])).toEqual([
    ['20261123_143000_cut', 'tenants', `no JSON: ${detail}`],
  ]);
  expect(found.verifications).toEqual([
    expect.objectContaining({result: 'passed', broken: [{dataset: 'tenants', detail: `no JSON: ${detail}`}]}),
  ]);
  const text = flat(renderEvidence(record({choice: found})));
  expect(text).toContain(
    'from after that: `20261123_143000_cut` (`tenants` verified before, and not since) [measured]',
  );
  expect(text).toContain(`**but** \`tenants\` is broken inside: \`no JSON: ${detail}\``);
});

test('how a copy failed is said as its verification found it', () => {
  const {root, backups} = makeRoot();
  makeBackup({backups, id: '20261123_120000_chosen'});
  const {directory} = makeBackup({backups, id: '20261123_130000_bad'});
  const dataset = {name: 'tenants', status: 'mismatch', algorithm: 'sha256', expected: 'a', actual: 'b'};
  fs.appendFileSync(
    `${directory}/verifications.jsonl`,
    `${JSON.stringify({
      ...{version: 1, at: '2026-11-23T14:50:00+00:00', result: 'failed', reason: null, manifest: 'x'},
      ...{copies: 'x', failed: ['tenants'], datasets: [{...dataset, bytes: 1, mtimeMs: 1, reason: null}]},
    })}\n`,
  );
  fs.rmSync(`${directory}/datasets/tenants.json`);
  const {candidates} = choiceFacts({
    root,
    backups,
    configured: ['tenants', 'ledger'],
    id: '20261123_120000_chosen',
    session: session({restored: [restored('tenants')]}),
  });
  expect(candidates.map(({state, reason}) => [state, reason])).toEqual([
    ['damaged', 'it is not what its manifest recorded'],
  ]);
});
