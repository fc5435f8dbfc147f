import {expect, test} from 'vitest';
import {follow} from '../../../source/engine/base/follow.ts';

const rarely = {interval: 1_000_000, progress: () => 'progress'};

async function all(events: AsyncIterable<string>): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

test('tells what the work pushes, in order, and ends with it', async () => {
  const work = async (push: (event: string) => void): Promise<void> => {
    push('a');
    await Promise.resolve();
    push('b');
  };
  expect(await all(follow(work, rarely))).toEqual(['a', 'b']);
});

test('tells how far it is meanwhile', async () => {
  const {promise, resolve} = Promise.withResolvers<void>();
  const events = follow<string>(() => promise, {interval: 1, progress: () => 'progress'});
  expect(await events.next()).toEqual({done: false, value: 'progress'});
  resolve();
  expect(new Set(await all(events)).size).toBeLessThanOrEqual(1);
});

test('fails as the work did, after what it had told', async () => {
  const events = follow<string>(async (push) => {
    push('a');
    throw new Error('no more');
  }, rarely);
  expect(await events.next()).toEqual({done: false, value: 'a'});
  await expect(events.next()).rejects.toThrow('no more');
});

test('who stops reading early stops the work, and waits until nobody is at it', async () => {
  const stopped = Promise.withResolvers<void>();
  let over = false;
  const work = async (push: (event: string) => void): Promise<void> => {
    push('a');
    await stopped.promise;
    over = true;
  };
  for await (const event of follow(work, {...rarely, stop: stopped.resolve})) {
    expect(event).toBe('a');
    break;
  }
  expect(over).toBe(true);
});
