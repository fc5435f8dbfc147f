import fs from 'node:fs';
import path from 'node:path';
import {Worker} from 'node:worker_threads';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import type {HashJob} from '../../../source/engine/hashing/hash-file.ts';
import {createPool, type Pool} from '../../../source/engine/hashing/pool.ts';
import {phpHash} from '../../support/backups.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const started = vi.hoisted(() => ({
  workers: 0,
  /** How many more can be made, and whether that is told at once or by the worker. */
  left: Number.POSITIVE_INFINITY,
  late: false,
  last: null as {emit(name: string, error: Error): boolean} | null,
}));
vi.mock('node:worker_threads', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:worker_threads')>();
  class Worker extends original.Worker {
    constructor(...args: ConstructorParameters<typeof original.Worker>) {
      const failure = Object.assign(new Error('EAGAIN'), {code: 'ERR_WORKER_INIT_FAILED'});
      const fails = started.left-- <= 0;
      if (fails && !started.late) throw failure;
      super(...args);
      if (fails) {
        this.removeAllListeners = () => this;
        void this.terminate();
        const on = this.on.bind(this);
        this.on = (name: string, listener: (...given: unknown[]) => void) =>
          name === 'online' ? this : on(name, listener);
        queueMicrotask(() => queueMicrotask(() => this.emit('error', failure)));
      }
      started.workers++;
      started.last = this;
    }
  }
  return {...original, Worker};
});

let directory: string;
let pool: Pool;
const cancelled = {status: 'cancelled', reason: 'cancelled'};
/** Takes SHA-256 seconds, unless it is stopped. */
const endless = 64 * 1024 ** 3;

beforeEach(() => {
  Object.assign(started, {workers: 0, left: Number.POSITIVE_INFINITY, late: false});
  directory = temporaryDirectory();
});
afterEach(() => pool.close());

function job(name: string, size?: number): Omit<HashJob, 'readAhead'> {
  const file = path.join(directory, name);
  fs.writeFileSync(file, name);
  if (size !== undefined) fs.truncateSync(file, size);
  return {directory, segments: [name], algorithm: 'sha256'};
}

const read = (name: string) => ({status: 'read', hash: phpHash('sha256', name), bytes: name.length});

test('hashes many files with no more workers than its size', async () => {
  pool = createPool(2);
  const names = Array.from({length: 25}, (_, index) => `file ${index}`);
  const results = await Promise.all(names.map((name) => pool.hash(job(name)).result));
  expect(results).toMatchObject(names.map(read));
  expect(started.workers).toBe(2);
});

test('starts a worker only when it is needed', async () => {
  pool = createPool(3);
  expect(started.workers).toBe(0);
  await pool.hash(job('a')).result;
  await pool.hash(job('b')).result;
  expect(started.workers).toBe(1);
});

test('starts workers beforehand when told, within its size', async () => {
  pool = createPool(2);
  pool.warm(10);
  expect(started.workers).toBe(2);
  expect(await pool.hash(job('a')).result).toMatchObject(read('a'));
  expect(started.workers).toBe(2);
});

test('tells how far it is', async () => {
  pool = createPool(1);
  const done = pool.hash(job('small'));
  await done.result;
  expect(done.bytes()).toBe(5);
  const controller = new AbortController();
  const running = pool.hash(job('large', endless), controller.signal);
  expect(running.bytes()).toBe(0);
  await vi.waitFor(() => expect(running.bytes()).toBeGreaterThan(0), 20_000);
  expect(running.bytes() % 1024 ** 2).toBe(0);
  expect(done.bytes()).toBe(5);
  controller.abort();
});

test('cancels what waits, at once, and then never starts it', async () => {
  pool = createPool(1);
  const [first, second] = [new AbortController(), new AbortController()];
  const running = pool.hash(job('large', endless), first.signal);
  const waiting = pool.hash(job('waiting', endless), second.signal);
  const last = pool.hash(job('last'));
  second.abort();
  expect(await waiting.result).toEqual(cancelled);
  first.abort();
  expect(await running.result).toEqual(cancelled);
  expect(await last.result).toMatchObject(read('last'));
  expect(waiting.bytes()).toBe(0);
});

test('cancels what runs, and its worker takes the next', async () => {
  pool = createPool(1);
  const controller = new AbortController();
  const running = pool.hash(job('large', endless), controller.signal);
  await vi.waitFor(() => expect(running.bytes()).toBeGreaterThan(0), 20_000);
  controller.abort();
  expect(await running.result).toEqual(cancelled);
  expect(await pool.hash(job('next')).result).toMatchObject(read('next'));
  expect(started.workers).toBe(1);
});

test('starts nothing for a signal that is aborted already', async () => {
  pool = createPool(1);
  expect(await pool.hash(job('a'), AbortSignal.abort()).result).toEqual(cancelled);
  expect(started.workers).toBe(0);
});

test('listens to a signal no longer than its job lasts', async () => {
  pool = createPool(1);
  const {signal} = new AbortController();
  const remove = vi.spyOn(signal, 'removeEventListener');
  const add = vi.spyOn(signal, 'addEventListener');
  await pool.hash(job('a'), signal).result;
  expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(
    add.mock.calls.map(([, listener]) => listener),
  );
  expect(add).toHaveBeenCalledOnce();
});

test('survives a worker that dies', async () => {
  pool = createPool(1);
  const dying = pool.hash(job('large', endless));
  const waiting = pool.hash(job('a'));
  await vi.waitFor(() => expect(dying.bytes()).toBeGreaterThan(0), 20_000);
  started.last?.emit('error', new Error('out of memory'));
  expect(await dying.result).toMatchObject({
    status: 'not checked',
    reason: 'the worker stopped: out of memory',
  });
  expect(await waiting.result).toMatchObject(read('a'));
  expect(started.workers).toBe(2);
});

test('leaves nobody waiting when it is closed', async () => {
  pool = createPool(1);
  const jobs = [pool.hash(job('large', endless)), pool.hash(job('waiting'))];
  pool.close();
  jobs.push(pool.hash(job('late')));
  const turn = new Promise((resolve) => setImmediate(() => resolve('still waiting')));
  const settled = jobs.map(({result}) => Promise.race([result, turn]));
  expect(await Promise.all(settled)).toEqual([cancelled, cancelled, cancelled]);
});

test('an algorithm that OpenSSL lacks gets a worker of its own kind, in the place of an idle one', async () => {
  pool = createPool(1);
  const plain = job('plain');
  const checksum = {...plain, algorithm: 'crc32b'};
  expect(await pool.hash(plain).result).toMatchObject(read('plain'));
  expect(await pool.hash(checksum).result).toMatchObject({status: 'read', hash: '192062cf'});
  expect(await pool.hash(plain).result).toMatchObject(read('plain'));
  expect(started.workers).toBe(3);
});

describe('small files that are asked for together', () => {
  const names = Array.from({length: 400}, (_, index) => `file ${index}`);

  test('go to the workers in batches, and are listened for once', async () => {
    pool = createPool(2);
    const send = vi.spyOn(Worker.prototype, 'postMessage');
    const {signal} = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const jobs = names.map((name) => pool.hash(job(name), signal, name.length));
    expect(await Promise.all(jobs.map(({result}) => result))).toMatchObject(names.map(read));
    expect(jobs.map(({bytes}) => bytes())).toEqual(names.map(({length}) => length));
    expect(send.mock.calls.length).toBeLessThan(names.length / 20);
    expect(add).toHaveBeenCalledOnce();
    send.mockRestore();
  });

  test('each has its own result, whatever its neighbours are', async () => {
    pool = createPool(1);
    const gone = {directory, segments: ['gone'], algorithm: 'sha256'};
    const checksum = {...job('plain'), algorithm: 'crc32b'};
    const link = path.join(directory, 'way');
    fs.symlinkSync('.', link);
    const led = {directory, segments: ['way', 'plain'], algorithm: 'sha256'};
    const jobs = [job('a'), gone, checksum, led, job('b')].map((each) => pool.hash(each, undefined, 5));
    expect(await Promise.all(jobs.map(({result}) => result))).toMatchObject([
      read('a'),
      {status: 'missing', reason: 'the copy is missing'},
      {status: 'read', hash: '192062cf'},
      {status: 'unsafe', reason: 'way on the way to the copy is a link'},
      read('b'),
    ]);
  });

  test('are cancelled together, those that wait and those that are read', async () => {
    pool = createPool(1);
    const controller = new AbortController();
    const jobs = names.map((name) => pool.hash(job(name), controller.signal, 5));
    const others = pool.hash(job('other'), undefined, 5);
    await jobs[0]?.result;
    controller.abort();
    const results = await Promise.all(jobs.map(({result}) => result));
    expect(results.filter(({status}) => status === 'cancelled').length).toBeGreaterThan(100);
    expect(await others.result).toMatchObject(read('other'));
  });

  test('leave nobody waiting when it is closed', async () => {
    pool = createPool(1);
    const jobs = names.map((name) => pool.hash(job(name), undefined, 5));
    pool.close();
    expect(await Promise.all(jobs.map(({result}) => result))).toEqual(names.map(() => cancelled));
  });
});

describe.each([
  ['at once', false],
  ['later', true],
])('where no worker can be made, told %s,', (_, late) => {
  const failure = /^A thread cannot be started: no more processes or threads may be made: "ulimit -u"/;

  test('who waits is told, and may try again', async () => {
    pool = createPool(2);
    Object.assign(started, {left: 0, late});
    pool.warm(2);
    const small = ['d', 'e'].map((name) => pool.hash(job(name), undefined, 1));
    const jobs = [pool.hash(job('a')), pool.hash(job('b')), pool.hash(job('c')), ...small];
    for (const {result} of jobs) await expect(result).rejects.toThrow(failure);
    started.left = 1;
    expect(await pool.hash(job('d')).result).toMatchObject(read('d'));
  });

  test('those that there are do all of it', async () => {
    pool = createPool(3);
    Object.assign(started, {left: 1, late});
    const names = ['a', 'b', 'c', 'd', 'e'];
    const results = await Promise.all(names.map((name) => pool.hash(job(name)).result));
    expect(results).toMatchObject(names.map(read));
    expect(started.workers).toBe(late ? 3 : 1);
  });

  test('in the place of one of the other kind either', async () => {
    pool = createPool(1);
    expect(await pool.hash(job('plain')).result).toMatchObject(read('plain'));
    Object.assign(started, {left: 0, late});
    await expect(pool.hash({...job('plain'), algorithm: 'crc32b'}).result).rejects.toThrow(failure);
  });

  test('what was cancelled meanwhile is cancelled', async () => {
    pool = createPool(1);
    Object.assign(started, {left: 0, late});
    const controller = new AbortController();
    const {result} = pool.hash(job('a'), controller.signal);
    controller.abort();
    expect(await result).toEqual(cancelled);
  });
});
