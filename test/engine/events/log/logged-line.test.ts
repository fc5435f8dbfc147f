import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {longestRead} from '../../../../source/engine/events/log/log-lines.ts';
import {isOurEvent, mayBeOurs, readLine} from '../../../../source/engine/events/log/logged-line.ts';
import {failedVerification, logText, readText} from '../../../support/activity-states.ts';
import {idAt, noon} from '../../../support/states.ts';

test('a line of ours says when, which backup, who, and what became of it', () => {
  expect(readText(logText(), 7)).toMatchObject({
    number: 7,
    at: noon - 60_000,
    action: 'magdb.backup.verify_completed',
    backup: idAt(3, 'nightly'),
    operator: 'amira as root',
    address: '10.0.4.7',
    host: 'db-01',
    result: {tone: 'good', text: 'passed, 4 datasets'},
    broken: null,
  });
  expect(failedVerification(0).result).toEqual({tone: 'bad', text: 'ledger mismatch'});
});

test.each([
  [
    {action: 'user.login', payload: []},
    {backup: null, operator: null, result: {tone: 'none', text: ''}},
  ],
  [{user_id: 42, payload: null}, {operator: 'user 42'}],
  [{payload: {id: 7, operator: 'bob'}}, {backup: null, operator: 'bob'}],
  [{payload: {operator: {login: 'root'}}}, {operator: 'root'}],
  [
    {created_at: 'soon', id: {}},
    {at: null, id: null, broken: null},
  ],
  [
    {action: 'magdb.backup.verify_failed', payload: {reason: 'so'}},
    {result: {tone: 'bad', text: 'reason so'}},
  ],
  // PHP's own shape has fewer fields than ours.
  [{payload: {id: 'x', success: false}}, {backup: 'x', result: {tone: 'bad', text: 'success false'}}],
])('a line of others is read as far as it goes: %j', (changes, wanted) => {
  expect(readText(logText({changes}))).toMatchObject(wanted);
});

describe('what is no line says why', () => {
  test.each([
    ['{"action":"magdb.x","payl', 'not a line of an audit log'],
    ['[1]', 'not a line of an audit log'],
    ['{"action":5}', 'not a line of an audit log'],
    ['null', 'not a line of an audit log'],
    [Buffer.from([0x6d, 0xff, 0xfe]), 'not text (not UTF-8)'],
    ['['.repeat(500_000), 'not a line of an audit log'],
  ])('%#', (text, broken) => {
    expect(readText(text)).toMatchObject({broken, result: {tone: 'beware', text: broken}, backup: null});
  });

  test('one that has not ended, and one that is too long', () => {
    const bytes = Buffer.from('{"action":');
    expect(readLine({bytes, length: bytes.length, torn: true}, 1).broken).toMatch(/^cut short: /);
    expect(readLine({bytes, length: longestRead + 1, torn: false}, 1).broken).toBe(
      'a line of 1.0 MB, of which only the beginning is read',
    );
  });
});

test('anything can be read, and what it says is bounded', () => {
  const values = fc.oneof(
    fc.jsonValue(),
    fc.string({maxLength: 3}).map((text) => text.repeat(5000)),
  );
  const line = fc.record({
    action: values,
    id: values,
    user_id: values,
    created_at: values,
    ip_address: values,
    payload: fc.oneof(values, fc.record({id: values, operator: values, reason: values, success: values})),
  });
  fc.assert(
    fc.property(line, (value) => {
      const {action, backup, operator, result, broken} = readText(JSON.stringify(value));
      for (const text of [action, backup ?? '', operator ?? '']) expect(text.length).toBeLessThanOrEqual(200);
      expect(result.text.length).toBeLessThanOrEqual(1000);
      expect(broken === null).toBe(typeof value.action === 'string');
    }),
  );
});

test('whose it is goes by the action; of a broken one that may be ours it is told', () => {
  const raw = (text: string) => ({bytes: Buffer.from(text), length: text.length, torn: false});
  const login = logText({action: 'user.login', payload: {note: 'about magdb.backup.completed'}});
  expect(mayBeOurs(raw(login))).toBe(true);
  expect(isOurEvent(readText(login))).toBe(false);
  expect(isOurEvent(readText(logText()))).toBe(true);
  expect(mayBeOurs(raw('{"action":"user.login"'))).toBe(false);
  expect(isOurEvent(readText('{"action":"magdb.'))).toBe(true);
});
