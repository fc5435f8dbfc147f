import {expect, test} from 'vitest';
import {backupId, configure, makeHalfway, makeRestorable, summaryOf} from '../support/restores.ts';

test('a session that changed nothing ended in one way, wherever it is listed', async () => {
  const refused = makeRestorable();
  configure(refused.root, {hooks: {before_restore: [['false']]}});
  expect(await refused.restore()).toMatchObject({code: 5});
  const halfway = await makeHalfway();
  expect(await halfway.command('restore', '--rollback')).toMatchObject({code: 0});
  for (const [{command}, word, why] of [
    [refused, 'refused', ': the hook false: it ended with 1'],
    [halfway, 'rolled back', ''],
  ] as const) {
    expect((await command('session', 'list')).stdout).toMatch(new RegExp(` {2}${word} {2}`));
    expect((await command('restore', 'status')).stdout).toMatch(
      new RegExp(`^ {2}session 1 {2}(${backupId})? {2}${word}${why}\n$`),
    );
    const [session] = summaryOf(await command('restore', 'status', '--json'))['sessions'] as object[];
    expect(session).toMatchObject({state: word});
  }
});
