import {describe, expect, test} from 'vitest';
import {csvLines, markdownLines} from '../../../source/commands/evidence-report-as.ts';
import {isMissed, parsePeriod, populationOf, report} from '../../../source/engine/evidence/report.ts';
import type {EvidenceRecord, EvidenceSession, EvidenceStep} from '../../../source/engine/evidence/schema.ts';
import {goldenRecords, record, restored, session} from '../../support/evidence-records.ts';

const day = (text: string | null) => (text === null ? null : new Date(text).getTime());

test.each([
  ['2026', '2026-01-01', '2027-01-01'],
  ['2026Q4', '2026-10-01', '2027-01-01'],
  ['2026-q1', '2026-01-01', '2026-04-01'],
  ['2026H2', '2026-07-01', '2027-01-01'],
  ['2026-11', '2026-11-01', '2026-12-01'],
  ['2026-12', '2026-12-01', '2027-01-01'],
])('%s is from %s until before %s', (text, from, to) => {
  expect(parsePeriod(text)).toEqual({from: day(from), to: day(to)});
});

test.each(['', '2026Q5', '2026-13', '2026-00', 'Q4', '26Q4', '2026Q4 '])('"%s" is no period', (text) => {
  expect(parsePeriod(text)).toBeNull();
});

test('a list has one id a line', () => {
  expect(populationOf('# ours\r\ndb-01\n\n  db-02 \ndb-01\n')).toEqual(['db-01', 'db-02']);
});

const quarter = {from: Date.UTC(2026, 9), to: Date.UTC(2027, 0)};
const base = goldenRecords['drill'] as EvidenceRecord;
const drill = (
  id: string,
  number: number,
  change: Partial<EvidenceSession> = {},
  over: Partial<EvidenceRecord> = {},
) => ({
  file: `${id}-${number}.md`,
  record: record({
    ...base,
    asset: {...base.asset, id},
    session: {...(base.session as EvidenceSession), number, ...change},
    ...over,
  }),
});

describe('for each asset of the list', () => {
  test('drills passed, failed and missing are counted, and nothing else', () => {
    const times = {...session().times, restored: '2026-09-30T23:59:59.999Z'};
    const files = [
      drill('db-01', 1),
      drill('db-01', 2, {state: 'rolled-back', reason: 'the disk is full'}),
      drill('db-02', 1, {
        checklist: [{...(session().checklist[0] as EvidenceStep), id: 'health', state: 'failed'}],
      }),
      drill('db-03', 1, {times}),
      drill('db-09', 1),
      {file: 'incident.md', record: record({asset: {...base.asset, id: 'db-04'}})},
    ];
    const {assets, covered, others, notCounted} = report(
      files,
      ['db-01', 'db-02', 'db-03', 'db-04'],
      quarter,
    );
    expect(assets.map(({id, state, drills}) => [id, state, drills.map(({reason}) => reason)])).toEqual([
      ['db-01', 'passed', [null, 'the disk is full']],
      ['db-02', 'failed', ['failed: health']],
      ['db-03', 'missing', []],
      ['db-04', 'missing', []],
    ]);
    expect(covered).toBe(1);
    expect(others).toEqual([{id: 'db-09', file: 'db-09-1.md'}]);
    expect(notCounted).toEqual([
      {file: 'incident.md', reason: 'it is about no drill'},
      {file: 'db-03-1.md', reason: 'the drill was on 2026-09-30'},
    ]);
  });

  test('one session counts once, by the file that was written last', () => {
    const [older, newer] = [drill('db-01', 1, {state: 'refused'}), drill('db-01', 1)];
    newer.record.exported.at = '2026-11-24T00:00:00.000Z';
    older.file = 'older.md';
    const {assets, notCounted} = report([newer, older], ['db-01'], quarter);
    expect(assets[0]?.drills.map(({file}) => file)).toEqual(['db-01-1.md']);
    expect(notCounted).toEqual([{file: 'older.md', reason: 'a later file is about the same session'}]);
  });

  test('what restored nothing, or cannot prove it, did not pass', () => {
    const results = [
      {restored: []},
      {broken: 'line 3 is no line of a record'},
      {restored: [{...restored('tenants'), result: 'not recorded' as const}]},
    ].map((change) => report([drill('a', 1, change)], ['a'], quarter).assets[0]?.drills[0]?.reason);
    expect(results).toEqual([
      'it restored nothing',
      'its record is broken: line 3 is no line of a record',
      expect.stringMatching(/^not proven to be restored: /),
    ]);
  });
});

describe('objectives, and what is still to be done', () => {
  const late = {rto_seconds: 1, rpo_seconds: null};
  const owed = ['a second disk; carol; 2026-12-01', 'tell the desk'];

  test('by dataset: of the last drill that restored it and passed; what none restored is missing', () => {
    const found = report(
      [
        drill('db-01', 1, {}, {objectives: late, corrective: owed}),
        drill('db-02', 1, {restored: [restored('ledger', {action: 'create', before: null})]}),
      ],
      ['db-01', 'db-02', 'db-03'],
      quarter,
    );
    expect(isMissed(found)).toBe(true);
    const states = found.assets.map(({datasets}) => datasets.map(({name, state}) => `${name} ${state}`));
    expect(states[0]).toContain('ledger missed');
    expect(states[1]).toContain('tenants missing');
    expect(states[1]).toContain('ledger met');
    expect(states[2]).toEqual([]);
    expect(found.assets[0]?.drills[0]?.exceptions).toEqual([
      {what: 'a second disk', owner: 'carol', due: '2026-12-01'},
      {what: 'tell the desk', owner: null, due: null},
    ]);
    expect(isMissed(report([drill('db-01', 1)], ['db-01'], quarter))).toBe(false);
    const lines = csvLines(found);
    expect(lines[0]).toMatch(/^asset,state,dataset,objectives,/);
    expect(lines.find((line) => line.startsWith('db-01,passed,ledger,missed,'))).toContain(
      ',a second disk; carol; 2026-12-01 / tell the desk; no owner; no due date,',
    );
    expect(lines).toContain('db-03,missing,,missing,,,missing,,,,,,,');
    const markdown = markdownLines('2026Q4', found, []).join('\n');
    expect(markdown).toContain('- `db-01`: `a second disk`; owner: `carol`; due: `2026-12-01`');
    expect(markdown).toContain('## Missing\n\n- `db-03`\n');
  });

  test('no field of the CSV is a formula, or two', () => {
    const text = '=1+1,"x"';
    const [, line = ''] = csvLines(report([], [text], quarter));
    expect(line).toMatch(/^"'=1\+1,""x""",missing,/);
  });
});
