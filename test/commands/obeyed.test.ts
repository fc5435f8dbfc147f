import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {makeBackup} from '../support/backups.ts';
import {backup, type Plain, rootWith} from '../support/php-config.ts';
import {jsonLines, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const tenants = {name: 'tenants', source: 'storage/data/tenants.json'};
const sound = {datasets: [tenants], retention: {max_count: 5}};

const makeRoot = (settings: Plain, files: Record<string, Plain> = {}): string =>
  rootWith({'config/base/magds.php': backup(settings), ...files});

describe('other commands', () => {
  test('say which of the datasets configured now a backup lacks', async () => {
    const root = makeRoot({
      ...sound,
      datasets: [tenants, {name: 'ledger', source: 'x'}, {name: 'media', source: 'y'}],
    });
    const backups = path.join(root, 'storage/backups');
    makeBackup({backups, id: '20261123_100000', datasets: [{name: 'tenants'}, {name: 'old'}]});
    makeBackup({
      backups,
      id: '20261122_100000',
      datasets: ['tenants', 'ledger', 'media/a'].map((name) => ({name, file: name.replace('/', '-')})),
    });
    const {code, stdout} = await magds(['backup', 'list', '--json', '--root', root]);
    expect(code).toBe(0);
    expect(jsonLines(stdout)[0]).toMatchObject({backups: [{lacks: ['ledger', 'media']}, {lacks: []}]});
    const bare = await magds(['backup', 'list', '--json', '--backups', backups]);
    expect(jsonLines(bare.stdout)[0]).toMatchObject({backups: [{lacks: null}, {lacks: null}]});
  });

  test.each(['elsewhere/backups', null])('look where backup.path says: %s', async (relative) => {
    const backups = relative ?? temporaryDirectory();
    const root = makeRoot({...sound, path: backups});
    const directory = path.resolve(root, backups);
    const made = makeBackup({backups: directory, id: '20261123_100000', datasets: [{name: 'tenants'}]});
    // What lies where they lie by default is not looked at.
    makeBackup({backups: path.join(root, 'storage/backups'), id: '20261122_100000'});
    const {stdout} = await magds(['backup', 'list', '--root', root]);
    expect(stdout.split('\n')[0]).toBe(directory);
    expect(stdout).toContain(made.id);
    expect(stdout).not.toContain('20261122_100000');
    const verified = await magds(['backup', 'verify', '--all', '--json', '--root', root]);
    expect(verified.code).toBe(0);
    expect(verified.stdout).toContain(made.id);
    expect(verified.stdout).not.toContain('20261122_100000');
    fs.appendFileSync(made.copy('tenants'), 'x');
    expect((await magds(['backup', 'verify', '--all', '--root', root])).code).toBe(4);
  });

  test('go on where a configuration file is broken', async () => {
    const root = makeRoot(sound, {'config/base/z.php': '<?php return [;'});
    makeBackup({backups: path.join(root, 'storage/backups')});
    expect(await magds(['backup', 'list', '--root', root])).toMatchObject({code: 0});
  });
});
