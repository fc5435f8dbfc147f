import fs from 'node:fs';
import {expect, test} from 'vitest';
import {makeBackup, makeRoot} from '../support/backups.ts';
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
  expect(stdout).toMatch(new RegExp(`^${older} .*! no sessions {2}SUGGESTED$`, 'm'));
  const [json] = jsonLines((await magds([...args, '--json'])).stdout);
  expect(json).toMatchObject({
    suggested: older,
    suggested_lacks: ['sessions'],
    passed_over: [{id: newer, why}],
  });
});
