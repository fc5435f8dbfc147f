import os from 'node:os';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {operatorOf} from '../../../../source/engine/events/log/audit-line.ts';

test('who is at work, and behind sudo who called it', () => {
  const me = {login: os.userInfo().username, uid: process.getuid?.()};
  expect(operatorOf({})).toEqual({operator: {...me, sudo_user: null}, address: null});
  expect(operatorOf({SUDO_USER: 'alice', SSH_CONNECTION: '192.0.2.7 51344 10.0.0.1 22'})).toEqual({
    operator: {...me, sudo_user: 'alice'},
    address: '192.0.2.7',
  });
  expect(operatorOf({SUDO_USER: ''}).operator.sudo_user).toBeNull();
  expect(operatorOf({SUDO_USER: 'x'.repeat(10_000)}).operator.sudo_user).toHaveLength(200);
});

test('a name that was typed stands beside the login, and is not there where none was', () => {
  expect(operatorOf({MAGDS_OPERATOR: ' Kim Vogel '}).operator.person).toBe('Kim Vogel');
  expect(operatorOf({MAGDS_OPERATOR: 'x'.repeat(10_000)}).operator.person).toHaveLength(200);
  expect('person' in operatorOf({MAGDS_OPERATOR: ' '}).operator).toBe(false);
  expect('person' in operatorOf({}).operator).toBe(false);
});

test.each([
  ['2001:db8::1 1 2 3', '2001:db8::1'],
  ['fe80::1%eth0 1 2 3', 'fe80::1%eth0'],
  ['::ffff:192.0.2.7 1 2 3', '::ffff:192.0.2.7'],
  ['', null],
  [' ', null],
  ['localhost 1 2 3', null],
  ['10.0.0.2\n{"forged":1} 1 2 3', null],
  ["10.0.0.2'; 1 2 3", null],
  ['10.0.0.2\u202e 1', null],
  [`${'1'.repeat(46)} 1`, null],
])('SSH_CONNECTION=%j comes from %j', (SSH_CONNECTION, address) => {
  expect(operatorOf({SSH_CONNECTION}).address).toBe(address);
});

test('whatever SSH_CONNECTION says, an address is short and of the characters of one', () => {
  fc.assert(
    fc.property(fc.string({unit: 'binary'}), (SSH_CONNECTION) => {
      expect(operatorOf({SSH_CONNECTION}).address ?? '::').toMatch(/^[\w.:%-]{2,62}$/);
    }),
  );
});
