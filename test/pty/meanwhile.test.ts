import fs from 'node:fs';
import {expect, test} from 'vitest';
import {makeBackup, makeRoot} from '../support/backups.ts';
import {openTerminal} from '../support/terminal.ts';

const older = '20261123_100000_nightly';
const newer = '20261123_110000_nightly';
const listed = (id: string) => (lines: string[]) =>
  lines.some((line) => /^ [> ] /.test(line) && line.includes(id));

function makePlace() {
  const {root, backups} = makeRoot();
  const [first, second] = [newer, older].map((id) => makeBackup({backups, id}));
  return {
    root,
    backups,
    first: first as NonNullable<typeof first>,
    second: second as NonNullable<typeof second>,
  };
}

test('a backup that appears is shown by itself, and the selection stays where it is', async () => {
  const {root, backups} = makePlace();
  const {waitFor, waitForSelected, selected} = await openTerminal(['--root', root]);
  await waitForSelected(newer);
  makeBackup({backups, id: '20261123_120000_fresh'});
  await waitFor(listed('20261123_120000_fresh'));
  expect(selected()).toContain(newer);
});

test('a backup that is deleted goes by itself', async () => {
  const {root, first} = makePlace();
  const {waitFor, waitForSelected} = await openTerminal(['--root', root]);
  await waitForSelected(newer);
  fs.rmSync(first.directory, {recursive: true});
  await waitFor((lines) => !listed(newer)(lines) && listed(older)(lines));
  await waitForSelected(older);
});

test('a manifest that is rewritten is read again', async () => {
  const {root, second} = makePlace();
  const {waitFor, waitForSelected} = await openTerminal(['--root', root]);
  await waitForSelected(newer);
  fs.writeFileSync(second.manifestFile, '{"id": ');
  await waitFor((lines) => lines.some((line) => line.includes(older) && line.includes('x unreadable')));
  fs.writeFileSync(second.manifestFile, second.manifest);
  await waitFor((lines) => lines.some((line) => line.includes(older) && / \? \d+ +\? \d+/.test(line)));
});

test('a copy that is deleted shows by itself', async () => {
  const {root, second} = makePlace();
  const {waitFor, waitForSelected} = await openTerminal(['--root', root]);
  await waitForSelected(newer);
  fs.rmSync(second.copy('ledger'));
  await waitFor((lines) => lines.some((line) => line.includes(older) && line.includes('x missing')));
});

test('a backups directory that is not there says so, and shows the first backup by itself', async () => {
  const {root, backups} = makeRoot();
  fs.mkdirSync(`${root}/config/base`, {recursive: true});
  fs.writeFileSync(`${root}/config/base/magds.php`, '<?php return [];');
  fs.rmdirSync(backups);
  const {waitFor} = await openTerminal(['--root', root]);
  await waitFor(/does not exist yet/);
  makeBackup({backups, id: older});
  await waitFor(listed(older));
});

test('a directory that cannot be listed for a while keeps its list, says so, and stops saying so', async () => {
  const {root, backups, second} = makePlace();
  // As on a server: nothing changed there within the last seconds.
  fs.utimesSync(backups, 1_700_000_000, 1_700_000_000);
  const {waitFor, waitForSelected} = await openTerminal(['--root', root]);
  await waitForSelected(newer);
  fs.rmSync(second.copy('ledger'));
  await waitFor((lines) => lines.some((line) => line.includes(older) && line.includes('x missing')));
  // A root user may read everything, so it is not its rights that are taken away.
  fs.renameSync(backups, `${root}/away`);
  fs.writeFileSync(backups, 'in the way');
  await waitFor((lines) => lines.some((line) => /not up to date/.test(line)) && listed(older)(lines));
  fs.rmSync(backups);
  fs.renameSync(`${root}/away`, backups);
  await waitFor((lines) => !lines.some((line) => /not up to date/.test(line)) && listed(older)(lines));
});

test('the selected dataset is still on the screen after the terminal became smaller', async () => {
  const {root, backups} = makeRoot();
  const datasets = Array.from({length: 25}, (_, index) => ({name: `dataset_${index}`}));
  makeBackup({backups, id: newer, datasets});
  const {waitFor, waitForSelected, keys, resize} = await openTerminal(['--root', root], {
    columns: 100,
    rows: 50,
  });
  await waitForSelected(newer);
  keys('m');
  await waitFor('> dataset_0');
  keys('G');
  await waitFor('> dataset_24');
  resize(80, 24);
  const framed = (lines: string[]) => /^ magds/.test(lines[0] ?? '') && /Esc back/.test(lines[23] ?? '');
  await waitFor((lines) => framed(lines) && lines.some((line) => line.includes('> dataset_24')));
});
