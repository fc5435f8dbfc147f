import fs from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {
  type FinishEvent,
  type FinishOptions,
  type FinishResult,
  finishBackup,
} from '../../../source/engine/backup/finish.ts';
import {finishAndTell} from '../../../source/engine/backup/tell-finish.ts';
import {readRow} from '../../../source/engine/catalog/row.ts';
import {mayPrecede} from '../../../source/engine/catalog/suggest.ts';
import {loadConfiguration} from '../../../source/engine/config/effective.ts';
import {openWriter} from '../../../source/engine/retention/writer.ts';
import {readVerdicts, statePath} from '../../../source/engine/storage/content-verdicts.ts';
import {readManifest} from '../../../source/engine/storage/manifest/read.ts';
import {toldIn} from '../../support/audit.ts';
import {makeBackup, phpHash} from '../../support/backups.ts';
import {backup, type Plain, rootWith} from '../../support/php-config.ts';
import {execute} from '../../support/run.ts';
import {temporaryDirectory} from '../../support/temporary.ts';
import {pool, verifyBackup} from '../../support/verifying.ts';
import {setOld} from '../../support/walking.ts';

const id = '20260104_020000_hot-fix';
const tenants = '[{"id":1},{"id":2}]';
const datasets = [
  {name: 'tenants', source: 'storage/data/tenants.json'},
  {name: 'ledger', source: 'storage/data/ledger.sqlite'},
  {name: 'events', source: 'storage/data/events.log'},
  {name: 'kernel_state', source: 'storage/state/system.json'},
];

function database(): Buffer {
  const file = `${temporaryDirectory()}/made`;
  const made = new DatabaseSync(file);
  made.exec(`create table accounts as with recursive numbers(id) as
    (select 1 union all select id + 1 from numbers where id < 2000)
    select id, 'holder ' || id as holder from numbers`);
  made.close();
  return fs.readFileSync(file);
}

/** A root with a backup that was cut off two hours ago, which holds these files. */
async function cutOff(lying: Record<string, string | Buffer>, config: Record<string, Plain> = {}) {
  const root = rootWith({'config/base/magds.php': backup({datasets}), ...config});
  const directory = `${root}/storage/backups/${id}`;
  fs.mkdirSync(`${directory}/datasets`, {recursive: true});
  for (const [name, content] of Object.entries(lying)) {
    const file = `${directory}/datasets/${name}`;
    fs.mkdirSync(path.dirname(file), {recursive: true});
    fs.writeFileSync(file, content);
  }
  for (const each of fs.readdirSync(directory, {recursive: true, encoding: 'utf8'}))
    setOld(`${directory}/${each}`);
  setOld(directory);
  const configuration = await loadConfiguration(root, {});
  const {signal} = new AbortController();
  const options: FinishOptions = {
    root,
    backups: configuration.path.value,
    configuration,
    id,
    dryRun: false,
    readOnly: false,
    pool,
    signal,
  };
  const names = () => fs.readdirSync(directory, {recursive: true, encoding: 'utf8'}).sort();
  return {root, directory, options, before: names(), names};
}

async function finish(
  options: FinishOptions,
  onEvent: (event: FinishEvent) => void = () => {},
): Promise<FinishResult> {
  for await (const event of finishAndTell(options)) {
    onEvent(event);
    if (event.type === 'finished') return event.result;
  }
  throw new Error('it did not finish');
}

afterEach(() => {
  vi.restoreAllMocks();
});

const reasonsOf = (named: {name: string; reason: string}[]) =>
  Object.fromEntries(named.map(({name, reason}) => [name, reason]));

test('it is hashed as the backups beside it are, so that the same bytes are the same version', async () => {
  const {options} = await cutOff(
    {'tenants.json': tenants},
    {
      'config/base/magds.php': backup({datasets, verification: {algorithm: 'sha512'}}),
    },
  );
  const {backups} = options;
  expect(options.configuration.algorithm.value).toBe('sha512');
  makeBackup({backups, id: '20260102_020000', datasets: [{name: 'tenants', algorithm: 'sha512'}]});
  makeBackup({backups, id: '20260103_020000', datasets: [{name: 'tenants', content: tenants}]});
  // Weak, or newer: not asked.
  makeBackup({backups, id: '20260104_010000', datasets: [{name: 'tenants', algorithm: 'md5'}]});
  makeBackup({backups, id: '20260105_020000', datasets: [{name: 'tenants', algorithm: 'sha512'}]});
  const {algorithm, copies} = await finish(options);
  expect([algorithm, copies[0]?.hash]).toEqual(['sha256', phpHash('sha256', tenants)]);
  const contentIn = (of: string) => readRow(backups, of, Date.now()).datasets[0]?.content;
  expect(contentIn(id)).toBe(contentIn('20260103_020000'));
});

test('what lies in it whole is taken up, and verifies; what is not is left out by name, and nothing is touched', async () => {
  const ledger = database();
  const {root, directory, options, names} = await cutOff({
    'tenants.json': tenants,
    'ledger.sqlite': ledger.subarray(0, ledger.length - 6000),
    'events.log': '10:00 begun\n10:0',
    'notes.txt': 'a note',
  });
  const result = await finish(options);
  expect(result).toMatchObject({
    outcome: 'done',
    path: directory,
    copies: [{name: 'tenants', bytes: tenants.length, kind: 'json', hash: phpHash('sha256', tenants)}],
    untold: [],
  });
  expect(reasonsOf(result.missing)).toEqual({
    ledger: expect.stringMatching(/^what lies there is broken: SQLite says: /),
    events: 'its kind does not show where it ends, so it may be cut short',
    kernel_state: 'cut off before it was copied',
  });
  expect(reasonsOf(result.leftOut)).toEqual({
    'notes.txt': 'no configured dataset has a file of this name',
  });
  expect(names()).toEqual([
    'datasets',
    'datasets/events.log',
    'datasets/ledger.sqlite',
    'datasets/notes.txt',
    'datasets/tenants.json',
    'manifest.json',
  ]);
  const read = readManifest(directory);
  if (read.state !== 'read') throw new Error(read.state);
  expect(read.manifest).toMatchObject({
    id,
    createdAt: expect.stringMatching(/\+00:00$/),
    label: 'hot-fix',
    finishedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/),
    datasets: [
      {
        name: 'tenants',
        algorithm: 'sha256',
        source: `${root}/storage/data/tenants.json`,
        backup: `${directory}/datasets/tenants.json`,
      },
    ],
  });
  expect(Date.now() - Date.parse(read.manifest.finishedAt ?? '')).toBeLessThan(60_000);
  expect(read.manifest.partial.map(({dataset}) => dataset)).toEqual([
    'kernel_state',
    'ledger',
    'events',
    'notes.txt',
  ]);
  expect(await verifyBackup({backups: options.backups, id})).toMatchObject({result: 'passed'});
  // What was found inside is known, and that its hashes were made now is said.
  const row = readRow(options.backups, id, Date.now(), readVerdicts(statePath(root)));
  expect(row).toMatchObject({state: 'complete', soundInside: [{name: 'tenants', kind: 'json'}]});
  expect(row.notes[0]).toMatch(
    /^Its manifest was written on \d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?Z, after it had been cut off: its hashes are of that time; whether files were written to while they were copied is not known; its sources are those configured when it was written\.$/,
  );
  expect(toldIn(root)).toEqual([
    {
      action: 'magdb.backup.finished',
      payload: {
        id,
        datasets: ['tenants'],
        missing: ['kernel_state', 'ledger', 'events'],
        bytes: tenants.length,
        manifest_digest: result.manifestDigest,
        seconds: expect.any(Number),
      },
    },
  ]);
});

test('PHP reads what was written, would write the same, and verifies it', async () => {
  const {directory, options} = await cutOff({'tenants.json': tenants, 'ledger.sqlite': database()});
  await finish(options);
  const php = (...args: string[]) =>
    execute('php', [path.join(import.meta.dirname, '../../interop/backup.php'), ...args]);
  const manifest = fs.readFileSync(`${directory}/manifest.json`, 'utf8');
  expect(await php('rewrite', `${directory}/manifest.json`)).toMatchObject({code: 0, stdout: manifest});
  expect(await php('verify', '--backups', options.backups, `--id=${id}`)).toMatchObject({code: 0});
});

test('of directories, and of files of one name, nobody can tell', async () => {
  const clashing = [
    {name: 'media', source: 'storage/media', type: 'directory'},
    {name: 'one', source: 'storage/one/index.json'},
    {name: 'two', source: 'storage/two/index.json'},
    {name: 'tenants', source: 'storage/data/tenants.json'},
  ];
  const own = JSON.stringify({version: 1, backup: {datasets: clashing}});
  const {options} = await cutOff(
    {'tenants.json': tenants, 'index.json': '[]', 'two/index.json': '[2]', 'media/a.json': '[]'},
    {'storage/runbook/config.json': own},
  );
  fs.chmodSync(`${options.root}/storage/runbook`, 0o755);
  fs.chmodSync(`${options.root}/storage/runbook/config.json`, 0o644);
  const result = await finish({...options, configuration: await loadConfiguration(options.root, {})});
  expect(result.copies.map(({name}) => name)).toEqual(['two', 'tenants']);
  expect(reasonsOf(result.missing)).toEqual({
    media: 'a directory of files: some may be missing',
    one: 'cut off before it was copied',
  });
  expect(reasonsOf(result.leftOut)).toEqual({'index.json': expect.stringContaining('no configured dataset')});
});

test.each([
  ['its last copy', '2026-01-04T02:10:00Z', '2026-01-04T02:10:00+00:00'],
  ['its id, and never before', '2026-01-03T00:00:00Z', '2026-01-04T02:00:00+00:00'],
])(
  'it is of the time of %s, so that one from after things went bad is none from before',
  async (_, written, createdAt) => {
    const {directory, options} = await cutOff({'tenants.json': tenants, 'ledger.sqlite': database()});
    fs.utimesSync(`${directory}/datasets/ledger.sqlite`, new Date(written), new Date(written));
    fs.utimesSync(`${directory}/datasets/tenants.json`, 1, 1);
    await finish(options);
    const row = readRow(options.backups, id, Date.now());
    expect(row.createdAt).toBe(createdAt);
    const made = Date.parse(createdAt);
    expect([mayPrecede(row, made), mayPrecede(row, made + 1000)]).toEqual([false, true]);
  },
);

test('a time ahead of the clock says nothing: it is from before it was finished', async () => {
  const {directory, options} = await cutOff({'tenants.json': tenants});
  fs.utimesSync(`${directory}/datasets/tenants.json`, 1, Date.now() / 1000 + 86_400);
  await finish(options);
  const row = readRow(options.backups, id, Date.now());
  expect(Date.parse(row.createdAt ?? '')).toBeLessThanOrEqual(Date.now());
});

test('a dump of PostgreSQL is none that could be taken up', async () => {
  const own = JSON.stringify({
    version: 1,
    backup: {
      datasets: [
        {name: 'tenants', source: 'storage/data/tenants.json'},
        {name: 'shop', type: 'postgres', host: 'db.example', database: 'shop'},
      ],
    },
  });
  const {options} = await cutOff(
    {'tenants.json': tenants, 'shop/shop.dump': 'PGDMP'},
    {'storage/runbook/config.json': own},
  );
  fs.chmodSync(`${options.root}/storage/runbook`, 0o755);
  fs.chmodSync(`${options.root}/storage/runbook/config.json`, 0o644);
  const result = await finish({...options, configuration: await loadConfiguration(options.root, {})});
  expect(reasonsOf(result.missing)).toEqual({
    shop: 'a dump of a database: its manifest would have said of which',
  });
});

test('of more files than are looked at it says so, and calls nothing cut off before it was copied', async () => {
  const {options} = await cutOff({
    'tenants.json': tenants,
    ...Object.fromEntries(Array.from({length: 501}, (_, at) => [`media/${at}`, ''])),
  });
  const result = await finish(options);
  const why = 'not among the files that were looked at: more than 500 lie in it';
  expect(reasonsOf(result.missing)).toEqual({ledger: why, events: why, kernel_state: why});
  expect(reasonsOf(result.leftOut)).toMatchObject({'other files': why});
});

test('the copies, and the directories that lead to them, are on the disk before the manifest appears', async () => {
  const own = JSON.stringify({
    version: 1,
    backup: {
      datasets: [
        {name: 'one', source: 'storage/one/index.json'},
        {name: 'two', source: 'storage/two/index.json'},
      ],
    },
  });
  const {directory, options} = await cutOff({'two/index.json': '[]'}, {'storage/runbook/config.json': own});
  fs.chmodSync(`${options.root}/storage/runbook`, 0o755);
  fs.chmodSync(`${options.root}/storage/runbook/config.json`, 0o644);
  const done: string[] = [];
  const {fsyncSync, linkSync} = fs;
  vi.spyOn(fs, 'fsyncSync').mockImplementation((fd) => {
    done.push(fs.readlinkSync(`/proc/self/fd/${fd}`));
    fsyncSync(fd);
  });
  vi.spyOn(fs, 'linkSync').mockImplementation((from, to) => {
    if (String(to).endsWith('/manifest.json')) done.push('manifest');
    linkSync(from, to);
  });
  await finish({...options, configuration: await loadConfiguration(options.root, {})});
  const before = done.slice(0, done.indexOf('manifest'));
  expect(before).toEqual(
    expect.arrayContaining(
      ['datasets', 'datasets/two', 'datasets/two/index.json'].map((each) => `${directory}/${each}`),
    ),
  );
});

test('a manifest that may not survive a power cut is there all the same: that is said, and told of', async () => {
  const {root, directory, options} = await cutOff({'tenants.json': tenants});
  const {fsyncSync} = fs;
  vi.spyOn(fs, 'fsyncSync').mockImplementation((fd) => {
    if (fs.existsSync(`${directory}/manifest.json`) && fs.readlinkSync(`/proc/self/fd/${fd}`) === directory)
      throw Object.assign(new Error('EIO'), {code: 'EIO'});
    fsyncSync(fd);
  });
  const result = await finish(options);
  expect(result).toMatchObject({
    outcome: 'done',
    untold: [
      expect.stringMatching(/^manifest\.json is there, but may not survive a power cut: the disk failed/),
    ],
  });
  expect(toldIn(root).map(({action}) => action)).toEqual(['magdb.backup.finished']);
});

describe('nothing is written', () => {
  const refused = async (
    {options, names, before}: Awaited<ReturnType<typeof cutOff>>,
    why: RegExp,
    onEvent?: (event: FinishEvent) => void,
  ): Promise<void> => {
    await expect(finish(options, onEvent)).rejects.toThrow(why);
    expect(names()).toEqual(before);
    expect(toldIn(options.root)).toEqual([]);
  };

  test.each<[string, Record<string, string>]>([
    ['nothing in it is whole', {'tenants.json': tenants.slice(0, 9), 'events.log': 'x'}],
    ['nothing lies in it', {}],
  ])('where %s', async (_, lying) => {
    await refused(await cutOff(lying), /nothing in it can be taken up \(.*tenants: .*Nothing was written/);
  });

  test('where the first of several lines may be all that was copied', async () => {
    await refused(
      await cutOff({'events.log': '{"at":1}\n'}),
      /its name does not end in \.json, so it may be cut short/,
    );
  });

  test('where it may still be running', async () => {
    const place = await cutOff({'tenants.json': tenants});
    fs.utimesSync(`${place.directory}/datasets/tenants.json`, new Date(), new Date(Date.now() - 60_000));
    await refused(place, /last written \d+s ago, it may still be running: try again in two minutes/);
  });

  test.each(['{"datasets":{}}', '{"cut', ''])('where there is a manifest: %j', async (manifest) => {
    const place = await cutOff({'tenants.json': tenants});
    fs.writeFileSync(`${place.directory}/manifest.json`, manifest);
    await expect(finish(place.options)).rejects.toThrow(/it has a manifest/);
    expect(fs.readFileSync(`${place.directory}/manifest.json`, 'utf8')).toBe(manifest);
  });

  test('where a link leads elsewhere: as itself, as its copies, as one copy', async () => {
    const place = await cutOff({'tenants.json': tenants});
    const {options, directory} = place;
    const away = `${options.root}/away`;
    fs.renameSync(directory, away);
    fs.symlinkSync(away, directory);
    await expect(finish(options)).rejects.toThrow(/it is a link/);
    fs.unlinkSync(directory);
    fs.mkdirSync(directory);
    fs.symlinkSync(`${away}/datasets`, `${directory}/datasets`);
    for (const each of [directory]) setOld(each);
    fs.lutimesSync(`${directory}/datasets`, 1, 1);
    await expect(finish(options)).rejects.toThrow(/nothing in it can be taken up/);
    fs.unlinkSync(`${directory}/datasets`);
    fs.mkdirSync(`${directory}/datasets`);
    fs.symlinkSync(`${away}/datasets/tenants.json`, `${directory}/datasets/tenants.json`);
    for (const each of [`${directory}/datasets`, directory]) setOld(each);
    await expect(finish(options)).rejects.toThrow(/nothing in it can be taken up/);
    expect(fs.readdirSync(away)).toEqual(['datasets']);
    expect(fs.readdirSync(directory)).toEqual(['datasets']);
  });

  test('where it lies elsewhere, or its name holds no time', async () => {
    const place = await cutOff({'tenants.json': tenants});
    fs.renameSync(place.directory, path.join(path.dirname(place.directory), '20269904_020000'));
    await expect(finish(place.options)).rejects.toThrow(/it does not lie in /);
    await expect(finish({...place.options, id: '20269904_020000'})).rejects.toThrow(/its name holds no time/);
  });

  test('where a copy changes while it is read, also if it gets its time back', async () => {
    const place = await cutOff({'tenants.json': tenants});
    const copy = `${place.directory}/datasets/tenants.json`;
    await refused(place, /tenants changed (while|since) it was read: something writes to it/, (event) => {
      if (event.type !== 'content finished') return;
      fs.writeFileSync(copy, tenants.replace('1', '7'));
      setOld(copy);
    });
  });

  test('where a run that was silent for long goes on meanwhile', async () => {
    const place = await cutOff({'tenants.json': tenants});
    const late = `${place.directory}/datasets/late.json`;
    await expect(
      finish(place.options, ({type}) => {
        if (type !== 'content finished') return;
        fs.writeFileSync(late, '[');
        for (const each of [late, path.dirname(late)]) setOld(each);
      }),
    ).rejects.toThrow(/it changes while it is looked at: something writes to it/);
    expect(fs.existsSync(`${place.directory}/manifest.json`)).toBe(false);
  });

  test('where what it does not take up grows meanwhile, or something came and went', async () => {
    const place = await cutOff({'tenants.json': tenants, 'events.log': 'x'});
    const log = `${place.directory}/datasets/events.log`;
    await refused(place, /it changes while it is looked at: something writes to it/, (event) => {
      if (event.type !== 'content finished') return;
      fs.appendFileSync(log, 'y');
      setOld(log);
    });
    await refused(place, /it changes while it is looked at: .*last written 0s ago, it may/, (event) => {
      if (event.type === 'content finished') fs.utimesSync(path.dirname(log), new Date(), new Date());
    });
  });

  test('where the file system has no hard links: that is said', async () => {
    vi.spyOn(fs, 'linkSync').mockImplementation(() => {
      throw Object.assign(new Error('EPERM'), {code: 'EPERM'});
    });
    await refused(
      await cutOff({'tenants.json': tenants}),
      /its manifest cannot be written: the file system has no hard links, without which [^:]*\. Nothing was written/,
    );
  });

  test('where another writer is at work', async () => {
    const place = await cutOff({'tenants.json': tenants});
    const writer = openWriter({...place.options, doing: 'backup prune'});
    await refused(place, /Locked by/);
    writer.close();
  });

  test('where it is a dry run, which says the same', async () => {
    const {options, names, before} = await cutOff({'tenants.json': tenants});
    const result = await finish({...options, dryRun: true});
    expect(result).toMatchObject({
      outcome: 'planned',
      copies: [{name: 'tenants', kind: 'json', hash: null}],
      manifestDigest: null,
    });
    expect(result.missing).toHaveLength(3);
    expect(names()).toEqual(before);
    expect(fs.existsSync(`${options.root}/storage/runbook`)).toBe(false);
  });

  test.each<FinishEvent['type']>(['content started', 'content checked', 'content finished'])(
    'where it is stopped at "%s", or whoever began it stops listening',
    async (at) => {
      const {options, names, before} = await cutOff({'tenants.json': tenants, 'ledger.sqlite': database()});
      const controller = new AbortController();
      const cancelled = await finish({...options, signal: controller.signal}, ({type}) => {
        if (type === at) controller.abort();
      });
      expect(cancelled.outcome).toBe('cancelled');
      for await (const {type} of finishBackup(options)) if (type === at) break;
      expect(names()).toEqual(before);
      expect(toldIn(options.root)).toEqual([]);
      // The lock is free again.
      expect((await finish(options)).outcome).toBe('done');
    },
  );
});
