import {expect, test} from 'vitest';
import {makeRestorable, recordOf, summaryOf} from '../support/restores.ts';

test('when an incident was noticed, declared and over is recorded and shown', async () => {
  const {root, restore, command} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const noticed = await command('session', 'time', 'noticed', '2026-01-02 01:20');
  expect({...noticed, stdout: noticed.stdout.replace(/, \d+w.* ago|, \d+d.* ago/, ', AGO')}).toMatchObject({
    code: 0,
    stdout: '+ noticed 2026-01-02 01:20Z, AGO\n',
  });
  await command('session', 'time', 'noticed', '2026-01-02 01:25:30Z', '--session=1');
  const back = summaryOf(await command('session', 'time', 'service-back', '2026-01-02 04:00 +01', '--json'));
  expect(back).toMatchObject({
    command: 'session:time',
    number: 1,
    times: {noticed: '2026-01-02T01:25:30.000Z', declared: null, service_back: '2026-01-02T03:00:00.000Z'},
  });
  expect(recordOf(root, 1).at(-1)).toMatchObject({
    type: 'time',
    data: {what: 'service-back', at: '2026-01-02T03:00:00.000Z'},
  });
  const doubt = 'service back (2026-01-02 03:00Z) is before the end of the restore (';
  expect(back['doubts']).toEqual([expect.stringContaining(doubt)]);
  const again = await command('session', 'time', 'service-back', '2026-01-02 04:00 +01');
  expect(again.stdout).toContain(`\n! ${doubt}`);
  const {stdout} = await command('session', 'show');
  expect(stdout).toContain(`! times    ${doubt}`);
  expect(stdout).toContain('\nnoticed    2026-01-02T01:25:30.000Z\nback       2026-01-02T03:00:00.000Z\n');
});

test('what is no time, still to come, or nothing of an incident is refused', async () => {
  const {root, restore, command} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const lines = recordOf(root, 1).length;
  for (const [words, why] of [
    [['noticed', '2999-01-01 00:00'], '2999-01-01 00:00: That is in the future. Give a time like'],
    [['noticed', 'soon'], 'soon: That is not a time. Give a time like'],
    [['lunch', '01:10'], 'What was when? magds session time noticed|declared|service-back TIME'],
    [['noticed'], 'What was when?'],
  ] as const) {
    const {code, stderr} = await command('session', 'time', ...words);
    expect({code, stderr}).toEqual({code: 2, stderr: expect.stringContaining(why)});
    expect(stderr).toContain('Nothing was recorded.');
  }
  expect(recordOf(root, 1)).toHaveLength(lines);
});

test('that the service is back without saying when asks for it', async () => {
  const {restore, command} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const asks = 'When was it back? magds session time service-back TIME';
  expect((await command('session', 'step', 'service', '--done')).stdout).toContain(asks);
  expect(await command('session', 'time', 'service-back', '1m ago')).toMatchObject({code: 0});
  expect((await command('session', 'show')).stdout).not.toContain(asks);
});
