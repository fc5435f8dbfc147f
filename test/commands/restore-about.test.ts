import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {backupId, liveTree, makeRestorable, recordOf} from '../support/restores.ts';
import {jsonLines} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const about = [
  '--purpose=incident',
  '--ticket=INC-4711',
  '--title=tenants came back empty',
  '--authorised-by=emergency: nobody answers',
];

test('what a restore is for is recorded, and shown with its session', async () => {
  const {root, restore, command} = makeRestorable();
  expect(await restore(...about)).toMatchObject({code: 0, stderr: ''});
  const told = {
    purpose: 'incident',
    ticket: 'INC-4711',
    title: 'tenants came back empty',
    authorisedBy: 'emergency: nobody answers',
  };
  expect(recordOf(root, 1)[0]).toMatchObject({type: 'opened', data: told});
  const {authorisedBy, ...same} = told;
  const json = {...same, authorised_by: authorisedBy};
  const [list] = jsonLines((await command('session', 'list', '--json')).stdout);
  expect(list).toMatchObject({sessions: [json]});
  const [shown] = jsonLines((await command('session', 'show', '1', '--json')).stdout);
  expect(shown).toMatchObject(json);
  expect(shown).not.toHaveProperty('authorisedBy');
  expect((await command('session', 'list')).stdout).toMatch(/, INC-4711, tenants came back empty$/m);
  expect((await command('session', 'show', '1')).stdout).toMatch(
    /^ticket {5}INC-4711\npurpose {4}incident\ntitle {6}tenants came back empty\nauthorised emergency: nobody answers$/m,
  );
});

test('what is not said is recorded as that', async () => {
  const {root, restore} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  expect(recordOf(root, 1)[0]?.data).toMatchObject({
    purpose: null,
    ticket: null,
    title: null,
    authorisedBy: null,
  });
});

test.each([
  ['--purpose=fun', '--purpose=fun: give incident, drill or verification.'],
  [`--ticket=${'x'.repeat(65)}`, '--ticket has 65 characters: at most 64.'],
  [`--title=${'\u{1f525}'.repeat(121)}`, '--title has 121 characters: at most 120.'],
  [`--authorised-by=${'x'.repeat(500)}`, '--authorised-by has 500 characters: at most 120.'],
])('%s is wrong usage', async (flag, why) => {
  const {root, restore} = makeRestorable();
  const before = liveTree(root);
  expect(await restore(flag)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: `magds: ${why} Nothing was changed.\n`,
  });
  expect(liveTree(root)).toEqual(before);
});

test("a drill's directory is made once it is carried out, not for a look at the plan", async () => {
  const {ask} = makeRestorable();
  const into = `${temporaryDirectory()}/drill`;
  expect(await ask(`--into=${into}`, '--dry-run')).toMatchObject({code: 0, stderr: ''});
  expect(fs.existsSync(into)).toBe(false);
  const plan = await ask(`--into=${into}`, '--dry-run', '--json');
  const hash = String(jsonLines(plan.stdout)[0]?.['plan']);
  expect(await ask(`--into=${into}`, `--plan=${hash}`, `--yes=${backupId}`)).toMatchObject({code: 0});
  expect(fs.readdirSync(into).toSorted()).toEqual(['ledger.json', 'tenants.json']);
});

test('a drill goes to no directory below one that is not there', async () => {
  const {ask} = makeRestorable();
  const into = `${temporaryDirectory()}/no/drill`;
  expect(await ask(`--into=${into}`)).toMatchObject({
    code: 2,
    stderr: `magds: --into=${into}: ${path.dirname(into)} is not there: make it first, or name another directory. Nothing was changed.\n`,
  });
});

test('a drill goes to no file', async () => {
  const {ask} = makeRestorable();
  const file = `${temporaryDirectory()}/file`;
  fs.writeFileSync(file, '');
  expect(await ask(`--into=${file}`)).toMatchObject({
    code: 2,
    stderr: `magds: --into=${file} is not a directory. Nothing was changed.\n`,
  });
});
