import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {readRow} from '../../../source/engine/catalog/row.ts';
import {readVerdicts} from '../../../source/engine/storage/content-verdicts.ts';
import {ofVerification} from '../../../source/engine/verify/tell-verification.ts';
import {verify} from '../../../source/engine/verify/verify.ts';
import {type BackupOptions, type BuiltBackup, makeBackup, makeRoot, phpHash} from '../../support/backups.ts';
import {pool, verifyBackup, verifyEvents} from '../../support/verifying.ts';

describe('where PHP says something else than what is found, both are told:', () => {
  const edited = (edit: (text: string) => string) => ({
    datasets: [{name: 'a', content: 'abc'}],
    manifest: edit,
  });
  const metadata = /"metadata": \{[^}]*\}/;
  const dies = "PHP's verify dies of this manifest, whatever the copies hold: its metadata is not a map.";
  const halfway = "PHP's restore dies at a, with what stands before it restored: its source is not a path.";

  const capitals = [{name: 'a', content: 'abc', hash: phpHash('sha256', 'abc').toUpperCase()}];

  test.each<[string, BackupOptions, string, string | undefined]>([
    ['a map', edited((text) => text), 'passed', undefined],
    ['metadata that is a text', edited((text) => text.replace(metadata, '"metadata": "x"')), 'passed', dies],
    ['metadata that is false', edited((text) => text.replace(metadata, '"metadata": false')), 'passed', dies],
    [
      'metadata that is null',
      edited((text) => text.replace(metadata, '"metadata": null')),
      'passed',
      undefined,
    ],
    [
      'no algorithm',
      edited((text) => text.replace(/"algorithm": "sha256",\s*/, '')),
      'passed',
      'PHP verifies a, which names no algorithm, by the configured one, and so does magds.',
    ],
    [
      'an algorithm that is null',
      edited((text) => text.replace('"algorithm": "sha256"', '"algorithm": null')),
      'passed',
      'PHP verifies a, which names no algorithm, by the configured one, and so does magds.',
    ],
    [
      'a source that is null',
      edited((text) => text.replace(/"source": "[^"]*"/, '"source": null')),
      'passed',
      'PHP verifies a, and skips it at a restore: its source is null.',
    ],
    [
      'an empty source',
      edited((text) => text.replace(/"source": "[^"]*"/, '"source": ""')),
      'passed',
      halfway,
    ],
    [
      'a URL for a source',
      edited((text) => text.replace(/"source": "[^"]*"/, '"source": "https://a/b"')),
      'passed',
      halfway,
    ],
    [
      'a hash in capitals',
      {datasets: capitals},
      'passed',
      "PHP's verify fails a whatever the copy holds: its hash is in capitals.",
    ],
  ])('%s', async (_, options, result, said) => {
    const backup = makeBackup(options);
    const found = await verifyBackup(backup, {algorithm: 'sha256'});
    expect([found.result, found.php]).toEqual([result, said && [said]]);
    const {notes} = readRow(backup.backups, backup.id, Date.now(), readVerdicts(null));
    expect(notes.filter((note) => note.startsWith('PHP'))).toEqual(said ? [said] : []);
  });
});

describe('a sound backup passes', () => {
  test('with the facts of each dataset', async () => {
    const backup = makeBackup({datasets: [{name: 'tenants', content: 'abc'}]});
    expect(await verifyBackup(backup)).toEqual({
      id: backup.id,
      result: 'passed',
      reason: null,
      recorded: null,
      datasets: [
        {
          name: 'tenants',
          status: 'match',
          algorithm: 'sha256',
          expected: phpHash('sha256', 'abc'),
          actual: phpHash('sha256', 'abc'),
          bytes: 3,
          mtimeMs: fs.statSync(backup.copy('tenants')).mtimeMs,
          reason: null,
        },
      ],
    });
  });

  test.each(['SHA256', 'sha512/256', 'sha3-256', 'md5', 'crc32b'])('hashed with %s', async (algorithm) => {
    expect(await verifyBackup(makeBackup({datasets: [{name: 'a', algorithm}]}))).toMatchObject({
      result: 'passed',
    });
  });

  test.each([
    ['an empty file', {content: ''}],
    ['a hash in capitals', {content: 'abc', hash: phpHash('sha256', 'abc').toUpperCase()}],
    ['a file of several blocks', {content: Buffer.alloc(3_000_000, 'text')}],
  ])('holding %s', async (_, dataset) => {
    expect(await verifyBackup(makeBackup({datasets: [{name: 'a', ...dataset}]}))).toMatchObject({
      result: 'passed',
    });
  });

  test.each([
    ['never moved', {recordedRoot: 'here'}],
    ['of a path that is not normalised', {recordedRoot: '/./srv//x/'}],
    ['with a byte order mark', {manifest: (text: string) => `\ufeff${text}`}],
    ['with CRLF', {manifest: (text: string) => text.replaceAll('\n', '\r\n')}],
    ['with datasets named 0 and 1', {datasets: [{name: '0'}, {name: '1'}]}],
  ])('%s', async (_, options) => {
    expect(await verifyBackup(makeBackup(options))).toMatchObject({result: 'passed'});
  });

  test('in a renamed directory', async () => {
    const backup = makeBackup();
    fs.renameSync(backup.directory, path.join(backup.backups, 'kept'));
    expect(await verifyBackup({...backup, id: 'kept'})).toMatchObject({id: 'kept', result: 'passed'});
  });
});

describe('the events', () => {
  test('begin with the plan, end with the results, and agree', async () => {
    const {backups} = makeRoot();
    const one = makeBackup({
      backups,
      datasets: [
        {name: 'a', content: 'abc'},
        {name: 'b', content: 'de'},
      ],
    });
    const two = makeBackup({backups, label: 'two', datasets: [{name: 'c', content: 'f'}]});
    const events = await verifyEvents([two, one]);
    expect(events[0]).toEqual({
      type: 'started',
      backups: [
        {id: two.id, datasets: [{name: 'c', bytes: 1}]},
        {
          id: one.id,
          datasets: [
            {name: 'a', bytes: 3},
            {name: 'b', bytes: 2},
          ],
        },
      ],
      totalBytes: 6,
    });
    const finished = events.at(-1);
    if (finished?.type !== 'finished') throw new Error('not finished');
    expect(finished.results.map(({id}) => id)).toEqual([two.id, one.id]);
    for (const event of events) {
      if (event.type === 'dataset')
        expect(event.result).toBe(finished.results[event.backup]?.datasets[event.index]);
      if (event.type === 'backup') expect(event.result).toBe(finished.results[event.backup]);
    }
    expect(events.filter(({type}) => type === 'dataset')).toHaveLength(3);
    expect(events.filter(({type}) => type === 'backup')).toHaveLength(2);
  });

  test('tell of progress that never goes back and stays within the plan', async () => {
    const size = 256 * 1024 ** 2;
    const backup = makeBackup({datasets: [{name: 'a'}]});
    fs.truncateSync(backup.copy('a'), size);
    const done = (await verifyEvents([backup], {interval: 1})).flatMap((event) =>
      event.type === 'progress' ? [event.bytesDone] : [],
    );
    expect(done.some((bytes) => bytes > 0 && bytes < size)).toBe(true);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(done.at(-1)).toBeLessThanOrEqual(size);
  });

  test('of no backup at all are a start and an end', async () => {
    expect((await verifyEvents([])).map(({type}) => type)).toEqual(['started', 'finished']);
  });
});

describe('whether it is recorded is known only later', () => {
  test.each([true, false])('nothing is before that: %s', async (decided) => {
    const {id, backups, directory} = makeBackup({datasets: [{name: 'tenants'}]});
    const {promise: record, resolve} = Promise.withResolvers<boolean>();
    const seen: string[] = [];
    for await (const {type} of verify({backups, ids: [id], pool, record})) {
      seen.push(type);
      if (type !== 'dataset') continue;
      expect(fs.readdirSync(directory).sort()).toEqual(['datasets', 'manifest.json']);
      resolve(decided);
    }
    expect(seen.filter((type) => type !== 'progress')).toEqual(['started', 'dataset', 'backup', 'finished']);
    expect(fs.existsSync(`${directory}/verifications.jsonl`)).toBe(decided);
  });

  test('it begins with the first event that is asked for', async () => {
    const {id, backups} = makeBackup({datasets: [{name: 'tenants'}]});
    const begun: string[] = [];
    const watched: typeof pool = {
      ...pool,
      hash(...job) {
        begun.push(job[0].segments.join('/'));
        return pool.hash(...job);
      },
    };
    const events = verify({backups, ids: [id], pool: watched, record: false});
    expect((await events.next()).value).toMatchObject({type: 'started'});
    expect(begun).toEqual(['datasets/tenants.json']);
    await events.return();
  });
});

describe('cancelled', () => {
  test('before it began', async () => {
    const backup = makeBackup();
    const result = await verifyBackup(backup, {record: true, signal: AbortSignal.abort()});
    expect(result).toMatchObject({result: 'cancelled', reason: 'cancelled', recorded: null});
    expect(result.datasets.map(({status}) => status)).toEqual(['cancelled', 'cancelled']);
  });

  test('half-way: what is done stays done, nothing is recorded', async () => {
    const backup = makeBackup({datasets: [{name: 'small'}, {name: 'large'}]});
    // Would take minutes.
    fs.truncateSync(backup.copy('large'), 64 * 1024 ** 3);
    const controller = new AbortController();
    const results = [];
    const {id, backups} = backup;
    for await (const event of verify({backups, ids: [id], pool, record: true, signal: controller.signal})) {
      if (event.type === 'dataset' && event.result.name === 'small') controller.abort();
      if (event.type === 'finished') results.push(...event.results);
    }
    expect(results).toMatchObject([
      {
        result: 'cancelled',
        recorded: null,
        datasets: [
          {name: 'small', status: 'match'},
          {name: 'large', status: 'cancelled', actual: null},
        ],
      },
    ]);
    expect(fs.readdirSync(backup.directory).sort()).toEqual(['datasets', 'manifest.json']);
    expect(fs.readFileSync(backup.manifestFile, 'utf8')).toBe(backup.manifest);
  });
});

describe('a backup that is no whole one at that moment', () => {
  async function outcomes(backups: string, ids: string[], onStart: () => void) {
    const found: Record<string, [string, boolean]> = {};
    let begun = false;
    const hash: typeof pool.hash = (...job) => {
      if (!begun) onStart();
      begun = true;
      return pool.hash(...job);
    };
    for await (const event of verify({backups, ids, pool: {...pool, hash}, record: true})) {
      if (event.type === 'backup')
        found[event.result.id] = [event.result.result, ofVerification(event.result).length > 0];
    }
    return found;
  }

  test('is gone where it was removed before or while it was read, and no event', async () => {
    const {backups} = makeRoot();
    const [one, two, three, stays] = ['01', '02', '03', '04'].map((day) =>
      makeBackup({backups, id: `202611${day}_100000`}),
    ) as [BuiltBackup, BuiltBackup, BuiltBackup, BuiltBackup];
    fs.rmSync(one.directory, {recursive: true});
    const found = await outcomes(
      backups,
      [one, two, three, stays].map(({id}) => id),
      () => {
        // As we prune, and as PHP does, which takes its time.
        fs.renameSync(two.directory, `${backups}/../removed`);
        fs.rmSync(`${three.directory}/datasets`, {recursive: true});
        setTimeout(() => fs.rmSync(three.directory, {recursive: true}), 100);
      },
    );
    expect(found).toEqual({
      [one.id]: ['gone', false],
      [two.id]: ['gone', false],
      [three.id]: ['gone', false],
      [stays.id]: ['passed', true],
    });
  });

  test('failed where only its copies are gone', async () => {
    const {backups} = makeRoot();
    const {id, directory} = makeBackup({backups});
    const remove = () => fs.rmSync(`${directory}/datasets`, {recursive: true});
    expect(await outcomes(backups, [id], remove)).toEqual({[id]: ['failed', true]});
  });

  test('is running where it has no manifest and one of its copies is being written to', async () => {
    const {backups} = makeRoot();
    const {id, directory, copy} = makeBackup({backups, manifest: () => null});
    for (const each of [`${directory}/datasets`, directory]) fs.utimesSync(each, 1, 1);
    expect(await outcomes(backups, [id], () => {})).toEqual({[id]: ['running', false]});
    for (const name of ['tenants', 'ledger']) fs.utimesSync(copy(name), 1, 1);
    expect(await outcomes(backups, [id], () => {})).toEqual({[id]: ['failed', true]});
  });
});

test('what could not be read for want of open files or memory is no finding: not recorded, not told', async () => {
  const reason = 'the copy cannot be opened: too many open files';
  const hash = () => ({bytes: () => 0, result: Promise.resolve({status: 'not checked' as const, reason})});
  const backup = makeBackup();
  const found = await verifyBackup(backup, {pool: {...pool, hash}, record: true});
  expect(found).toMatchObject({result: 'not checked', reason, recorded: null});
  expect(fs.readdirSync(backup.directory).sort()).toEqual(['datasets', 'manifest.json']);
  expect(ofVerification(found)).toEqual([]);
});

test('one copy that is damaged is a failure, whatever could not be read beside it', async () => {
  const results = [
    {status: 'not checked' as const, reason: 'too many open files'},
    {status: 'missing' as const, reason: 'it is gone'},
  ];
  const hash = () => ({bytes: () => 0, result: Promise.resolve(results.shift() ?? results[0])}) as never;
  const found = await verifyBackup(makeBackup(), {pool: {...pool, hash}});
  expect(found).toMatchObject({result: 'failed', reason: 'tenants: not checked, ledger: missing'});
});
