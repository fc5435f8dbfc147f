import fc from 'fast-check';
import {expect, test} from 'vitest';
import {renderEvidence} from '../../../source/engine/evidence/render.ts';
import type {EvidenceRecord} from '../../../source/engine/evidence/schema.ts';
import {backup, record, restored, session, step, verification} from '../../support/evidence-records.ts';

/** What a session's summary is made of: one recorded fact each, none of which has a default that hides it. */
type Recorded = {
  login: string;
  client: string;
  host: string;
  asset: string;
  backup: string;
  ticket: string;
  title: string;
  authorised: string;
  closer: string;
  dataset: string;
  step: string;
  fingerprint: string;
  principal: string;
  /** Milliseconds since the epoch, in their order. */
  copied: number;
  verified: number;
  bad: number;
  noticed: number;
  switched: number;
  again: number;
  back: number;
  closed: number;
  newer: number;
  /** Of a newer backup, and of one from after the incident. */
  passed: string;
  later: string;
  /** A dataset that was left, where the old files are and until when, rows that are in those only. */
  left: string;
  kept: string;
  until: number;
  rows: number;
  files: number;
  objective: number;
};

const iso = (at: number): string => new Date(at).toISOString();

function recordOf(fact: Recorded): EvidenceRecord {
  const base = session();
  const context = base.context as NonNullable<typeof base.context>;
  const names = Array.from({length: fact.files}, (_, index) => `${fact.dataset}${index === 0 ? '' : index}`);
  const line = (type: string, operator: string, at: number, data = {}) => ({
    sequence: 0,
    at: iso(at),
    operator,
    type,
    data,
    previous: '',
  });
  return record({
    asset: {...record().asset, id: fact.asset},
    ticket: fact.ticket,
    title: fact.title,
    authorised: fact.authorised,
    signer: {fingerprint: fact.fingerprint, principal: fact.principal},
    objectives: {rto_seconds: fact.objective, rpo_seconds: null},
    choice: {
      until: iso(fact.bad),
      candidates: Array.from({length: fact.newer}, (_, index) => ({
        id: `${fact.passed}${index}`,
        time: iso(fact.bad),
        dataset: fact.dataset,
        state: 'damaged',
        reason: null,
        same: false,
        known: null,
      })),
      more_candidates: 0,
      later: [
        {
          id: fact.later,
          time: iso(fact.bad),
          dataset: fact.dataset,
          state: 'unaltered',
          reason: null,
          same: false,
          known: null,
        },
      ],
      more_later: 0,
      from: iso(fact.bad),
      verifications: [],
      more_verifications: 0,
    },
    content: [
      {
        dataset: fact.dataset,
        of: 'rows',
        tables: [{name: '', before: null, after: null, only_before: fact.rows, only_after: 0, differ: 0}],
        whole: true,
        reason: null,
      },
    ],
    session: session({
      left_out: [{name: fact.left, reason: 'not chosen'}],
      safety: {id: 'safety', path: fact.kept, kept: true, until: iso(fact.until)},
      context: {
        ...context,
        who: {...context.who, login: fact.login, ssh_client: fact.client},
        host: {...context.host, name: fact.host},
      },
      opened_at: iso(fact.switched),
      owners: [{operator: fact.login, from: null, at: iso(fact.switched)}],
      restored: names.map((name) =>
        restored(name, {before: {bytes: 1, hash: null, modified: iso(fact.switched)}}),
      ),
      checklist: [step(fact.step, 'title', {state: 'open', at: null})],
      times: {
        bad_since: iso(fact.bad),
        last_write: iso(fact.switched),
        noticed: iso(fact.noticed),
        declared: null,
        restored: iso(fact.switched),
        service_back: iso(fact.back),
      },
      lines: [
        line('opened', fact.login, fact.switched),
        line('closed', fact.closer, fact.closed, {kept: []}),
      ],
    }),
    backups: [
      backup({
        id: fact.backup,
        time: iso(fact.copied),
        verifications: [verification({at: iso(fact.again)}), verification({at: iso(fact.verified)})],
      }),
    ],
  });
}

/** What the first thirty-three lines say by the name of its point; the sentence above them is `''`, the file's first line `#`. */
function statedBy(fact: Recorded): Map<string, string> {
  const lines = renderEvidence(recordOf(fact)).split('\n').slice(0, 34);
  const text = lines.join('\n');
  const [, summary = ''] = /\n## Summary\n\n([\s\S]*?)\n(?:## |$)/.exec(text) ?? [];
  const [sentence = '', ...points] = summary.split(/\n+- (?=\*\*)/);
  const oneLine = (each: string): string => each.replace(/\s+/g, ' ').trim();
  return new Map([
    ['#', lines[0] ?? ''],
    ['', oneLine(sentence)],
    ...points.map((point) => {
      const [, name = '', rest = ''] = /^\*\*(.+?)\*\*: ([\s\S]*)$/.exec(point) ?? [];
      return [name, oneLine(rest)] as const;
    }),
  ]);
}

/** The points that state each fact: all of them change with it, and no other does. */
const statedIn: Record<keyof Recorded, string[]> = {
  login: ['', 'Who'],
  client: ['Who'],
  host: [''],
  asset: [''],
  backup: [''],
  ticket: ['Why'],
  title: ['Why'],
  authorised: ['Authorised'],
  closer: ['Who'],
  dataset: ['Changed', 'Data lost', 'Why this copy'],
  step: ['Open'],
  fingerprint: ['#'],
  principal: ['#'],
  copied: ['', 'Data lost', 'Why this copy'],
  verified: ['Proof before'],
  bad: ['Outage', 'Data lost', 'Why this copy'],
  noticed: ['Recovery'],
  switched: ['Data lost', 'Proof at the switch'],
  again: ['Proof after'],
  back: ['Outage', 'Recovery'],
  closed: ['Who'],
  newer: ['Why this copy'],
  passed: ['Why this copy'],
  later: ['Why this copy'],
  left: ['Changed'],
  kept: ['Overwritten data'],
  until: ['Overwritten data'],
  rows: ['Data lost'],
  files: ['Changed', 'Data lost', 'Proof at the switch'],
  objective: ['Recovery'],
};

// Short, so that all of them fit thirty-three lines; the first letter keeps each apart from all others.
const word = (first: string) => fc.stringMatching(/^[a-z0-9]{4,6}$/).map((rest) => `${first}${rest}`);
/** Between one time and the next: a minute more or less leaves them in their order. */
const minutes = fc.integer({min: 2, max: 25});

const facts: fc.Arbitrary<Recorded> = fc
  .record({
    login: word('L'),
    client: word('C'),
    host: word('H'),
    asset: word('A'),
    backup: word('B'),
    ticket: word('T'),
    title: word('N'),
    authorised: word('Z'),
    closer: word('K'),
    dataset: word('D'),
    step: word('S'),
    fingerprint: word('F'),
    principal: word('P'),
    gaps: fc.array(minutes, {minLength: 9, maxLength: 9}),
    passed: word('Q'),
    later: word('R'),
    left: word('E'),
    kept: word('V'),
    rows: fc.integer({min: 2, max: 99}),
    newer: fc.integer({min: 1, max: 3}),
    files: fc.integer({min: 1, max: 4}),
    // Longer than any recovery here: whether it is missed is an exception of its own.
    objective: fc.integer({min: 200, max: 300}).map((each) => each * 60),
  })
  .map(({gaps, ...rest}) => {
    let at = Date.parse('2026-11-23T01:00:00Z');
    const [copied, verified, bad, noticed, switched, again, back, closed, until] = gaps.map((gap) => {
      at += gap * 60_000;
      return at;
    }) as [number, number, number, number, number, number, number, number, number];
    return {...rest, copied, verified, bad, noticed, switched, again, back, closed, until};
  });

/** Another value of a fact: a time stays where it is among the others. */
const changed = (fact: Recorded, name: keyof Recorded): Recorded => {
  const value = fact[name];
  if (typeof value === 'string') return {...fact, [name]: `${value}x`};
  const by = {newer: 1, files: 1, rows: 1, objective: 60}[name as 'newer'] ?? 60_000;
  return {...fact, [name]: value + by};
};

test('each fact that is recorded changes the lines that state it, and no other one', () => {
  fc.assert(
    fc.property(facts, fc.constantFrom(...Object.keys(statedIn)), (fact, each) => {
      const name = each as keyof Recorded;
      const [before, after] = [statedBy(fact), statedBy(changed(fact, name))];
      expect([...after.keys()]).toEqual([...before.keys()]);
      const differing = [...after]
        .filter(([point, text]) => before.get(point) !== text)
        .map(([point]) => point);
      expect([name, differing]).toEqual([name, statedIn[name]]);
    }),
    {numRuns: 120},
  );
});

const clock = (at: number): string => `${iso(at).slice(0, 19).replace('T', ' ')}Z`;
/** Of whole minutes. */
const span = (milliseconds: number): string => {
  const all = milliseconds / 60_000;
  const [hours, rest] = [Math.floor(all / 60), all % 60];
  return hours === 0 ? `${rest}m00s` : `${hours}h${String(rest).padStart(2, '0')}m`;
};

/** What a point may state: the facts it is made of, and what follows from them. */
function valuesOf(fact: Recorded, point: string): string[] {
  const own = (Object.keys(statedIn) as (keyof Recorded)[]).filter((name) => statedIn[name].includes(point));
  const values = own.map((name) => fact[name]);
  const {copied, bad, noticed, switched, back, dataset, files, objective} = fact;
  const computed: Record<string, string[]> = {
    Outage: [span(back - bad)],
    Recovery: [span(back - noticed), span(objective * 1000)],
    'Data lost': [span(bad - copied), span(switched - bad)],
    // Of one step, which is open, and of the exceptions that the next line lists.
    Verdict: ['0', '1', '1'],
    'Why this copy': [
      span(bad - copied),
      ...Array.from({length: Math.min(fact.newer, 3)}, (_, index) => `${fact.passed}${index}`),
      String(fact.newer - 3),
    ],
  };
  const names = own.includes('dataset')
    ? Array.from({length: files}, (_, index) => `${dataset}${index}`)
    : [];
  return [
    ...values.map((value) => (typeof value === 'number' && value > 1e9 ? clock(value) : String(value))),
    ...names,
    ...(computed[point] ?? []),
  ];
}

/** Texts of the record, times, durations and counts: all that a line may have from elsewhere. */
const value = /`([^`]*)`|\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ|\d+(?:\.\d+)?[a-z0-9]*/g;

test('none of these lines states a value that is not in the record', () => {
  fc.assert(
    fc.property(facts, (fact) => {
      for (const [point, text] of statedBy(fact)) {
        const stated = [...text.matchAll(value)].map(([whole, quoted]) => quoted ?? whole);
        const allowed = valuesOf(fact, point);
        expect([point, stated.filter((each) => !allowed.includes(each))]).toEqual([point, []]);
      }
    }),
    {numRuns: 80},
  );
});
