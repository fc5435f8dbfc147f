import fs from 'node:fs';
import {expect, test} from 'vitest';
import {flipBit, makeBackup, makeRoot} from '../support/backups.ts';
import {hostileText} from '../support/hostile.ts';
import {key} from '../support/key-codes.ts';
import {openTerminal} from '../support/terminal.ts';

const fileName = hostileText.replaceAll('/', '');
const id = `20261123_100000_${fileName}`;

/** Names, labels and paths that try to drive the terminal, in every place an attacker could put them. */
function makeHostilePlace() {
  const {root} = makeRoot();
  const backups = `${root}/storage/backups`;
  const built = makeBackup({
    backups,
    id,
    label: hostileText,
    recordedRoot: `/srv/${fileName}`,
    datasets: [
      {name: hostileText, file: 'tenants.json'},
      {name: `漢字😀e\u0301${hostileText}`, file: fileName},
    ],
  });
  makeBackup({backups, id: `20261123_090000_${fileName}`, manifest: () => hostileText});
  fs.writeFileSync(`${backups}/${fileName}`, '');
  return {root, built};
}

/** Sequences that only the hostile text holds: the program sets no title and no clipboard here, rings no bell. */
function expectHarmless(raw: string): void {
  const text = Buffer.from(raw, 'latin1').toString('utf8');
  expect(raw).not.toMatch(/\u001b\]|\u0007|\u001bP|\u001b\[31m\u001b\[2J/);
  expect(text).not.toMatch(/[\u0080-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffd]/);
}

test.each([
  [100, 30],
  [60, 16],
])('at %dx%d nothing that was read from the disk reaches the terminal as it is', async (columns, rows) => {
  const {root, built} = makeHostilePlace();
  flipBit(built.copy(hostileText));
  const session = await openTerminal(['--root', root], {columns, rows});
  const {waitFor, waitForSelected, keys, raw} = session;
  const framed = (lines: string[]) =>
    /^ magds/.test(lines[0] ?? '') && /^ \S+ [a-z]+/.test(lines.at(-1) ?? '');
  await waitForSelected('20261123_100000_a');
  await waitFor(framed);
  keys('m');
  await waitFor((lines) => framed(lines) && /> a\\u\{1b\}/.test(lines.join('\n')));
  keys('j');
  await waitFor((lines) => framed(lines) && lines.some((line) => line.includes('> 漢字😀')));
  keys(key.tab);
  await waitFor((lines) => framed(lines) && lines.some((line) => line.includes('"id": ')));
  keys('v');
  await waitFor((lines) => framed(lines) && /x FAILED/.test(lines.join('\n')));
  keys(key.escape);
  await waitFor(/"id": /);
  keys(key.escape);
  await waitForSelected('20261123_100000_a');
  keys('j');
  await waitForSelected('20261123_090000_a');
  keys('m');
  await waitFor(/Manifest[\s\S]*Tab/);
  keys(key.tab);
  await waitFor((lines) => framed(lines) && lines.some((line) => line.startsWith(' a\\u{1b}')));
  keys('qq');
  await session.waitForExit();
  expectHarmless(raw());
});
