import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import * as z from 'zod/mini';
import {datasetTypes, entrySchema, readDataset, typeNames} from '../../../source/engine/datasets/all.ts';
import {directory} from '../../../source/engine/datasets/directory.ts';
import {file} from '../../../source/engine/datasets/file.ts';
import {sourceFields} from '../../../source/engine/datasets/resolve-source.ts';
import {sqlite} from '../../../source/engine/datasets/sqlite.ts';
import type {ConfiguredDataset, DatasetType} from '../../../source/engine/datasets/type.ts';
import {leaveInWal} from '../../support/faults.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

/** A tree with a database in it, and a dataset of each type over a part of it. */
function aTree() {
  const root = temporaryDirectory();
  const source = `${root}/storage/tree`;
  fs.mkdirSync(`${source}/sub/deeper`, {recursive: true});
  for (const name of ['a', 'sub/b', 'sub/deeper/c']) fs.writeFileSync(`${source}/${name}`, name);
  leaveInWal(`${source}/sub/data.db`, 3);
  const of = (type: DatasetType, at: string): ConfiguredDataset => ({
    name: `the/${type.name}`,
    source: `${source}${at}`,
    type,
    from: 'test',
  });
  const look = async (dataset: ConfiguredDataset, excluded: string[] = []) =>
    dataset.type.look(root, dataset, excluded, {find: () => Promise.resolve({reason: 'none'})});
  return {root, source, of, look};
}

/** The types that take what lies at a path. */
const ofPaths = datasetTypes.filter(({fields}) => fields === sourceFields);

describe('each type', () => {
  const names = fc.stringMatching(/^[a-z/.-]{1,12}$/);

  test.each(ofPaths)('$name: a file goes back to where it was found', async (type) => {
    const {of, look} = aTree();
    const dataset = of(type, type.isTree ? '' : '/sub/data.db');
    const {files, missing} = await look(dataset);
    expect(missing).toBeNull();
    expect(files.length).toBeGreaterThan(0);
    for (const each of files)
      expect(type.targetOf(dataset, each.name)).toBe([dataset.source, ...each.below].join('/'));
  });

  test.each(datasetTypes)('$name: its own names only have a place', (type) => {
    fc.assert(
      fc.property(names, names, (name, other) => {
        const dataset = {name, source: '/srv/x'};
        const target = type.targetOf(dataset, other);
        const isOwn = type.isTree ? other.startsWith(`${name}/`) : other === name;
        expect(target !== null).toBe(isOwn);
        if (target !== null) expect(target.startsWith('/srv/x')).toBe(true);
      }),
    );
  });

  test.each(ofPaths)('$name: is read from what the schema lets pass', (type) => {
    const entry = {name: 'a', source: 'storage/a', type: type.name};
    expect(entrySchema(datasetTypes).safeParse(entry).success).toBe(true);
    expect(readDataset(entry, '/srv/x', 'here')).toEqual({
      name: 'a',
      source: '/srv/x/storage/a',
      type,
      from: 'here',
    });
  });

  test('has a name of its own, which nothing but its own file knows', () => {
    expect(new Set(typeNames).size).toBe(typeNames.length);
    const source = path.resolve(import.meta.dirname, '../../../source');
    const asks = new RegExp(`\\btype\\??\\.?(name)? [!=]== '(${typeNames.join('|')})'`);
    const asking = fs
      .readdirSync(source, {recursive: true, encoding: 'utf8'})
      .filter((each) => /\.tsx?$/.test(each) && !each.startsWith('engine/datasets/'))
      .filter((each) => asks.test(fs.readFileSync(`${source}/${each}`, 'utf8')));
    expect(asking).toEqual([]);
    expect(asks.test("type === 'directory'")).toBe(true);
  });
});

describe('a file', () => {
  test('that begins as a database is taken by SQLite, whatever its name', async () => {
    const {source, of, look} = aTree();
    fs.renameSync(`${source}/sub/data.db`, `${source}/a`);
    expect((await look(of(file, '/a'))).files).toMatchObject([{produce: sqlite.produce, below: []}]);
    expect((await look(of(file, '/sub/b'))).files).toMatchObject([{produce: null}]);
  });

  test('takes room for what is in the WAL only', async () => {
    const {source, of, look} = aTree();
    const [found] = (await look(of(file, '/sub/data.db'))).files;
    const wal = fs.statSync(`${source}/sub/data.db-wal`).size;
    expect(wal).toBeGreaterThan(0);
    expect(found?.allocated).toBeGreaterThanOrEqual(wal + (found?.bytes ?? 0));
  });

  test('that is a directory is told how to be one', async () => {
    const {of, look} = aTree();
    expect(await look(of(file, '/sub'))).toMatchObject({
      files: [],
      missing: expect.stringContaining('give it "type": "directory"'),
    });
  });
});

describe('a directory', () => {
  test('holds the files below it, each under a name of its own; what lies beside a database goes with it', async () => {
    const {of, look} = aTree();
    const {files, leftOut} = await look(of(directory, ''));
    expect(files.map(({name, below, produce}) => [name, below.join('/'), produce !== null])).toEqual([
      ['the/directory/a', 'a', false],
      ['the/directory/sub/b', 'sub/b', false],
      ['the/directory/sub/data.db', 'sub/data.db', true],
      ['the/directory/sub/deeper/c', 'sub/deeper/c', false],
    ]);
    expect(leftOut.map(({name, grave}) => [name, grave])).toEqual([
      ['the/directory/sub/data.db-shm', false],
      ['the/directory/sub/data.db-wal', false],
    ]);
  });

  test('leaves out what is excluded, and is missing where nothing is left', async () => {
    const {source, of, look} = aTree();
    const real = fs.realpathSync(source);
    expect((await look(of(directory, ''), [`${real}/sub`])).files.map(({name}) => name)).toEqual([
      'the/directory/a',
    ]);
    expect((await look(of(directory, ''), [real])).missing).toBe(
      'its directory holds no file that could be copied',
    );
  });

  test('that is a file is none', async () => {
    const {of, look} = aTree();
    expect((await look(of(directory, '/a'))).missing).toBe('its source is a file, not a directory');
  });
});

describe('the schema of one more type', () => {
  const dump: DatasetType = {...file, name: 'dump', fields: {connection: z.string()}};
  test('is that of two types with the same fields, and a second one', () => {
    const json = (...types: DatasetType[]) => z.toJSONSchema(entrySchema(types));
    const paths = {
      type: 'object',
      required: ['name', 'source'],
      additionalProperties: false,
      properties: {type: {enum: ['file', 'directory']}},
    };
    expect(json(file, directory)).toMatchObject(paths);
    expect(json(file, directory, dump)).toMatchObject({
      oneOf: [paths, {required: ['name', 'connection', 'type'], properties: {type: {enum: ['dump']}}}],
    });
  });

  const schema = entrySchema([...datasetTypes, dump]);
  const issuesOf = (entry: unknown) =>
    schema.safeParse(entry).error?.issues.map(({path: at}) => at.join('.'));

  test('asks for its fields, and for no others', () => {
    expect(issuesOf({name: 'a', type: 'dump', connection: 'x'})).toBeUndefined();
    expect(issuesOf({name: 'a', type: 'dump', source: 'x'})).toEqual(['connection', '']);
    expect(issuesOf({name: 'a', type: 'file', connection: 'x'})).toEqual(['source', '']);
  });

  test('still means a file where no type is named, and names what is wrong with one', () => {
    expect(issuesOf({name: 'a', source: 'x'})).toBeUndefined();
    expect(readDataset({name: 'a', ...{source: 'x'}}, '/', 'here').type).toBe(file);
    expect(issuesOf({name: 'a', source: 'x', type: 'link'})).toEqual(['type']);
    expect(issuesOf('a')).toEqual(['']);
  });
});
