import fs from 'node:fs';
import os from 'node:os';
import {describe, expect, test, vi} from 'vitest';
import {appendToLog, lookAtLog, whyNoAudit} from '../../../../source/engine/events/log/audit-log.ts';
import {holdLock, lockAwaited, makeLogPlace} from '../../../support/audit.ts';
import {temporaryDirectory} from '../../../support/temporary.ts';

const append = ({root, log}: {root: string; log: string}, text: string, durable = false) =>
  appendToLog(root, log, text, durable);
const read = (file: string): string => fs.readFileSync(file, 'utf8');

test('appends to what is there, and makes what is not', async () => {
  const place = makeLogPlace();
  await append(place, 'a\n');
  await append(place, 'b\nc\n', true);
  expect(read(place.log)).toBe('a\nb\nc\n');
  expect(fs.readdirSync(`${place.root}/storage/logs`)).toEqual(['audit.log']);
});

test('a line that was cut short stays as it is, and is no part of the next', async () => {
  const place = makeLogPlace();
  fs.writeFileSync(place.log, '{"whole":1}\n{"torn');
  await append(place, 'a\n');
  expect(read(place.log)).toBe('{"whole":1}\n{"torn\na\n');
});

describe('a write that fails', () => {
  const full = () => Object.assign(new Error('ENOSPC'), {code: 'ENOSPC', errno: -28});

  /** The first write takes only these bytes, the next fails. */
  function failAfter(count: number, meanwhile: (fd: number) => void = () => {}) {
    const write = fs.writeSync.bind(fs) as (...args: unknown[]) => number;
    const spy = vi.spyOn(fs, 'writeSync');
    spy.mockImplementationOnce(((fd: number, bytes: Buffer) => {
      const written = write(fd, bytes, 0, count);
      meanwhile(fd);
      return written;
    }) as never);
    spy.mockImplementationOnce(() => {
      throw full();
    });
    return spy;
  }

  test('leaves nothing of its line', async () => {
    const place = makeLogPlace();
    fs.writeFileSync(place.log, 'before\n');
    const spy = failAfter(3);
    await expect(append(place, 'a long line\n')).rejects.toThrow('ENOSPC');
    spy.mockRestore();
    expect(read(place.log)).toBe('before\n');
    await append(place, 'after\n');
    expect(read(place.log)).toBe('before\nafter\n');
  });

  test('never takes away what somebody who takes no lock has appended meanwhile', async () => {
    const place = makeLogPlace();
    fs.writeFileSync(place.log, 'before\n');
    const spy = failAfter(3, () => fs.appendFileSync(place.log, 'theirs\n'));
    await expect(append(place, 'ours\n')).rejects.toThrow('ENOSPC');
    spy.mockRestore();
    expect(read(place.log)).toBe('before\nourtheirs\n');
  });

  test('does not make a log longer that was cut meanwhile (copytruncate)', async () => {
    const place = makeLogPlace();
    fs.writeFileSync(place.log, 'before\n');
    const spy = failAfter(3, () => fs.truncateSync(place.log));
    await expect(append(place, 'ours\n')).rejects.toThrow('ENOSPC');
    spy.mockRestore();
    expect(read(place.log)).toBe('');
  });

  test('a line that is not on the disk is taken back, and not tried again', async () => {
    const place = makeLogPlace();
    fs.writeFileSync(place.log, 'before\n');
    const spy = vi.spyOn(fs, 'fsyncSync').mockImplementation(() => {
      throw Object.assign(new Error('EIO'), {code: 'EIO', errno: -5});
    });
    await expect(append(place, 'ours\n', true)).rejects.toThrow('EIO');
    expect(spy).toHaveBeenCalledTimes(1);
    spy.mockRestore();
    expect(read(place.log)).toBe('before\n');
  });
});

describe('the lock', () => {
  test('is waited for, and what its holder appends comes first', async () => {
    const place = makeLogPlace();
    fs.writeFileSync(place.log, '');
    const {letGo} = await holdLock(place.log);
    const appended = append(place, 'ours\n');
    await lockAwaited(place.log);
    fs.appendFileSync(place.log, 'theirs\n');
    letGo();
    await appended;
    expect(read(place.log)).toBe('theirs\nours\n');
  });

  test('is given back, also by an attempt that failed', async () => {
    const place = makeLogPlace();
    await append(place, 'a\n');
    expect(await whyNoAudit(place.root, place.log)).toBeNull();
    const spy = vi.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw new Error('broken');
    });
    await expect(append(place, 'b\n')).rejects.toThrow('broken');
    spy.mockRestore();
    await append(place, 'c\n');
    expect(read(place.log)).toBe('a\nc\n');
  });

  test('of somebody who does not let go is told after a while, and nothing is written', async () => {
    const place = makeLogPlace();
    fs.writeFileSync(place.log, '');
    const {pid} = await holdLock(place.log);
    const user = os.userInfo().username;
    const said = `process ${pid} (cat) of ${user} has held its lock for 5 seconds (see what it does, and stop it: kill ${pid})`;
    const [appended, why] = await Promise.allSettled([
      append(place, 'a\n'),
      whyNoAudit(place.root, place.log),
    ]);
    expect(appended).toMatchObject({status: 'rejected', reason: {message: said}});
    expect(why).toMatchObject({value: `the audit log ${place.log} cannot be written: ${said}`});
    expect(read(place.log)).toBe('');
  });

  test.runIf(process.getuid?.() === 0)('of one who may only read it keeps nobody from writing', async () => {
    const place = makeLogPlace();
    fs.writeFileSync(place.log, '', {mode: 0o644});
    fs.chmodSync(place.root, 0o755);
    const {pid} = await holdLock(place.log, 65534);
    expect(lookAtLog(place.root, place.log)?.passedOver).toMatchObject([{pid, uid: 65534, name: 'cat'}]);
    expect(await whyNoAudit(place.root, place.log)).toBeNull();
    const began = performance.now();
    for (let count = 0; count < 20; count++) await append(place, `${count}\n`);
    // Waited for once, not for each line, of which each would take five seconds.
    expect(performance.now() - began).toBeLessThan(50_000);
    expect(read(place.log).split('\n')).toHaveLength(21);
  });

  test('cannot be had without flock(1), and then nothing is written', async () => {
    const place = makeLogPlace();
    fs.writeFileSync(place.log, '');
    vi.stubEnv('PATH', temporaryDirectory());
    try {
      await expect(append(place, 'a\n')).rejects.toThrow('flock (package util-linux) is not installed');
    } finally {
      vi.unstubAllEnvs();
    }
    expect(read(place.log)).toBe('');
  });
});

describe('a log that is rotated away', () => {
  test('while its lock is waited for gets no line; the new one does', async () => {
    const place = makeLogPlace();
    fs.writeFileSync(place.log, 'old\n');
    const {letGo} = await holdLock(place.log);
    const appended = append(place, 'ours\n');
    await lockAwaited(place.log);
    fs.renameSync(place.log, `${place.log}.1`);
    fs.writeFileSync(place.log, 'new\n');
    letGo();
    await appended;
    expect([read(`${place.log}.1`), read(place.log)]).toEqual(['old\n', 'new\nours\n']);
  });

  test('and not replaced is made again', async () => {
    const place = makeLogPlace();
    fs.writeFileSync(place.log, 'old\n');
    const {letGo} = await holdLock(place.log);
    const appended = append(place, 'ours\n');
    await lockAwaited(place.log);
    fs.renameSync(place.log, `${place.log}.1`);
    letGo();
    await appended;
    expect([read(`${place.log}.1`), read(place.log)]).toEqual(['old\n', 'ours\n']);
  });
});

test('one that is rotated away just as it is opened is looked for again', async () => {
  const place = makeLogPlace();
  fs.writeFileSync(place.log, 'old\n');
  const open = fs.openSync.bind(fs) as (...args: unknown[]) => number;
  const spy = vi.spyOn(fs, 'openSync').mockImplementation((...args) => {
    const isFirst = String(args[0]).endsWith('/audit.log') && !fs.existsSync(`${place.log}.1`);
    if (isFirst) fs.renameSync(place.log, `${place.log}.1`);
    return open(...args);
  });
  try {
    await append(place, 'ours\n');
  } finally {
    spy.mockRestore();
  }
  expect([read(`${place.log}.1`), read(place.log)]).toEqual(['old\n', 'ours\n']);
});

test('whatever happens, no descriptor stays open', async () => {
  const place = makeLogPlace();
  const open = () => fs.readdirSync('/proc/self/fd').length;
  await append(place, 'a\n');
  const before = open();
  await append(place, 'b\n', true);
  await whyNoAudit(place.root, place.log);
  fs.rmSync(place.log);
  await whyNoAudit(place.root, place.log);
  fs.mkdirSync(place.log);
  await expect(append(place, 'c\n')).rejects.toThrow('it is a directory, not a file');
  expect(await whyNoAudit(place.root, place.log)).toContain('it is a directory, not a file');
  fs.rmdirSync(place.log);
  fs.rmdirSync(`${place.root}/storage/logs`);
  fs.writeFileSync(`${place.root}/storage/logs`, '');
  await expect(append(place, 'c\n')).rejects.toThrow('is a link or a file, where a directory belongs');
  vi.stubEnv('PATH', '/nonexistent');
  fs.rmSync(`${place.root}/storage/logs`);
  await expect(append(place, 'c\n')).rejects.toThrow('is not installed');
  vi.unstubAllEnvs();
  expect(open()).toBe(before);
});
