import fs from 'node:fs';
import {expect, test} from 'vitest';
import {key} from '../support/key-codes.ts';
import {recordOf, whileCopying} from '../support/restores.ts';
import {makeSparseBackup} from '../support/sparse.ts';
import type {Session} from '../support/terminal.ts';
import {goingOn, good, makePlace, opened, planning, restored, spoilt, starting} from '../support/walking.ts';

test('the terminal goes away in a verification: nothing is harmed, and a new one goes on', async () => {
  const {root, live} = makePlace();
  const large = '20260103_010000_large';
  makeSparseBackup(`${root}/storage/backups`, large);
  const first = await opened(root);
  first.keys('j');
  await first.waitForSelected(large);
  first.keys('v');
  await first.waitFor(/Verify[\s\S]*archive +[\d.]+ \w+ +\[/);
  await first.hangUp();
  const second = await opened(root);
  expect(fs.existsSync(`${root}/storage/backups/${large}/verifications.jsonl`)).toBe(false);
  await starting(second);
  await second.waitFor(/\+ RESTORED/);
  expect(live()).toEqual(restored);
});

test('two terminals follow one restore, neither writes meanwhile; one goes away, and the other ends at its checklist', async () => {
  const {root, live} = makePlace();
  const go = `${root}/go`;
  const wait = `until test -e ${go} || ! test -d ${root}; do sleep 0.05; done`;
  const first = await opened(root, [], {env: whileCopying(wait)});
  const second = await opened(root);
  await starting(first);
  // The live files are saved, and copies being staged beside them.
  await first.waitFor(/- prepare \.\.\.[\s\S]*\+ safety backup/);
  await second.waitFor(/RESTORING[\s\S]*A restore is running: prepare\. {2}r shows it/);
  for (const letter of ['b', 'h', 'P']) {
    second.keys(letter);
    await second.waitFor(new RegExp(`${letter} not now: a restore is running`));
  }
  second.keys('r');
  await second.waitFor(/session 1[\s\S]*- prepare \.\.\.[\s\S]*\+ safety backup/);
  // Whoever has begun it is gone.
  await first.hangUp();
  expect(live()).toEqual(spoilt);
  const third = await opened(root);
  await third.waitFor(/A restore is running/);
  third.keys('r');
  await third.waitFor(/- prepare \.\.\.[\s\S]*\+ safety backup/);
  fs.writeFileSync(go, '');
  for (const session of [second, third]) {
    await session.waitFor(/\+ RESTORED/);
    session.keys(key.enter);
    await session.waitFor(/NOT SIGNED OFF: 1 of 4/);
  }
  expect(live()).toEqual(restored);
  expect(recordOf(root, 1).filter(({type}) => type === 'opened')).toHaveLength(1);
  // What one answers the other shows by itself.
  second.keys('js');
  await second.waitFor(/Skipped\. Why/);
  second.keys(`not today${key.enter}`);
  for (const session of [second, third]) await session.waitFor(/3 evidence captured .*skipped: not \.\.\./);
});

test('the terminal goes away at the checklist: a new one says so at once and goes on exactly there', async () => {
  const {root} = makePlace();
  const first = await opened(root);
  await starting(first);
  await first.waitFor(/\+ RESTORED/);
  first.keys(key.enter);
  await first.waitFor(/NOT SIGNED OFF: 1 of 4/);
  first.keys(key.enter);
  await first.waitFor(/NOT SIGNED OFF: 2 of 4/);
  first.keys('jjd');
  await first.waitFor(/Done\. A note/);
  first.keys('half a no');
  await first.waitFor(/half a no/);
  await first.hangUp();
  const second = await opened(root);
  await second.waitFor(
    /OPEN 1 [\s\S]*RESTORED \d\d:\d\d:\d\dZ.* Session 1,\s2 of 4( answered)?: {2}a goes on/,
  );
  second.keys('a');
  await second.waitFor(/NOT SIGNED OFF: 2 of 4[\s\S]*> - 3 evidence captured +open/);
  expect(second.screen().join('\n')).not.toContain('half a no');
  expect(recordOf(root, 1).filter(({type}) => type === 'step')).toHaveLength(2);
});

/** All of the screen as one text, so that what goes over several lines is found. */
const text = ({screen}: Session): string => screen().join(' ').replace(/\s+/g, ' ');

test.each([
  [80, 24],
  [60, 16],
])('at %sx%s all that is needed can be read, from the list to the end', async (columns, rows) => {
  const {root, live} = makePlace();
  const session = await opened(root, [], {columns, rows});
  const {keys, waitFor, screen} = session;
  /** What has to be there, and nothing that went beyond the edge. */
  const reads = async (...wanted: (string | RegExp)[]): Promise<void> => {
    for (const each of wanted)
      await waitFor((lines) => lines.join(' ').replace(/\s+/g, ' ').search(each) !== -1);
    expect(screen()).toHaveLength(rows);
    expect(screen()[0]).toMatch(/^ (magds > )?.*\d\d:\d\dZ/);
  };
  keys('r');
  await reads(/NOTHING CHANGED YET/, good, /What is it for\?/, / > ticket _/, /Enter go on/);
  keys(key.enter);
  await reads(
    /NOTHING CHANGED YET/,
    good,
    /\[ \] tenants/,
    /\[ \] ledger/,
    /Enter not yet: nothing is chosen/,
  );
  keys('a');
  // Of the rows only the selected one may have room once what is lost has been counted; until then there is less to scroll.
  await reads(/\[\*\] /, /YOU LOSE .*tenants: 1 line .*ledger: 1 line/, /Enter goes on with tenants, ledger/);
  keys('G');
  await reads(/WAY BACK/);
  keys('g');
  await goingOn(session);
  await reads(
    /LAST STEP BEFORE FILES CHANGE/,
    /tenants, ledger go back to/,
    / > _/,
    /0 of 23/,
    /Paste does nothing/,
    good,
  );
  keys(good);
  await reads(`> ${good}_`, /23 of 23: Enter restores/);
  keys(key.enter);
  await reads(good, /session 1/, /\+ RESTORED \d\d:\d\d:\d\dZ, in \S+\./, /\+ done/);
  expect(live()).toEqual(restored);
  keys(key.enter);
  await reads(/session 1 /, good, /NOT SIGNED OFF: 1 of 4/);
  for (const step of [
    /1 restored files match/,
    /> - 2 backup verified again/,
    /3 evidence captured/,
    /4 service resumed/,
  ])
    await reads(step);
  keys(key.enter);
  await reads(/NOT SIGNED OFF: 2 of 4/);
  keys('G');
  await reads(/> - 4 service resumed/, /Asks when the service was back\./);
  keys(`f`);
  await reads(/Failed\. Why: _/);
  keys(`the disk is full${key.enter}`);
  await reads(/NOT SIGNED OFF: 3 of 4/, /x failed by .+, \d\d:\d\d:\d\dZ: the disk is full/);
  keys(`k${key.enter}`);
  await reads(
    /PREVIEW, NOT WRITTEN/,
    /shows corruption only/,
    /x writes it for the ticket; that answers step 3/,
  );
  keys('x');
  await reads(/\+ WRITTEN/, /SHA-256 [0-9a-f]+/, /y copies the path/);
  keys(key.escape);
  await reads(/All are answered: C signs it off/);
  keys('C');
  await reads(/4 of 4 answered, 1 failed/, /Type the session's number/);
  await waitFor((lines) => {
    if (lines.some((line) => line === '   > 1_')) return true;
    keys('\u00151');
    return false;
  });
  keys(key.enter);
  await reads(
    /a signature proves who vouches for every byte of it/,
    /Session 1 is signed off\./,
    /Its evidence \S+ is written\./,
  );
  keys(key.escape);
  await reads(/SIGNED OFF: 1 FAILED/);
  keys('l');
  await reads(/Record of session 1 \(UTC\) lines 1-\d+ of \d+/);
  keys('G');
  const end = /lines \d+-(\d+) of \1\b/;
  await reads(end);
  // What the metrics say of it is the last, and long.
  for (let page = 0; page < 30 && !/CLOSED/.test(text(session)); page++) {
    const [position = ''] = /lines \d+-\d+ of \d+/.exec(text(session)) ?? [];
    keys(key.pageUp);
    await waitFor((lines) => !lines.join(' ').includes(position));
  }
  await reads(/CLOSED/);
  expect(text(session)).not.toMatch(/BROKEN/);
});

/** A slow link: all that is seen and typed is 200 ms late. */
const slow = {delay: 200};

test('over a slow link what is typed ahead is dropped, Enter that came with the id does not count, and the next one does', async () => {
  const {root, live} = makePlace();
  const session = await opened(root, [], slow);
  const {keys, waitFor} = session;
  await planning(session);
  keys(`${key.enter}${good}${key.enter}`);
  await waitFor(/LAST STEP[\s\S]*0 of 23/);
  // One chunk, as such a link brings it.
  keys(`${good}${key.enter}`);
  await waitFor(/23 of 23: Enter restores/);
  expect(live()).toEqual(spoilt);
  expect(fs.existsSync(`${root}/storage/runbook`)).toBe(false);
  keys(key.enter);
  await waitFor(/\+ RESTORED/);
  expect(live()).toEqual(restored);
});

test('over a slow link that cuts everything apart a paste is ignored, and the id counts', async () => {
  const {root, live} = makePlace();
  const session = await opened(root, [], {...slow, pace: 25});
  const {keys, waitFor} = session;
  await planning(session);
  keys(key.enter);
  await waitFor(/LAST STEP[\s\S]*0 of 23/);
  keys(key.paste(good));
  await waitFor(/ignored/);
  // Its mark begins with what is Escape on such a link: one step back at most, and nothing else.
  if (!text(session).includes('LAST STEP')) keys(key.enter);
  await waitFor(/LAST STEP[\s\S]*0 of 23/);
  keys(good);
  await waitFor(/23 of 23: Enter restores/);
  expect(live()).toEqual(spoilt);
  keys(key.enter);
  await waitFor(/\+ RESTORED/);
  expect(live()).toEqual(restored);
});
