import {describe, expect, test} from 'vitest';
import type {GivenAnswer} from '../../source/engine/session/checklist.ts';
import {widthOf} from '../../source/presenters/graphemes.ts';
import {saidFor, shortAnswer} from '../../source/presenters/story-facts.ts';
import {aLine, aStory} from '../support/session-states.ts';

const given = (changes: Partial<GivenAnswer>): GivenAnswer => ({
  step: 'verified',
  state: 'done',
  machine: false,
  note: null,
  at: '2026-11-23T03:09:14.000Z',
  operator: 'amira',
  ...changes,
});

test.each([
  [{machine: true, note: '2 of 2 live files are what the manifest says'}, '2 of 2'],
  [{machine: true, state: 'failed', note: '3 of 4 copies match'}, 'failed: 3 of 4'],
  [{machine: true, note: 'its command ended with 0'}, 'done'],
  [{machine: true, state: 'failed', note: 'curl: ended with 22'}, 'failed'],
  [{note: null}, 'done'],
  [{note: 'INC-4711'}, 'INC-4711'],
  [{note: '2 of 2 as I see it, by hand'}, '2 of 2 as I ...'],
  [{state: 'skipped', note: null}, 'skipped'],
  [{state: 'failed', note: 'the disk'}, 'failed: the disk'],
  [{state: 'failed', note: 'the disk is full'}, 'failed: the ...'],
  [{note: 'averylongwordwithoutanyspace'}, 'averylongword ...'],
  [{note: 'a\u001b[2Jb'}, 'a\\u{1b}[2Jb'],
] as const)('%j is %s', (changes, text) => {
  const short = shortAnswer(given(changes), 17);
  expect(short).toBe(text);
  expect(widthOf(short)).toBeLessThanOrEqual(17);
});

describe('what speaks for an answer', () => {
  const hook = (name: string, reason: string | null, output = '') =>
    aLine('hook', {command: ['systemctl', name], reason, output, seconds: 1});
  const lines = [
    hook('stop', null),
    aLine('switched', {}),
    hook('start', 'it ended with 1', 'one\ntwo\n\nthree\nfour\n'),
    aLine('hook', {command: 'forged'}),
    // It told others, and started nothing.
    aLine('event-hook', {command: ['mail', 'us'], reason: null, output: '', seconds: 1}),
    aLine('command', {command: ['curl', 'x'], reason: 'it ended with 7', output: 'no', seconds: 1}),
    aLine('command', {command: ['curl', 'x'], reason: null, output: 'ok', seconds: 1}),
  ];
  const story = aStory({lines});

  test('of the service: the hooks after the restore, with the end of what they said', () => {
    expect(saidFor(story, {id: 'service', command: null})).toEqual([
      {command: 'systemctl start', reason: 'it ended with 1', output: ['two', 'three', 'four']},
    ]);
  });

  test('of a step with a command: its last run', () => {
    expect(saidFor(story, {id: 'health', command: ['curl', 'x']})).toEqual([
      {command: 'curl x', reason: null, output: ['ok']},
    ]);
    expect(saidFor(story, {id: 'health', command: ['other']})).toEqual([]);
  });

  test('of others, and of a restore that switched nothing: nothing', () => {
    expect(saidFor(story, {id: 'manifest', command: null})).toEqual([]);
    expect(saidFor(aStory({lines: [hook('start', null)]}), {id: 'service', command: null})).toEqual([]);
  });
});
