import fc from 'fast-check';
import {expect, test} from 'vitest';
import {header, messageLines} from '../../source/ui/frame.ts';
import {bodyHeight, messageHeight} from '../../source/ui/layout.ts';
import {helpSlice} from '../../source/ui/screens/help/state.ts';
import type {AppAction, Message} from '../../source/ui/state.ts';
import {frameText, lineText} from '../support/frames.ts';
import {configured} from '../support/run-states.ts';
import {aStory, sessionsRead, stoppedFound} from '../support/session-states.ts';
import {anApp, reduceAll} from '../support/states.ts';

const standard = {columns: 80, rows: 24};
const smallest = {columns: 60, rows: 16};
const shown = (text: string, tone: Message['tone'] = 'plain', size = standard): string[] =>
  frameText(messageLines(reduceAll(anApp([], {size}), {type: 'said', message: {text, tone}}))).split('\n');

const id = '20261123_120000_after-incident';
const onlyHeld = `It is the only copy left: PHP has deleted the original. To delete it for good: magds backup unpin ${id} --yes=${id}`;
const locked =
  'Locked by "backup run", process 31877 of www-data on db-01, since 2026-11-23T12:00:00Z (2h ago). Wait until it is done. Nothing was changed. Listing and verifying do not wait for it.';

test('nothing said takes its one line', () => {
  expect(messageLines(anApp())).toEqual([[]]);
});

test('a short message is one line', () => {
  expect(shown('Ctrl+C again quits.', 'beware')).toEqual([' ! Ctrl+C again quits.']);
  expect(shown('done')).toEqual([' done']);
});

test.each([
  ['the command that deletes what is held only', onlyHeld, `magds backup unpin ${id} --yes=${id}`],
  ['the advice of a lock', locked, 'Listing and verifying do not wait for it.'],
])('%s is shown to its end', (_, text, end) => {
  for (const size of [standard, smallest]) {
    const lines = shown(text, 'beware', size);
    expect(lines[0]).toMatch(/^ ! \S/);
    for (const line of lines.slice(1)) expect(line).toMatch(/^ {3}\S/);
    const whole = lines.map((line) => line.slice(3)).join(' ');
    expect(whole).toContain(end);
  }
});

test('why the list is not up to date is read to its end, until something else is said', () => {
  const reason =
    '/srv/magmoboce/storage/backups cannot be listed: permission denied: run as its owner, or as root.';
  const failed: AppAction = {type: 'catalog', event: {type: 'failed', reason}};
  const text = (...actions: AppAction[]) =>
    frameText(messageLines(reduceAll(anApp(), failed, ...actions))).replace(/\s+/g, ' ');
  expect(text()).toBe(` x ${reason}`);
  expect(text({type: 'said', message: {text: 'done', tone: 'plain'}})).toBe(' done');
  expect(text(helpSlice.open({type: 'help opened'}))).toBe('');
});

test('a message that is longer than the room for it says that it goes on, and leaves some of the screen', () => {
  for (const size of [standard, smallest]) {
    const lines = shown('word '.repeat(400), 'bad', size);
    expect(lines).toHaveLength(messageHeight(size));
    expect(lines.at(-1)).toMatch(/~$/);
    expect(bodyHeight(size) - lines.length).toBeGreaterThan(8);
  }
});

test('environment and clock are in the header, whatever the host is called and however narrow it is', () => {
  const label = fc.string({unit: fc.constantFrom(...'abcdefghij-0'), minLength: 1, maxLength: 63});
  const host = fc.array(label, {minLength: 1, maxLength: 4}).map((labels) => labels.join('.'));
  fc.assert(
    fc.property(host, fc.boolean(), fc.integer({min: 60, max: 120}), (name, readOnly, columns) => {
      const stacked = [helpSlice.open({type: 'help opened'}), {type: 'went back'} as const];
      for (const actions of [[], stacked.slice(0, 1), [stoppedFound(), sessionsRead(aStory())]]) {
        const state = anApp([], {host: name, readOnly, size: {columns, rows: 24}});
        const line = lineText(header(reduceAll(state, configured(), ...actions)));
        expect(line).toMatch(/ PRODUCTION .*12:00Z $/);
        expect(line.length).toBe(columns);
      }
    }),
  );
  expect(lineText(header(anApp([], {host: 'db-01.prod.example.com'})))).toMatch(/ {2}db-01 \/srv/);
  expect(lineText(header(anApp([], {host: '10.0.0.5'})))).toContain(' 10.0.0.5 ');
});
