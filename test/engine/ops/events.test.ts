import {expect, test} from 'vitest';
import {auditLine} from '../../../source/engine/events/log/audit-line.ts';
import {commonFields, eventsMarkdown} from '../../../source/engine/ops/events.ts';
import {eventNames, registry} from '../../../source/engine/storage/events.ts';

const rows = eventsMarkdown()
  .split('\n')
  .filter((line) => line.startsWith('| `'));

test('there is a row for each event, with each of its fields', () => {
  expect(rows).toHaveLength(eventNames.length);
  for (const [index, name] of eventNames.entries()) {
    const [, action, when, payload, end, ...more] = (rows[index] ?? '').split('|').map((cell) => cell.trim());
    expect({action, when, end, more}).toEqual({
      action: `\`${name}\``,
      when: registry[name].summary,
      end: '',
      more: [],
    });
    const fields = Object.keys(registry[name].fields.def.shape);
    expect(payload?.split('; ').map((field) => field.split(' ')[0])).toEqual(
      fields.map((field) => `\`${field}\``),
    );
  }
});

test('what it says of every payload is what an audit line has', () => {
  const {payload} = auditLine(
    {action: 'magdb.backup.pruned', payload: {id: 'a', reason: 'b'}},
    '/srv/magmoboce',
    {MAGDS_OPERATOR: 'Amira'},
    new Date(),
  );
  expect(commonFields.map(({name}) => name)).toEqual(
    Object.keys(payload).filter((name) => name !== 'id' && name !== 'reason'),
  );
  for (const {name, type} of commonFields) expect(typeof payload[name], name).toBe(type.split(':')[0]);
  const operator = commonFields[0]?.type ?? '';
  expect(Object.keys(payload['operator'] as object).map((key) => `\`${key}\``)).toEqual(
    operator.match(/`\w+`/g),
  );
});

test('a list of objects says what is in each', () => {
  expect(rows.find((row) => row.includes('verify_failed'))).toContain(
    '`datasets` list of objects: `name`, `status`, `algorithm`, `expected`, `actual`, `reason`;',
  );
});
