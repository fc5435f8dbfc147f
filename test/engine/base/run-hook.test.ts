import fs from 'node:fs';
import {describe, expect, test, vi} from 'vitest';
import {hookFailure} from '../../../source/engine/base/result.ts';
import {type HookOptions, runHook} from '../../../source/engine/base/run-hook.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const bash = (script: string, limit = 30, options: HookOptions = {}) =>
  runHook(['bash', '-c', script], '/', limit, {MAGDS_ROOT: '/srv/magmoboce'}, options);

const isAlive = (pid: number): boolean => {
  try {
    // One that nobody has waited for is no more.
    return !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
const gone = (pid: number) => vi.waitFor(() => expect(isAlive(pid)).toBe(false), {timeout: 5000});

describe('a hook', () => {
  test('has its arguments as they are, and says what it says', async () => {
    const args = ['$HOME', 'a b', '*', ''];
    const result = await runHook(['printf', '%s|', ...args], '/', 30, {});
    expect(result).toMatchObject({reason: null, exit: 0, output: '$HOME|a b|*||'});
    expect(hookFailure(result)).toBeNull();
  });

  test('that ends with 1 says so, and its last words are told', async () => {
    const result = await bash('echo begun; echo "no such host" >&2; exit 1');
    expect(result).toMatchObject({reason: 'it ended with 1', exit: 1, output: 'begun\nno such host\n'});
    expect(hookFailure(result)).toBe('it ended with 1, and said: no such host');
    expect(await bash('kill -9 $$')).toMatchObject({reason: 'it ended with SIGKILL', exit: null});
  });

  test('that sleeps for ever is ended with its children when its time is up', async () => {
    const result = await bash('echo $$; sleep 1000 & echo $!; wait', 1);
    expect(result.reason).toBe('it did not end within 1 seconds, and was stopped');
    expect(result.seconds).toBeLessThan(2.9);
    for (const pid of result.output.trim().split('\n')) await gone(Number(pid));
  });

  test('that does not listen is killed, and so are children that do not', async () => {
    const deaf = await bash('trap "" TERM; echo $$; while :; do sleep 1000; done', 1);
    expect(deaf.reason).toBe('it did not end within 1 seconds, and was killed');
    await gone(Number(deaf.output));
    const child = await bash('(trap "" TERM; while :; do sleep 1000; done) & echo $!; wait', 1);
    expect(child.reason).toBe('it did not end within 1 seconds, and was stopped');
    await gone(Number(child.output));
  });

  test('that prints 100 MB is read to its end, and the beginning of it is kept', async () => {
    const {reason, output} = await bash('head -c 100000000 /dev/zero | tr "\\0" x; echo end >&2');
    expect(reason).toBeNull();
    expect(output).toBe(`${'x'.repeat(32 * 1024)}\n… cut`);
  });

  test.each([
    ['closes its standard input', 'exec <&-; echo done'],
    ['does not read it', 'echo done'],
    ['reads a part of it', 'head -c 10 >/dev/null; echo done'],
  ])('that %s has what it needs', async (_, script) => {
    const result = await bash(script, 30, {input: 'x'.repeat(1_000_000)});
    expect(result).toMatchObject({reason: null, output: 'done\n'});
  });

  test('reads what it is told, and then the end', async () => {
    expect(await bash('cat', 30, {input: '{"a":"ü"}\n'})).toMatchObject({output: '{"a":"ü"}\n'});
    expect(await bash('cat; echo end')).toMatchObject({reason: null, output: 'end\n'});
  });

  test('may leave a service behind, which holds the pipes and lives on', async () => {
    const {reason, seconds, output} = await bash('sleep 1000 & echo $!');
    const pid = Number(output);
    try {
      expect(reason).toBeNull();
      expect(seconds).toBeLessThan(10);
      expect(isAlive(pid)).toBe(true);
    } finally {
      process.kill(pid);
    }
  });

  test('has no terminal to write to', async () => {
    expect(await bash('echo x >/dev/tty')).toMatchObject({exit: 1});
  });

  test('that cannot be run says why', async () => {
    const directory = temporaryDirectory();
    fs.writeFileSync(`${directory}/plain`, 'echo\n', {mode: 0o644});
    const of = async (...command: string[]) => (await runHook(command, directory, 30, {})).reason;
    expect(await of('/nonexistent/mail')).toBe('it cannot be run: not there');
    expect(await of('no-such-command-anywhere')).toBe('it cannot be run: not there');
    expect(await of('./plain')).toMatch(/^it cannot be run: permission denied/);
    expect(await of(directory)).toMatch(/^it cannot be run: permission denied/);
    expect(await of('echo', 'a\0b')).toMatch(/^it cannot be run: /);
    expect(await of('')).toMatch(/^it cannot be run: /);
    expect((await runHook(['true'], `${directory}/gone`, 30, {})).reason).toBe('it cannot be run: not there');
  });

  test('is ended early, or not begun, where that is asked for', async () => {
    const ready = `${temporaryDirectory()}/ready`;
    const stop = new AbortController();
    const running = bash(`echo $$; touch ${ready}; sleep 1000`, 600, {signal: stop.signal});
    await vi.waitFor(() => expect(fs.existsSync(ready)).toBe(true), 20_000);
    stop.abort();
    const {reason, output} = await running;
    expect(reason).toBe('it had not finished when this was cancelled, and was stopped');
    await gone(Number(output));
    expect(await bash('echo x', 600, {signal: stop.signal})).toMatchObject({
      reason: 'it was not run: cancelled',
      output: '',
    });
  });

  test('knows what is known, and nothing that was known to whoever runs us', async () => {
    vi.stubEnv('MAGDS_SESSION', '7');
    vi.stubEnv('MAGDS_EVENT', 'magdb.backup.failed');
    try {
      const {output} = await bash('env | grep ^MAGDS_ | grep -v ^MAGDS_DEBIAN= | sort');
      // The event is handed down: whoever is run by a hook has to know.
      expect(output).toBe('MAGDS_EVENT=magdb.backup.failed\nMAGDS_ROOT=/srv/magmoboce\n');
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
