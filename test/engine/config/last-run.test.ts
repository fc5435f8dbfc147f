import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import type {Directory} from '../../../source/engine/base/directory.ts';
import type {Configuration} from '../../../source/engine/config/configuration.ts';
import {loadConfiguration} from '../../../source/engine/config/effective.ts';
import {
  changesOf,
  changesSince,
  configurationDocument,
  type LastRun,
  readLastRun,
  rememberRun,
  updateReminder,
} from '../../../source/engine/config/last-run.ts';
import {findState, openState} from '../../../source/engine/storage/runbook/state-directory.ts';
import {makeRoot} from '../../support/backups.ts';
import {backup, type Plain, phpFile, rootWith} from '../../support/php-config.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const tenants = {name: 'tenants', source: '/srv/data/tenants.json'};
const ledger = {name: 'ledger', source: '/srv/data/ledger.sqlite'};
const settings = (datasets: Plain, maxCount: number | null = 5, algorithm = 'sha256'): Plain => ({
  datasets,
  retention: {max_count: maxCount},
  verification: {algorithm},
});
const load = (all: Plain, own?: Plain): Promise<Configuration> =>
  loadConfiguration(
    rootWith({
      'config/base/magds.php': backup(all),
      ...(own === undefined
        ? {}
        : {'storage/runbook/config.json': JSON.stringify({version: 1, backup: own})}),
    }),
    {},
  );
const last: LastRun = {
  version: 1,
  id: '20261123_131813',
  datasets: [
    {...tenants, type: 'file'},
    {...ledger, type: 'file'},
  ],
  max_count: 5,
  algorithm: 'sha256',
};

describe('changes since the last run', () => {
  test('there are none', async () => {
    expect(changesSince(last, await load(settings([tenants, ledger])), '/none')).toEqual([]);
  });

  test('another order is none', async () => {
    expect(changesSince(last, await load(settings([ledger, tenants])), '/none')).toEqual([]);
  });

  test.each<[string, Plain, string[]]>([
    ['a dataset more', settings([tenants, ledger, {name: '0', source: '/x'}]), ['dataset 0 is new']],
    ['a dataset less', settings([ledger]), ['dataset tenants is gone']],
    [
      'another source',
      settings([{...tenants, source: '/srv/new é.json'}, ledger]),
      ['dataset tenants: source was /srv/data/tenants.json, is /srv/new é.json'],
    ],
    [
      'another name',
      settings([{...tenants, name: 'clients'}, ledger]),
      ['dataset clients is new', 'dataset tenants is gone'],
    ],
    ['fewer are kept', settings([tenants, ledger], 3), ['retention kept 5, keeps 3']],
    ['all are kept', settings([tenants, ledger], null), ['retention kept 5, keeps all']],
    [
      'another algorithm',
      settings([tenants, ledger], 5, 'sha512/256'),
      ['algorithm was sha256, is sha512/256'],
    ],
    [
      'everything',
      settings(
        [
          {...ledger, source: '/x'},
          {...tenants, name: 'new'},
        ],
        1,
        'md5',
      ),
      [
        'dataset ledger: source was /srv/data/ledger.sqlite, is /x',
        'dataset new is new',
        'dataset tenants is gone',
        'retention kept 5, keeps 1',
        'algorithm was sha256, is md5',
      ],
    ],
  ])('%s', async (_, all, lines) => {
    expect(changesSince(last, await load(all), '/none')).toEqual(lines);
  });

  test('a file that became a directory', async () => {
    const own = {datasets: [{...tenants, type: 'directory'}, ledger]};
    expect(changesSince(last, await load(settings([]), own), '/none')).toEqual([
      'dataset tenants: type was file, is directory',
    ]);
  });

  test('all were kept', async () => {
    const configuration = await load(settings([tenants, ledger], 2));
    expect(changesSince({...last, max_count: null}, configuration, '/none')).toEqual([
      'retention kept all, keeps 2',
    ]);
  });

  test('a deploy is none: what lies below the root, or a storage/ that is shared, is compared there', async () => {
    const shared = temporaryDirectory();
    const releases = temporaryDirectory();
    const release = async (name: string, file: string) => {
      const root = `${releases}/${name}`;
      fs.mkdirSync(`${root}/config/base`, {recursive: true});
      fs.symlinkSync(shared, `${root}/storage`);
      const datasets = [
        {name: 'relative', source: `storage/data/${file}`},
        {name: 'absolute', source: `${root}/lib/state.json`},
        {name: 'real', source: `${shared}/x.json`},
        {name: 'elsewhere', source: '/srv/elsewhere.json'},
      ];
      fs.writeFileSync(`${root}/config/base/magds.php`, phpFile(backup({datasets})));
      return {root, configuration: await loadConfiguration(root, {})};
    };
    const [one, two, three] = [await release('1', 'a'), await release('2', 'a'), await release('3', 'b')];
    const state = openState(one.root);
    rememberRun(state, 'x', one.configuration, one.root);
    state.close();
    expect(changesOf(one.root, one.configuration)).toEqual([]);
    expect(changesOf(two.root, two.configuration)).toEqual([]);
    expect(changesOf(three.root, three.configuration)).toEqual([
      `dataset relative: source was ${one.root}/storage/data/a, is ${three.root}/storage/data/b`,
    ]);
  });

  test('the reminder names the document', () => {
    expect(updateReminder).toBe(
      `Update ${configurationDocument}: "magds config --markdown" prints the table.`,
    );
  });
});

describe('what is remembered', () => {
  /** A state directory, closed after the work. */
  const withState = <T>(work: (state: Directory, file: string) => T): T => {
    const {root} = makeRoot();
    const state = openState(root);
    try {
      return work(state, `${root}/storage/runbook/last-run.json`);
    } finally {
      state.close();
    }
  };

  test('is read back, in order and whatever the names', async () => {
    const names = ['1', '0', '__proto__', 'a/"b"\n', 'é 漢 😀'];
    const datasets = names.map((name) => ({name, source: `/srv/${name}`}));
    const configuration = await load(settings(datasets, null, 'SHA256'));
    withState((state) => {
      rememberRun(state, '20261123_131813_x', configuration, '/none');
      expect(readLastRun(state)).toEqual({
        version: 1,
        id: '20261123_131813_x',
        datasets: datasets.map((each) => ({...each, type: 'file'})),
        max_count: null,
        algorithm: 'SHA256',
      });
      expect(changesSince(readLastRun(state) as LastRun, configuration, '/none')).toEqual([]);
    });
  });

  test('is the last one only', async () => {
    const [first, second] = [await load(settings([tenants])), await load(settings([ledger]))];
    withState((state, file) => {
      rememberRun(state, 'first', first, '/none');
      rememberRun(state, 'second', second, '/none');
      expect(readLastRun(state)).toMatchObject({id: 'second', datasets: [{name: 'ledger'}]});
      expect(fs.readFileSync(file, 'utf8')).toMatch(/^\{\n {2}"version": 1,\n[\x20-\x7e\n]*\}\n$/);
      expect(fs.readdirSync(state.path).sort()).toEqual(['last-run.json', 'version']);
    });
  });

  test('what a run that was killed had begun to write is no obstacle', async () => {
    const configuration = await load(settings([tenants]));
    withState((state) => {
      fs.writeFileSync(`${state.path}/.last-run.json.new`, '{"vers');
      rememberRun(state, 'x', configuration, '/none');
      expect(readLastRun(state)).toMatchObject({id: 'x'});
      expect(fs.readdirSync(state.path).sort()).toEqual(['last-run.json', 'version']);
    });
  });

  const whole = JSON.stringify(last);
  test.each([
    ['empty', ''],
    ['torn', whole.slice(0, -20)],
    ['zeros', '\0'.repeat(100)],
    ['of another version', whole.replace('"version":1', '"version":2')],
    ['without its datasets', JSON.stringify({...last, datasets: undefined})],
    ['of another shape', '[]'],
    ['null', 'null'],
  ])('is null where the file is %s', (_, text) => {
    withState((state, file) => {
      fs.writeFileSync(file, whole);
      expect(readLastRun(state)).toEqual(last);
      fs.writeFileSync(file, text);
      expect(readLastRun(state)).toBeNull();
    });
  });

  test('is null where there is none, no file, or nothing but a link', () => {
    expect(readLastRun(null)).toBeNull();
    expect(readLastRun(findState(makeRoot().root))).toBeNull();
    withState((state, file) => {
      expect(readLastRun(state)).toBeNull();
      fs.writeFileSync(`${file}.other`, whole);
      fs.symlinkSync(`${file}.other`, file);
      expect(readLastRun(state)).toBeNull();
      fs.rmSync(file);
      fs.mkdirSync(file);
      expect(readLastRun(state)).toBeNull();
    });
  });
});
