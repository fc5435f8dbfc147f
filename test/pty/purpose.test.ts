import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {key} from '../support/key-codes.ts';
import {recordOf} from '../support/restores.ts';
import {magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';
import {goingOn, good, makePlace, nothingChosen, opened, restored, spoilt} from '../support/walking.ts';

test('an incident with a ticket, pasted, and what else there is to say, is in the record and said on the phone', async () => {
  const {root, live} = makePlace();
  const session = await opened(root);
  const {keys, waitFor} = session;
  keys('r');
  await waitFor(/What is it for\?[\s\S]*> ticket +_/);
  keys(key.paste('INC-4711'));
  await waitFor(/> ticket +INC-4711_/);
  keys(`${key.tab}tenants q?`);
  await waitFor(/> title +tenants q\?_/);
  keys(`${key.down}emergency: no answer`);
  await waitFor(/> authorised by +emergency: no answer_/);
  keys(key.enter);
  await waitFor(nothingChosen);
  keys('a');
  await waitFor(/incident INC-4711$[\s\S]*Enter goes on with .*: the id is typed/m);
  // Back, where all of it is as it was, and on again.
  keys(key.escape);
  await waitFor(/ticket +INC-4711\n.*title +tenants q\?\n.*> authorised by +emergency: no answer_/);
  // What was said is kept, and nothing else.
  expect(fs.readdirSync(`${root}/storage/runbook`).toSorted()).toEqual(['incident.jsonl', 'version']);
  keys(key.enter);
  await waitFor(/incident INC-4711$[\s\S]*Enter goes on with .*: the id is typed/m);
  keys('\u0014');
  await waitFor(/TO BE READ OUT[\s\S]*, INC-4711:[\s\S]*a restore of/);
  keys(key.escape);
  await waitFor(/Enter goes on with .*: the id is typed/);
  await goingOn(session);
  keys(good);
  await waitFor(/23 of 23: Enter restores/);
  expect(live()).toEqual(spoilt);
  keys(key.enter);
  await waitFor(/\+ RESTORED/);
  expect(live()).toEqual(restored);
  expect(recordOf(root, 1)[0]?.data).toMatchObject({
    purpose: 'incident',
    ticket: 'INC-4711',
    title: 'tenants q?',
    authorisedBy: 'emergency: no answer',
    into: null,
  });
});

test('a drill goes into a directory that is made for it, ends with what is true of it, and touches nothing live', async () => {
  const {root, live} = makePlace();
  const into = path.join(temporaryDirectory(), 'drill');
  const session = await opened(root);
  const {keys, waitFor, waitForExit, raw} = session;
  keys('r');
  await waitFor(/What is it for\?/);
  keys(`${key.right}${key.up}\u0015`);
  await waitFor(/\[drill\][\s\S]*> directory +_/);
  // Not into the project, by the very check of --into.
  keys(`${root}/storage/x${key.enter}`);
  await waitFor((lines) => lines.join('').replace(/\s+/g, ' ').includes('lies in the project: a drill goes'));
  keys(key.escape);
  await waitFor(/> directory/);
  keys(`\u0015${into}${key.tab}DRILL-Q4${key.enter}`);
  await waitFor(
    /drill DRILL-Q4$[\s\S]*\[\*\] tenants[\s\S]*INTO[\s\S]*Enter goes on with .*: the id is typed/m,
  );
  expect(fs.existsSync(into)).toBe(false);
  keys(key.enter);
  await waitFor(/LAST STEP BEFORE THE DRILL[\s\S]*No live file is touched/);
  await waitFor((lines) => {
    if (lines.some((line) => line === `   > ${good}_`)) return true;
    keys(`\u0015${good}`);
    return false;
  });
  await waitFor(/23 of 23: Enter begins the drill/);
  expect(fs.existsSync(into)).toBe(false);
  keys(key.enter);
  await waitFor(/\+ DRILL DONE[\s\S]*2 of 2 files are what the manifest says[\s\S]*No live file was touched/);
  expect(fs.readdirSync(into).toSorted()).toEqual(['ledger.json', 'tenants.json']);
  expect(fs.statSync(into).mode & 0o7777).toBe(0o700);
  expect(fs.readFileSync(`${into}/tenants.json`, 'utf8')).toBe('good tenants');
  expect(live()).toEqual(spoilt);
  expect(recordOf(root, 1)[0]?.data).toMatchObject({purpose: 'drill', ticket: 'DRILL-Q4', title: null, into});
  keys(key.enter);
  await waitFor(/Enter not now: a drill has no checklist/);
  keys(key.escape);
  await waitFor(/magds > Backups {2}/);
  keys('q');
  expect((await waitForExit()).exitCode).toBe(0);
  expect(raw().slice(raw().lastIndexOf('\u001b[?1049l'))).toContain(
    `session 1, drill of ${good} into ${into}: done`,
  );
  expect((await magds(['session', 'list', '--root', root])).stdout).toMatch(
    / drill \S+ +done +- +.*, DRILL-Q4$/m,
  );
});
