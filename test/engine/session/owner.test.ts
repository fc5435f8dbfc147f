import {describe, expect, test} from 'vitest';
import {
  cameFrom,
  ownersOf,
  standingOf,
  type Who,
  whoText,
  whyWatching,
} from '../../../source/engine/session/owner.ts';
import type {RecordLine} from '../../../source/engine/session/record.ts';

const now = Date.UTC(2026, 10, 23, 3, 30);
const amira: Who = {operator: 'amira', from: '10.0.4.7', screen: 'a'};
const amiraAgain: Who = {...amira, screen: 'a2'};
const bob: Who = {operator: 'bob', from: '10.0.0.2', screen: 'b'};

const line = (type: string, {operator, from, screen}: Who, minute = 9): RecordLine => ({
  sequence: 1,
  at: `2026-11-23T03:${String(minute).padStart(2, '0')}:14.000Z`,
  operator,
  type,
  data: {from, screen},
  previous: '',
});
const opened = line('opened', amira);
const taken = line('taken-over', bob, 20);

describe('who has a session', () => {
  test('is whoever opened it, until somebody takes it over', () => {
    expect(ownersOf([opened, line('step', bob)])).toMatchObject([{...amira, at: '2026-11-23T03:09:14.000Z'}]);
    expect(ownersOf([opened, taken]).at(-1)).toMatchObject(bob);
  });

  test.each([
    ['the screen that opened it', [opened], amira, 'mine'],
    ['the same operator in a new terminal', [opened], amiraAgain, 'goes on'],
    ['a command of the same operator', [opened], {...amira, screen: null}, 'goes on'],
    ['the same login from elsewhere', [opened], {...amiraAgain, from: '10.0.9.9'}, 'watches'],
    ['somebody else', [opened], bob, 'watches'],
    ['whoever took it over', [opened, taken], bob, 'mine'],
    ['the screen it was taken from', [opened, taken], amira, 'watches'],
    ['the old screen of the same operator', [opened, line('taken-over', amiraAgain)], amira, 'watches'],
    ['whoever took it back', [opened, taken, line('taken-over', amira, 25)], amira, 'mine'],
    ['anybody, where no record says', [], bob, 'mine'],
  ] as const)('%s', (_, lines, who, standing) => {
    expect(standingOf(ownersOf([...lines]), who)).toBe(standing);
  });

  test('is said to whoever watches', () => {
    const why = (lines: RecordLine[], who: Who) => whyWatching(3, ownersOf(lines), who, now);
    expect(why([opened], bob)).toBe('session 3 is with amira from 10.0.4.7 since 03:09Z');
    expect(why([opened, taken], amira)).toBe('session 3 was taken over by bob from 10.0.0.2 at 03:20Z');
    expect(why([opened, line('taken-over', amiraAgain, 20)], amira)).toBe(
      'session 3 went on in another terminal of yours at 03:20Z',
    );
    expect(whyWatching(3, ownersOf([opened]), bob, now + 86_400_000)).toMatch(/since 2026-11-23 03:09Z$/);
    const unknown = line('opened', {...bob, from: null, screen: null});
    expect(why([unknown], bob)).toBe('session 3 is with bob from an unknown address since 03:09Z');
    expect(why([opened], amira)).toBeNull();
  });
});

test('who they say they are stands beside the login, and is called typed', () => {
  const unknown = {uid: 0, login_uid: 0, sudo_user: null, ssh_key: null, ssh_client: null, terminal: null};
  const who = {login: 'root', ...unknown, shared_account: true, person: 'Kim'};
  const context = {...line('context', amira), data: {who}};
  const kim = {...line('taken-over', bob, 20), data: {from: null, person: 'Bo'}};
  expect(ownersOf([opened, context, kim]).map(whoText)).toEqual([
    'amira (Kim, typed) from 10.0.4.7',
    'bob (Bo, typed)',
  ]);
  expect(ownersOf([opened]).map(whoText)).toEqual(['amira from 10.0.4.7']);
});

test('where an operator came from is what sshd says, if it is an address', () => {
  expect(cameFrom({SSH_CONNECTION: '10.0.0.2 51344 10.0.0.1 22'})).toBe('10.0.0.2');
  expect(cameFrom({SSH_CLIENT: 'fe80::1%eth0 51344 22'})).toBe('fe80::1%eth0');
  expect(cameFrom({})).toBeNull();
  expect(cameFrom({SSH_CONNECTION: '\u001b[31m 1 2 3'})).toBeNull();
});
