import fs from 'node:fs';
import {expect, test} from 'vitest';
import {canTrace, type Traced, type TraceOptions, traced} from '../support/faults.ts';
import {key} from '../support/key-codes.ts';
import {magds} from '../support/run.ts';
import {openTerminal} from '../support/terminal.ts';
import {
  confirming,
  good,
  makePlace,
  opened,
  planning,
  restored,
  spoilt,
  starting,
  typing,
  waitingHook,
} from '../support/walking.ts';

test('from the list to a checklist that is signed off', async () => {
  const {root, live} = makePlace();
  const session = await opened(root);
  const {keys, waitFor, waitForExit, raw} = session;
  await confirming(session);
  for (const character of good.slice(0, 5)) keys(character);
  await waitFor(/5 of 23, right so far/);
  keys('x');
  await waitFor(/wrong from character 6/);
  keys('\u007f');
  await waitFor(/5 of 23, right so far/);
  keys(key.paste(good.slice(5)));
  await waitFor(/ignored/);
  // As a slow link brings it: all at once, Enter with it, which does not count.
  keys(`${good.slice(5)}${key.enter}`);
  await waitFor(/23 of 23: Enter restores/);
  expect(live()).toEqual(spoilt);
  keys(key.enter);
  await waitFor(/\+ RESTORED/);
  expect(live()).toEqual(restored);
  keys(key.enter);
  await waitFor(/NOT SIGNED OFF: 1 of 4[\s\S]*> - 2 backup verified again/);
  keys(key.enter);
  await waitFor(/NOT SIGNED OFF: 2 of 4[\s\S]*> - 3 evidence captured/);
  keys('kd');
  await waitFor(/Answered by machine .*: Enter asks, then replaces it, Esc keeps it/);
  keys(key.escape);
  await waitFor(/2 steps left\. Enter: asks whether its answer is replaced/);
  keys('w');
  await waitFor(/When was it noticed\?/);
  keys(`20m ago${key.enter}`);
  await waitFor(/noticed (?:\d\d-\d\d )?\d\d:\d\dZ {3}declared \?[\s\S]*When was it declared\?/);
  keys(key.escape);
  await waitFor(/2 steps left\. Enter: asks whether its answer is replaced/);
  keys('jjd');
  await waitFor(/Done\. A note/);
  keys(`INC-4711${key.enter}`);
  await waitFor(/When was it back\?/);
  keys(key.enter);
  await waitFor(/service back \d\d:\d\d/);
  await waitFor(/NOT SIGNED OFF: 3 of 4[\s\S]*Only evidence is open: C signs off, and writes it/);
  expect(fs.readdirSync(`${root}/storage/data`)).toHaveLength(4);
  keys('C');
  await waitFor(
    /Session 1: tenants, ledger from 20260104_010000_nightly\. 3 of 4 answered\s+\(signing off writes the evidence\), none failed\.[\s\S]*delete +the old tenants\.json, ledger\.json set aside beside the live ones[\s\S]*keep +the safety backup until[\s\S]*keep +the backup, held until[\s\S]*write +the final evidence/,
  );
  await typing(session, '2');
  keys(key.enter);
  await waitFor(/Type 1, the session's number, then Enter: nothing was changed\./);
  keys('\u00151');
  await waitFor(/^ {3}> 1_$/m);
  keys(key.enter);
  await waitFor(/Session 1 is signed off\.[\s\S]*> a signature +proves who vouches for every byte of it/);
  await waitFor(
    /magds evidence export --session=1 --sign=KEY --root=[\s\S]*Its evidence\s+storage\/runbook\/evidence\/\S+\.md is written\./,
  );
  keys('j');
  keys('j');
  await waitFor(
    /> an approval[\s\S]*magds evidence approve\s+\S+[\s\S]*y copies it; replace KEY with your key file/,
  );
  keys(key.escape);
  await waitFor(/SIGNED OFF/);
  const [file = ''] = fs
    .readdirSync(`${root}/storage/runbook/evidence`)
    .filter((name) => name.endsWith('.md'));
  expect(fs.readFileSync(`${root}/storage/runbook/evidence/${file}`, 'utf8')).toContain(
    'closed by the operator',
  );
  expect(fs.readdirSync(`${root}/storage/data`)).toHaveLength(2);
  keys('l');
  await waitFor(/Record of session 1/);
  // The metrics of the sign-off take pages: all that follows the answers is to be seen at once.
  session.resize(80, 200);
  keys('G');
  await waitFor(
    /STEP person: Amira, step: service, state: done[\s\S]*INC-4711[\s\S]*TIME [\s\S]*what: service-back/,
  );
  keys('qqq');
  expect((await waitForExit()).exitCode).toBe(0);
  expect(raw().slice(raw().lastIndexOf('\u001b[?1049l'))).toMatch(
    new RegExp(`session 1, restore of ${good}: done[\\s\\S]*final evidence of session 1,`),
  );
});

test('the undo brings back what was there before', async () => {
  const {root, live} = makePlace();
  const session = await opened(root);
  const {keys, waitFor} = session;
  await starting(session);
  await waitFor(/\+ RESTORED/);
  keys(key.enter);
  await waitFor(/NOT SIGNED OFF/);
  keys('u');
  await waitFor(/Undo of session 1[\s\S]*Enter goes on/);
  keys(key.enter);
  await waitFor(/Type the session's number/);
  await typing(session, '1');
  await waitFor(/1 of 1: Enter restores/);
  keys(key.enter);
  await waitFor(/\+ UNDONE/);
  expect(live()).toEqual(spoilt);
});

test('what is typed ahead of the last step is dropped, and Esc leaves everything as it was', async () => {
  const {root, live} = makePlace();
  const session = await opened(root);
  const {keys, waitFor, waitForSelected} = session;
  await planning(session);
  keys(`${key.enter}${good}${key.enter}`);
  await waitFor(/LAST STEP[\s\S]*0 of 23/);
  await typing(session, '20');
  keys(key.escape);
  await waitFor(/NOTHING CHANGED YET[\s\S]*Enter goes on with .*: the id is typed/);
  keys(key.escape);
  await waitFor(/What is it for\?/);
  keys(key.escape);
  await waitForSelected(good);
  expect(live()).toEqual(spoilt);
  expect(fs.existsSync(`${root}/storage/runbook`)).toBe(false);
});

test('a file that is written after the plan leads back to the plan', async () => {
  const {root, live} = makePlace();
  const session = await opened(root);
  await confirming(session);
  fs.writeFileSync(`${root}/storage/data/ledger.json`, 'written since');
  session.keys(good);
  await session.waitFor(/23 of 23/);
  session.keys(key.enter);
  // Whether it was seen when it was written, or by the last look before files change.
  await session.waitFor(/NOTHING CHANGED YET[\s\S]*(has changed since you looked|is being written)/);
  expect(live()).toEqual(['spoilt', 'written since']);
});

test('the connection is lost while it is at work: it goes on, and magds comes back to it', async () => {
  const {root, live} = makePlace();
  const letGo = waitingHook(root);
  const first = await opened(root);
  await starting(first);
  await first.waitFor(/- hook: bash/);
  first.pty.kill('SIGHUP');
  await first.waitForExit();
  expect(live()).toEqual(spoilt);
  const second = await opened(root);
  await second.waitFor(/RESTORING[\s\S]*A restore is running: prepare\. {2}r shows it/);
  second.keys('b');
  await second.waitFor(/b not now: a restore is running/);
  second.keys('r');
  await second.waitFor(/session 1[\s\S]*- prepare \.\.\./);
  letGo();
  await second.waitFor(/\+ RESTORED/);
  expect(live()).toEqual(restored);
  second.keys(key.escape);
  await second.waitFor(
    /OPEN 1 [\s\S]*RESTORED \d\d:\d\d:\d\dZ.* Session 1,\s1 of 4( answered)?: {2}a goes on/,
  );
  second.keys('qq');
  await second.waitFor(/Session 1 is not signed off .* q again quits/);
  second.keys('q');
  await second.waitForExit();
});

const restoreTraced = (root: string, options: Partial<TraceOptions> = {}) =>
  traced(['restore', '--root', root, `--id=${good}`, `--yes=${good}`], {calls: ['rename'], ...options});

/** Which of the renames of the process that restores is that of the second live file. */
async function renameOfSecond(): Promise<number> {
  const {calls} = await restoreTraced(makePlace().root);
  const second = calls.filter(({text}) => text.includes('-new"')).at(-1);
  return 1 + calls.filter(({thread}) => thread === second?.thread).indexOf(second as Traced);
}

test.skipIf(!canTrace)('one that stopped halfway comes first, and goes on where it is told to', async () => {
  const {root, live} = makePlace();
  const killed = await restoreTraced(root, {inject: `rename:signal=KILL:when=${await renameOfSecond()}`});
  expect(killed.code).not.toBe(0);
  expect(live().toSorted()).toEqual(['good tenants', 'spoilt']);
  const session = await openTerminal(['--root', root]);
  const {keys, waitFor, waitForExit} = session;
  await waitFor(/A RESTORE STOPPED HALFWAY[\s\S]*tenants +NEW[\s\S]*ledger +OLD[\s\S]*mixed/);
  await typing(session, 'finish');
  expect(live().toSorted()).toEqual(['good tenants', 'spoilt']);
  keys(key.enter);
  await waitFor(/all files are new/);
  expect(live()).toEqual(restored);
  await waitFor(/NOT SIGNED OFF: 1 of 4/);
  keys('qqq');
  await waitFor(/not signed off/);
  keys('q');
  await waitForExit();
});

test('--read-only makes a plan, and goes no further', async () => {
  const {root, live} = makePlace();
  const session = await opened(root, ['--read-only']);
  const {keys, waitFor} = session;
  await planning(session, /Enter not yet: --read-only/);
  keys(key.enter);
  await waitFor(/Enter not now: .*--read-only forbids/);
  expect(live()).toEqual(spoilt);
  expect((await magds(['session', 'list', '--root', root])).stderr).toMatch(/No restore/);
});
