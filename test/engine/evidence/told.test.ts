import {describe, expect, test} from 'vitest';
import {auditLine} from '../../../source/engine/events/log/audit-line.ts';
import {eventNote} from '../../../source/engine/events/told-notes.ts';
import {openSection} from '../../../source/engine/evidence/sections/opening.ts';
import {toldPart} from '../../../source/engine/evidence/sections/trail.ts';
import {record, session} from '../../support/evidence-records.ts';

type Line = ReturnType<typeof session>['lines'][number];

const lineOf = (type: string, data: Record<string, unknown>): Line => ({
  sequence: 1,
  at: '2026-11-23T13:18:21.000Z',
  operator: 'amira',
  type,
  data,
  previous: '',
});
const part = (...lines: Line[]): string => toldPart(session({lines})).join('\n');

const now = new Date('2026-11-23T13:18:21Z');
const pruned = auditLine(
  {action: 'magdb.backup.pruned', payload: {id: 'x', reason: 'too old'}},
  '/srv/app',
  {},
  now,
);
const metrics = (moment: string, text: string | null): Line => lineOf('metrics', {moment, text});

describe('what others were told of a session', () => {
  test('an event stands with its id in the audit log', () => {
    const [type, data] = eventNote({line: pruned, logged: true});
    expect(part(lineOf(type, data))).toBe(
      [
        'Events of the session: 1, each with its id in the audit log; their payloads are',
        'in the record.',
        '',
        '| Time                 | Event                 | In the audit log | Id                                     |',
        '| -------------------- | --------------------- | ---------------- | -------------------------------------- |',
        `| 2026-11-23 13:18:21Z | \`magdb.backup.pruned\` | yes              | \`${pruned.id}\` |`,
        '',
      ].join('\n'),
    );
  });

  test('one that the audit log does not have is said', () => {
    const [type, data] = eventNote({line: pruned, logged: false});
    const said = part(lineOf(type, data));
    expect(said).toContain('**Beware**: 1 event could not be written to the audit log.');
    expect(said).toContain('| **no** ');
  });

  test('of many the first stand there, and how many more there are', () => {
    const [type, data] = eventNote({line: pruned, logged: true});
    const said = part(...Array.from({length: 100}, () => lineOf(type, data)));
    expect(said.match(/magdb\.backup\.pruned/g)).toHaveLength(60);
    expect(said).toContain('Then 40 events more, in the record.');
  });
});

describe('the metrics of a session', () => {
  const text = (value: number): string =>
    `# HELP a_total What it is.\n# TYPE a_total counter\na_total{tool="magds",root="/x"} ${value}\nz{root="/x"} 0\nb{root="/x",state="never"} 2\n`;

  test('stand side by side; a state has a row of its own', () => {
    expect(part(metrics('start', null), metrics('end', text(1)), metrics('sign-off', text(2)))).toContain(
      [
        '| Metric    | `start` | `end` | `sign-off` |',
        '| --------- | ------- | ----- | ---------- |',
        '| `a_total` | -       | `1`   | `2`        |',
        '| `b never` | -       | `2`   | `2`        |',
      ].join('\n'),
    );
  });

  test('that could not be read are said to be none', () => {
    expect(part(metrics('start', null))).toBe('Metrics of the root: there were none that could be read.\n');
  });

  test('of a forged record take no more room, and end no cell', () => {
    const many = Array.from({length: 5000}, (_, index) => `m${index}|x <b> ${index}`).join('\n');
    const lines = Array.from({length: 500}, () => metrics('end', `${many}\nq{state="|<a>\`"} |`));
    const said = part(...lines, metrics('nowhere', 'z 1\n'));
    expect(said.split('\n').length).toBeLessThan(100);
    expect(said).not.toMatch(/<a>|<b>| z /);
  });
});

test('a record from before there were any says nothing of them', () => {
  expect(part(lineOf('opened', {}))).toBe('');
});

test('who begins a recovery is told by the login and the name that was typed', () => {
  const begun = (data: Record<string, unknown>): string =>
    [...openSection(record({session: session({lines: [lineOf('recovery', data)]})}))].join('\n');
  const text = '2026-11-23 13:18:21Z `amira`';
  expect(begun({direction: 'back', person: 'Kim Vogel'})).toContain(
    `${text}, \`Kim Vogel\` [typed]: a recovery was begun`,
  );
  expect(begun({direction: 'back'})).toContain(`${text}: a recovery was begun`);
});
