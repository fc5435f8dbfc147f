import fs from 'node:fs';
import {expect, test} from 'vitest';
import {makeBackup, makeRoot} from '../support/backups.ts';
import {key} from '../support/key-codes.ts';
import {backup, phpFile} from '../support/php-config.ts';
import {openTerminal} from '../support/terminal.ts';

const spoilt = '20260104_020000_nightly';
const good = '20260104_000000_nightly';

/** A live file that somebody has spoilt, a verified-looking backup of that, and one of before. */
function makePlace(): string {
  const {root, backups} = makeRoot();
  const datasets = [{name: 'tenants', source: 'storage/data/tenants.json'}];
  fs.mkdirSync(`${root}/storage/data`);
  fs.writeFileSync(`${root}/storage/data/tenants.json`, 'spoilt');
  const old = Date.now() / 1000 - 3600;
  fs.utimesSync(`${root}/storage/data/tenants.json`, old, old);
  fs.mkdirSync(`${root}/config/base`, {recursive: true});
  fs.writeFileSync(`${root}/config/base/magds.php`, phpFile(backup({datasets})));
  for (const [id, content] of [
    [spoilt, '"spoilt"'],
    [good, '"good"'],
  ] as const)
    makeBackup({backups, id, recordedRoot: 'here', datasets: [{name: 'tenants', content}]});
  return root;
}

test('from "bad since" to the backup of before, restored, and to a record that says so', async () => {
  const root = makePlace();
  const session = await openTerminal(['--root', root]);
  const {keys, waitFor, waitForSelected, waitForExit} = session;
  await waitForSelected(spoilt);
  await waitFor(/^ magds > Backups .*DEVELOPMENT/);
  keys('t');
  await waitFor(/Bad since when \(UTC\)\? _/);
  keys(`ten past one${key.enter}`);
  await waitFor(/! That is not a time\. Give a time like 01:10/);
  keys(`\u00152026-01-04 01:10${key.enter}`);
  await waitFor(/Bad since 2026-01-04 01:10Z, \d+d ago\. No copy of tenants is verified yet: v\s+on/);
  await waitForSelected(good);
  await waitFor(new RegExp(`\\? None verified before 01-04 01:10Z of tenants: {2}v on ${good}`));
  keys('v');
  await waitFor(/\+ PASSED/);
  keys(key.escape);
  await waitFor(
    new RegExp(
      `${spoilt} .*\\? 2( =)?\\n --- bad since 01-04 01:10Z \\(.*\\) -+ t change\\n > ${good} +\\d+d +\\+ 1 \\*`,
    ),
  );
  keys('r');
  await waitFor(/What is it for\?/);
  keys(key.enter);
  // There is one dataset only: it is chosen.
  await waitFor(
    /BAD SINCE 01-04 01:10Z \(.*\); this backup is from before it[\s\S]*Enter goes on with tenants: the id is typed/,
  );
  keys(key.enter);
  await waitFor(/LAST STEP BEFORE FILES CHANGE/);
  // What comes before the screen has been there for a moment is dropped.
  await waitFor((lines) => {
    if (lines.some((line) => line === `   > ${good}_`)) return true;
    keys(`\u0015${good}`);
    return false;
  });
  keys(key.enter);
  await waitFor(/\+ RESTORED/);
  expect(fs.readFileSync(`${root}/storage/data/tenants.json`, 'utf8')).toBe('"good"');
  const record = fs.readFileSync(`${root}/storage/runbook/sessions/1/session.jsonl`, 'utf8').split('\n');
  expect(JSON.parse(record[0] ?? '')).toMatchObject({
    type: 'opened',
    data: {id: good, badSince: '2026-01-04T01:10:00.000Z'},
  });
  fs.writeFileSync(`${root}/storage/data/tenants.json`, 'the service is back');
  keys('qq');
  await waitFor(/! service is writing: tenants, |is not signed off/);
  keys('q');
  await waitFor(/q again quits/);
  keys('q');
  expect((await waitForExit()).exitCode).toBe(0);
});

test('opened with --bad-since it suggests at once, and shows who writes', async () => {
  const root = makePlace();
  const {waitFor, waitForSelected, keys, hangUp} = await openTerminal(
    ['--root', root, '--bad-since=2026-01-04 01:10'],
    {columns: 60, rows: 16},
  );
  await waitForSelected(good.slice(0, 17));
  keys('v');
  await waitFor(/\+ PASSED/);
  fs.writeFileSync(`${root}/storage/data/tenants.json`, 'somebody writes');
  keys(key.escape);
  await waitFor(/\+ 1 \*/);
  await waitFor(/! service is writing: tenants, /);
  // A connection that is cut does not lose it, and another operator sees it.
  await hangUp();
  const next = await openTerminal(['--root', root]);
  await next.waitFor(/--- bad since 01-04 01:10Z \(.*\) -+ t change/);
  next.keys('t');
  await next.waitFor(/Bad since when \(UTC\)\? 2026-01-04 01:10Z_/);
});
