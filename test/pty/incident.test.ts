import fs from 'node:fs';
import {expect, test} from 'vitest';
import {makeBackup, makeRoot} from '../support/backups.ts';
import {key} from '../support/key-codes.ts';
import {backup, phpFile} from '../support/php-config.ts';
import {magds} from '../support/run.ts';
import {openTerminal, type Session} from '../support/terminal.ts';
import {goesOn, goingOn, nothingChosen, setOld, waitingHook} from '../support/walking.ts';

const whole = '20260104_000000_nightly';
const flipped = '20260104_020000_nightly';
const late = '20260104_060000_nightly';

const accounts = (balance: (id: number) => number): string =>
  JSON.stringify(Array.from({length: 30}, (_, id) => ({id, balance: balance(id)})));
const tenants = (count: number): string =>
  JSON.stringify(Array.from({length: count}, (_, id) => ({id, name: `tenant ${id}`})));
const good = accounts((id) => 100 + id);
const overwritten = accounts((id) => (id < 12 ? 0 : 100 + id));
const cut = tenants(33).slice(0, 600);

/** A root with two live files that nobody writes, which backups of this root follow. */
function makePlace(live: {[name: string]: string}) {
  const {root, backups} = makeRoot();
  const file = (name: string): string => `${root}/storage/data/${name}.json`;
  const datasets = Object.keys(live).map((name) => ({name, source: `storage/data/${name}.json`}));
  fs.mkdirSync(`${root}/storage/data`);
  fs.mkdirSync(`${root}/config/base`, {recursive: true});
  fs.writeFileSync(`${root}/config/base/magds.php`, phpFile(backup({datasets})));
  for (const [name, content] of Object.entries(live)) {
    fs.writeFileSync(file(name), content);
    setOld(file(name));
  }
  const made = (id: string, contents: {[name: string]: string}, manifest?: () => null) =>
    makeBackup({
      backups,
      id,
      recordedRoot: 'here',
      datasets: Object.entries(contents).map(([name, content]) => ({name, content})),
      ...(manifest && {manifest}),
    });
  return {root, made, live: (name: string) => fs.readFileSync(file(name), 'utf8')};
}

/** Balances were overwritten at four o'clock; the newest copy from before has flipped, and thirteen have signed up since. */
function makeIncident() {
  const {made, ...place} = makePlace({ledger: overwritten, tenants: tenants(33)});
  made(whole, {ledger: good, tenants: tenants(20)});
  const copy = made(flipped, {ledger: good, tenants: tenants(22)}).copy('ledger');
  const bytes = fs.readFileSync(copy);
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  fs.writeFileSync(copy, bytes);
  made(late, {ledger: overwritten, tenants: tenants(28)});
  return place;
}

/** A full disk cut the tenants off at five o'clock; the newest backup holds that, and the one before was cut off itself. */
function makeFullDisk() {
  const {made, ...place} = makePlace({ledger: overwritten, tenants: cut, ownership: good});
  made(whole, {ledger: good, tenants: tenants(28)});
  const {directory, copy} = made(flipped, {tenants: tenants(32)}, () => null);
  for (const lying of [`${directory}/datasets`, directory]) setOld(lying);
  // It is from when that was written.
  const written = new Date('2026-01-04T02:00:05Z');
  fs.utimesSync(copy('tenants'), written, written);
  made(late, {ledger: overwritten, tenants: cut, ownership: good});
  return place;
}

async function connected(root: string, seen: RegExp): Promise<Session> {
  const session = await openTerminal(['--root', root], {columns: 80, rows: 24});
  await session.waitFor(/^ magds > Backups .*DEVELOPMENT/);
  await session.waitFor(seen);
  return session;
}

/** Verifies the chosen backup, and comes back to the list. */
async function verifying({keys, waitFor}: Session, seen: RegExp): Promise<void> {
  keys('v');
  await waitFor(seen);
  keys(key.escape);
  await waitFor(/^ magds > Backups +/);
}

test('balances were overwritten, the newest copy from before has flipped: only they go back, whatever the connection does', async () => {
  const {root, live} = makeIncident();
  const letGo = waitingHook(root);
  const first = await connected(root, new RegExp(`> ${late}`));
  first.keys('t');
  await first.waitFor(/Bad since when/);
  first.keys(`2026-01-04 04:00${key.enter}`);
  // The newest from before is to be verified, and is not what it was.
  await first.waitForSelected(flipped);
  await verifying(first, /FAILED/);
  await first.waitFor(new RegExp(`> ${flipped} .*x damaged`));
  first.keys('j');
  await first.waitForSelected(whole);
  await verifying(first, /\+ PASSED/);
  await first.waitFor(new RegExp(`> ${whole} .*\\+ 1 \\*`));
  first.keys('r');
  await first.waitFor(/What is it for\?/);
  first.keys(`INC-2231${key.enter}`);
  await first.waitFor(nothingChosen);
  // What is known of it outlives the connection; what was chosen did nothing yet.
  await first.hangUp();

  const second = await connected(root, /bad since 01-04 04:00Z/);
  second.keys('jj');
  await second.waitForSelected(whole);
  second.keys('r');
  await second.waitFor(/What is it for\?[\s\S]*INC-2231/);
  second.keys(key.enter);
  await second.waitFor(nothingChosen);
  await second.waitFor(/\[ \] ledger .*12 entries[\s\S]*\[ \] tenants .*13 entries/);
  second.keys(' ');
  await second.waitFor(goesOn);
  await second.waitFor(
    /\[\*\] ledger [\s\S]*\[ \] tenants [\s\S]*YOU LOSE +ledger: the live values of 12 entries[\s\S]*Enter goes on with ledger:/,
  );
  await goingOn(second);
  second.keys(whole);
  await second.waitFor(/23 of 23: Enter restores/);
  second.keys(key.enter);
  await second.waitFor(/- hook: bash/);
  expect(live('ledger')).toBe(overwritten);
  await second.hangUp();
  letGo();

  const third = await connected(root, /RESTORED \d\d:\d\d:\d\dZ/);
  expect(live('ledger')).toBe(good);
  // Whoever has signed up since stays.
  expect(live('tenants')).toBe(tenants(33));
  third.keys('a');
  await third.waitFor(/NOT SIGNED OFF: 1 of 4/);
  await third.hangUp();
  const {stdout} = await magds(['session', 'list', '--root', root, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({sessions: [{number: 1, id: whole, ticket: 'INC-2231'}]});
});

test('a full disk cut off the tenants, and the newest backup has them so: only they go back, from a newer copy that was cut off itself', async () => {
  const {root, live} = makeFullDisk();
  const first = await connected(root, new RegExp(`> ${late}`));
  // It passes, and holds what is broken.
  await verifying(first, /x UNALTERED, but broken inside: tenants[\s\S]*x tenants is not JSON/);
  await first.waitFor(new RegExp(`> ${late} .*x broken =`));
  first.keys('t');
  await first.waitFor(/Bad since when/);
  first.keys(`2026-01-04 05:00${key.enter}`);
  await first.waitForSelected(whole);
  first.keys('k');
  await first.waitForSelected(flipped);
  first.keys('r');
  await first.waitFor(/r not now: it was cut off: Enter lists the files in it/);
  first.keys(key.enter);
  await first.waitFor(/^ magds > Backups > Files[\s\S]*> tenants .*\+ parses as JSON/);
  await first.hangUp();

  const second = await connected(root, /bad since 01-04 05:00Z/);
  // It comes up with what has to be verified, and knows still what was found.
  await second.waitForSelected(whole);
  await second.waitFor(new RegExp(`${late} .*x broken =`));
  await verifying(second, /\+ PASSED: 2 of 2/);
  await second.waitFor(new RegExp(`> ${whole} .*\\+ 1 \\*`));
  second.keys('r');
  await second.waitFor(/What is it for\?/);
  second.keys(key.enter);
  await second.waitFor(nothingChosen);
  second.keys('j');
  await second.waitFor(/> \[ \] tenants/);
  second.keys(' ');
  await second.waitFor(goesOn);
  await second.waitFor(
    new RegExp(
      `NEWER +tenants: in ${flipped} \\(cut off, parses\\); Enter on it\\s+in the list, then m, makes[\\s\\S]*NOT IN IT ownership`,
    ),
  );
  // That one is made a backup, and restored from like any other.
  second.keys(key.escape);
  await second.waitFor(/What is it for/);
  second.keys(key.escape);
  await second.waitForSelected(whole);
  second.keys('k');
  await second.waitFor(new RegExp(`> ${flipped} .*x cut off; holds tenants`));
  second.keys(key.enter);
  await second.waitFor(/> tenants .*\+ parses as JSON[\s\S]*m make it a backup/);
  second.keys('m');
  await second.waitFor(/Enter adds manifest\.json for what is whole, no more; Esc leaves it as it is/);
  second.keys(key.enter);
  await second.waitFor(
    new RegExp(`${flipped} is a backup of tenants now, without[\\s\\S]*v verifies\\s+it, r restores`),
  );
  await second.waitFor(new RegExp(`> ${flipped} .* \\? 2 `));
  await verifying(second, /\+ PASSED: 1 of 1/);
  await second.waitFor(new RegExp(`> ${flipped} .*\\+ 2 \\*`));
  second.keys('r');
  await second.waitFor(/What is it for\?/);
  second.keys(key.enter);
  await second.waitFor(/NOTE +Its manifest was written on [\s\S]*after it had\s+been cut off/);
  await second.waitFor(goesOn);
  await goingOn(second);
  second.keys(flipped);
  await second.waitFor(/23 of 23: Enter restores/);
  second.keys(key.enter);
  // The backup is one of tenants alone, and says so.
  await second.waitFor(/RESTORED IN PART/);
  expect(live('tenants')).toBe(tenants(32));
  expect(live('ledger')).toBe(overwritten);
});
