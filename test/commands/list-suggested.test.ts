import fs from 'node:fs';
import {expect, test} from 'vitest';
import {flipBit, makeBackup, makeRoot} from '../support/backups.ts';
import {backup, phpFile} from '../support/php-config.ts';
import {jsonLines, magds} from '../support/run.ts';

const [older, newer] = ['20261121_100000', '20261122_100000'];

test('a verified backup that is broken inside is passed over, and what the suggested one lacks is said', async () => {
  const {root, backups} = makeRoot();
  for (const directory of ['storage/runbook', 'storage/data', 'config/base'])
    fs.mkdirSync(`${root}/${directory}`, {recursive: true});
  const names = ['tenants', 'ledger', 'sessions'];
  const datasets = names.map((name) => ({name, source: `storage/data/${name}.json`, type: 'file'}));
  fs.writeFileSync(`${root}/config/base/magds.php`, phpFile(backup({datasets})));
  const content = (text: string) => names.map((name) => ({name, file: `${name}.json`, content: text}));
  makeBackup({backups, id: newer, datasets: content('{"cut off":')});
  makeBackup({backups, id: older, datasets: content('{}').slice(0, 2)});
  await magds(['backup', 'verify', '--all', '--content', '--root', root]);
  const args = ['backup', 'list', '--root', root, '--bad-since=2026-11-23 10:00Z'];
  const {code, stdout, stderr} = await magds(args);
  const why = 'tenants and 2 more are broken inside';
  expect({code, stderr}).toEqual({
    code: 0,
    stderr: `! ${older} is suggested, but has no sessions.\n! ${newer} is verified too, but ${why}.\n`,
  });
  expect(stdout).toMatch(new RegExp(`^${older} .*\\+ 1 \\* .*- .*just now$`, 'm'));
  const [json] = jsonLines((await magds([...args, '--json'])).stdout);
  expect(json).toMatchObject({
    suggested: older,
    suggested_lacks: ['sessions'],
    passed_over: [{id: newer, why}],
  });
});

test('each dataset has its own newest good copy, its version, and whether it is live', async () => {
  const {root, backups} = makeRoot();
  for (const directory of ['storage/runbook', 'storage/data', 'config/base'])
    fs.mkdirSync(`${root}/${directory}`, {recursive: true});
  const datasets = ['tenants', 'ledger'].map((name) => ({
    name,
    source: `storage/data/${name}.json`,
    type: 'file',
  }));
  fs.writeFileSync(`${root}/config/base/magds.php`, phpFile(backup({datasets})));
  const holding = (tenants: string, ledger: string) => [
    {name: 'tenants', content: tenants},
    {name: 'ledger', content: ledger},
  ];
  const [first, second, third] = ['20261120_100000', older, newer] as [string, string, string];
  makeBackup({backups, id: first, datasets: holding('[1]', '[1]')});
  makeBackup({backups, id: second, datasets: holding('[2]', '[2]')});
  const last = makeBackup({backups, id: third, datasets: holding('[3]', '[1]')});
  fs.writeFileSync(`${root}/storage/data/tenants.json`, '[2]');
  fs.writeFileSync(`${root}/storage/data/ledger.json`, '[1]');
  flipBit(last.copy('ledger'));
  await magds(['backup', 'verify', '--all', '--root', root]);
  const args = ['backup', 'list', '--root', root, '--bad-since=2026-11-23 10:00Z'];
  const [json] = jsonLines((await magds([...args, '--json'])).stdout) as [{backups: {copies: object[]}[]}];
  expect(json).toMatchObject({suggested: second, suggested_copies: {tenants: third, ledger: second}});
  const known = json.backups.flatMap(({copies}) => copies);
  const plain = {inside: null, torn: false, partial: null, database: null};
  const good = {...plain, state: 'unaltered', reason: null};
  expect(known).toEqual([
    {...good, dataset: 'tenants', version: 3, live: false},
    {...plain, dataset: 'ledger', state: 'damaged', reason: 'it failed verification', version: 1, live: true},
    {...good, dataset: 'tenants', version: 2, live: true},
    {...good, dataset: 'ledger', version: 2, live: false},
    {...good, dataset: 'tenants', version: 1, live: false},
    {...good, dataset: 'ledger', version: 1, live: true},
  ]);
  const {stdout} = await magds(args);
  expect(stdout).toContain(
    `* ${third} holds the newest good copy of tenants.\n* ${second} holds the newest good copy of ledger.\n`,
  );
  const early = await magds(['backup', 'list', '--root', root, '--bad-since=2026-11-19 10:00Z']);
  expect(early.stdout).toContain('? No verified copy of tenants, ledger is from before ');
});
