import {expect, test, vi} from 'vitest';
import {createStore, until} from '../../source/ui/store.ts';

const counter = () => createStore(0, (state: number, by: number) => state + by);

test('each action sees what the one before it did', () => {
  const store = counter();
  store.dispatch(1);
  store.dispatch(2);
  expect(store.get()).toBe(3);
});

test('tells its listeners of changes only, and only while they listen', () => {
  const store = counter();
  const seen: number[] = [];
  const stop = store.subscribe(() => seen.push(store.get()));
  store.dispatch(1);
  store.dispatch(0);
  stop();
  store.dispatch(5);
  expect(seen).toEqual([1]);
});

test('an action from within a listener reaches everyone, and the last they see is the newest state', () => {
  const store = counter();
  const seen: number[] = [];
  store.subscribe(() => {
    if (store.get() === 1) store.dispatch(10);
  });
  store.subscribe(() => seen.push(store.get()));
  store.dispatch(1);
  expect(store.get()).toBe(11);
  expect(seen.at(-1)).toBe(11);
});

test('a listener that leaves while it is told does not keep the others from being told', () => {
  const store = counter();
  const seen: string[] = [];
  const stop = store.subscribe(() => {
    seen.push('first');
    stop();
  });
  store.subscribe(() => seen.push('second'));
  store.dispatch(1);
  store.dispatch(1);
  expect(seen).toEqual(['first', 'second', 'second']);
});

test('is waited for until it is so, or until it is over, and then listens no more', async () => {
  const store = counter();
  const listening = vi.spyOn(store, 'subscribe');
  const over = new AbortController();
  await until(store, (state) => state === 0, over.signal);
  const two = until(store, (state) => state === 2, over.signal);
  store.dispatch(1);
  store.dispatch(1);
  await two;
  const never = until(store, (state) => state === 9, over.signal);
  over.abort();
  await never;
  await until(store, () => false, over.signal);
  expect(listening).toHaveBeenCalledTimes(4);
});
