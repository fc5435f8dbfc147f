import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {configuredNames, loadConfiguration} from '../../../source/engine/config/effective.ts';
import {backup, type Plain, phpFile, rootWith} from '../../support/php-config.ts';

const file = 'config/base/magds.php';
const from = `${file}:3`;

async function load(datasets: Plain, files: Record<string, Plain> = {}) {
  const text = typeof datasets === 'string' ? datasets : backup({datasets});
  const root = rootWith({[file]: text, ...files});
  return {root, ...(await loadConfiguration(root, {}))};
}

const a = {name: 'a', source: 'storage/a.json'};
const b = {name: 'b', source: 'storage/b.json'};

test('relative sources are of the root, absolute ones stay, dots are resolved', async () => {
  const sources = ['storage/x', '/srv/x', './y/../x', '../x'];
  const {root, datasets} = await load(sources.map((source, index) => ({name: `d${index}`, source})));
  expect(datasets.value.map(({source}) => source)).toEqual([
    `${root}/storage/x`,
    '/srv/x',
    `${root}/x`,
    `${root.slice(0, root.lastIndexOf('/'))}/x`,
  ]);
  expect(datasets.problem).toBe('outside the project: d1, d3');
});

test('a directory beside the root, whose name begins as its name, is outside', async () => {
  const {root} = await load([a]);
  const near = {name: 'near', source: `${root}-old/x`};
  fs.writeFileSync(path.join(root, file), phpFile(backup({datasets: [a, near]})));
  expect((await loadConfiguration(root, {})).datasets.problem).toBe('outside the project: near');
});

test('of two with one name the last wins, wherever it stands', async () => {
  const again = {name: 'a', source: 'storage/again.json'};
  const {root, datasets} = await load([a, b, again]);
  expect(datasets.value.map(({name, source}) => [name, source.slice(root.length)])).toEqual([
    ['a', '/storage/again.json'],
    ['b', '/storage/b.json'],
  ]);
  expect(datasets.problem).toBe(`two datasets are called a (${from}, ${from}): only the last is backed up`);
});

test('layers are merged by index: a shorter list replaces the first ones only', async () => {
  const configuration = await load([a, b], {
    'config/environments/development.php': backup({datasets: [{name: 'c'}]}),
  });
  const {root, datasets} = configuration;
  expect(configuredNames(configuration)).toEqual(['c', 'b']);
  expect(datasets.value[0]?.source).toBe(`${root}/storage/a.json`);
  expect(datasets.value.map((dataset) => dataset.from)).toEqual([
    'config/environments/development.php:3',
    from,
  ]);
});

test.each<[string, Plain]>([
  ['an empty list', []],
  ['null', null],
])('%s means kernel_state', async (_, given) => {
  const {root, ...configuration} = await load(given);
  expect(configuration.datasets).toMatchObject({
    value: [{name: 'kernel_state', source: `${root}/storage/state/system.json`, from: 'default'}],
    problem: null,
  });
});

test('what is no list is a problem, and says truly what is done instead', async () => {
  const root = rootWith({[file]: backup({datasets: 'all'})});
  const configuration = await loadConfiguration(root, {});
  expect(configuration.datasets).toMatchObject({
    from,
    problem: 'magds.backup.datasets is not valid; the default is used',
  });
  expect(configuredNames(configuration)).toEqual(['kernel_state']);
});

describe('an entry that cannot be backed up is a problem, and the others are read:', () => {
  const none = `dataset 1 (${from}) has no name or no source`;
  test.each<[string, Plain, string]>([
    ['no source', {name: 'x'}, none],
    ['no name', {source: 'x'}, none],
    ['an empty name', {name: '', source: 'x'}, none],
    ['a fraction for a name', {name: 5.5, source: 'x'}, none],
    ['a list for a source', {name: 'x', source: ['y']}, none],
    ['no map', 'x', none],
    ['null', null, none],
  ])('%s', async (_, entry, problem) => {
    const configuration = await load([a, entry, b]);
    expect(configuredNames(configuration)).toEqual(['a', 'b']);
    expect(configuration.datasets.problem).toBe(problem);
  });

  test.each([
    ['the name', "['name' => f('x'), 'source' => 'y']", "f('...')"],
    ['the source', "['name' => 'x', 'source' => storage_path('y')]", "storage_path('...')"],
    ['all of it', "dataset('x')", "dataset('...')"],
  ])('%s cannot be told', async (_, entry, expression) => {
    const configuration = await load(
      `<?php return ['magds' => ['backup' => ['datasets' => [\n['name' => 'a', 'source' => 'a'],\n${entry}]]]];`,
    );
    expect(configuredNames(configuration)).toEqual(['a']);
    expect(configuration.datasets.problem).toBe(
      `dataset 1 (${file}:3) cannot be told without running PHP: ${expression}`,
    );
  });

  test('nothing is made up where none is left', async () => {
    const configuration = await load([{name: 'x'}]);
    expect(configuredNames(configuration)).toEqual([]);
  });
});

test('none of several problems is lost', async () => {
  const {datasets} = await load([{name: 'x'}, {...a, type: 'directory'}, {...b, type: 'file'}]);
  expect(datasets.problem).toBe(
    `dataset 0 (${from}) has no name or no source; dataset a is of type "directory": PHP's run aborts on it`,
  );
  expect(datasets.value.map(({type}) => type.name)).toEqual(['file', 'file']);
});

test('a list that cannot be told is no list', async () => {
  const {datasets} = await load("<?php\n\nreturn ['magds' => ['backup' => ['datasets' => all()]]];");
  expect(datasets).toEqual({
    value: [],
    from,
    problem: 'cannot be told without running PHP: all(). Set it in storage/runbook/config.json',
  });
});
