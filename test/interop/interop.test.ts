import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {type Plain, phpFile, rootWith} from '../support/php-config.ts';
import {phpString} from '../support/php-json.ts';
import {execute, jsonLines, magds, type Outcome} from '../support/run.ts';

/** Without PHP these fail, and are not skipped: that the two understand each other would be a mere claim. */
const php = (...args: string[]): Promise<Outcome> =>
  execute('php', [path.join(import.meta.dirname, 'backup.php'), ...args]);

type Dataset = {name: string; source: string; type?: 'directory'};
type SiteOptions = {
  /** Name of the root. Default: `magmoboce`. */
  at?: string;
  label?: string;
  datasets: Dataset[];
  /** What the live files hold, by their path below the root; what is configured and not here is missing. */
  live: Record<string, string | Buffer>;
};
type Site = ReturnType<typeof makeSite>;

const bytes = Buffer.from(Array.from({length: 256}, (_, byte) => byte));
const tenants = {name: 'tenants', source: 'storage/data/tenants.json'};
const live = {'storage/data/tenants.json': '{"tenants": []}\n'};

/** A root that lies where its manifests will say. */
function makeSite({at = 'magmoboce', label = '', datasets, live}: SiteOptions) {
  const settings = {primary: {connection: 'magdsdb'}, backup: {datasets: datasets as Plain}};
  const ours = JSON.stringify({version: 1, backup: {datasets}});
  const nested = datasets.some(({type}) => type);
  const parent = rootWith({
    [`${at}/config/base/magds.php`]: {magds: nested ? {primary: settings.primary} : settings},
    ...(nested ? {[`${at}/storage/runbook/config.json`]: ours} : {}),
  });
  const root = path.join(parent, at);
  const backups = path.join(root, 'storage/backups');
  const files = Object.keys(live).map((file) => path.join(root, file));
  Object.values(live).forEach((content, index) => {
    const file = files[index] as string;
    fs.mkdirSync(path.dirname(file), {recursive: true});
    fs.writeFileSync(file, content);
  });
  return {
    root,
    backups,
    label,
    datasets: datasets.map(({name, source}) => ({name, source: path.join(root, source)})),
    expected: Object.values(live).map((content) => Buffer.from(content).toString('latin1')),
    /** What they hold now; null where there is none. */
    read: () => files.map((file) => (fs.existsSync(file) ? fs.readFileSync(file).toString('latin1') : null)),
    /** The first is overwritten, the others are gone, and so are the directories that held nothing else. */
    lose(): void {
      for (const file of files) {
        fs.rmSync(file);
        for (let at = path.dirname(file); fs.readdirSync(at).length === 0; at = path.dirname(at))
          fs.rmdirSync(at);
      }
      fs.mkdirSync(path.dirname(files[0] as string), {recursive: true});
      fs.writeFileSync(files[0] as string, 'lost');
    },
    magds: (...args: string[]) => magds(['backup', ...args, '--json', '--root', root]),
    php: (command: string, id: string) => php(command, '--backups', backups, `--id=${id}`),
    manifest: (id: string) => path.join(backups, id, 'manifest.json'),
  };
}

const summary = ({stdout}: Outcome) => jsonLines(stdout).at(-1) as Record<string, unknown>;
const text = (file: string): string => fs.readFileSync(file, 'utf8');

async function run(site: Site, code = 0): Promise<string> {
  const outcome = await site.magds('run', `--label=${site.label}`);
  expect(outcome).toMatchObject({code, stderr: ''});
  return summary(outcome)['id'] as string;
}

/** What PHP would write in its place is what stands there, byte for byte. */
async function isAsPhpWrites(manifest: string): Promise<void> {
  expect(await php('rewrite', manifest)).toEqual({code: 0, signal: null, stdout: text(manifest), stderr: ''});
}

const verifiedAt = /,\n {8}"last_verified_at": "[^"]+"/;

/** And changes nothing in the manifest but the time. */
async function phpVerifies(site: Site, id: string): Promise<void> {
  const before = text(site.manifest(id)).replace(verifiedAt, '');
  const {code, stdout, stderr} = await site.php('verify', id);
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  expect(stdout).not.toMatch(/^mismatch/m);
  const after = text(site.manifest(id));
  expect(after).toMatch(verifiedAt);
  expect(after.replace(verifiedAt, '')).toBe(before);
}

async function phpRestores(site: Site, id: string): Promise<void> {
  site.lose();
  expect(site.read()).not.toEqual(site.expected);
  expect(await site.php('restore', id)).toMatchObject({code: 0, stderr: ''});
  expect(site.read()).toEqual(site.expected);
}

async function magdsVerifies(site: Site, id: string): Promise<void> {
  const outcome = await site.magds('verify', `--id=${id}`);
  expect(outcome).toMatchObject({code: 0, stderr: ''});
  expect(summary(outcome)).toMatchObject({backups: [{id, result: 'passed', recorded: true}]});
}

async function listed(site: Site): Promise<unknown> {
  const outcome = await site.magds('list');
  expect(outcome).toMatchObject({code: 0, stderr: ''});
  return summary(outcome)['backups'];
}

/** Everything that either program does to a backup that we made. */
async function holds(options: SiteOptions, missing: string[] = []): Promise<{site: Site; id: string}> {
  const site = makeSite(options);
  const id = await run(site, missing.length === 0 ? 0 : 3);
  const cwd = path.join(site.backups, id);
  const check = execute('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], {cwd});
  await isAsPhpWrites(site.manifest(id));
  expect(await check).toMatchObject({code: 0, stdout: '', stderr: ''});
  await phpVerifies(site, id);
  await phpRestores(site, id);
  const row = {id, state: 'complete', label: site.label, lacks: missing, reason: null};
  const unknown = {state: 'unknown', at: expect.any(String)};
  expect(await listed(site)).toMatchObject([{...row, verification: unknown}]);
  await magdsVerifies(site, id);
  await isAsPhpWrites(site.manifest(id));
  // Some time later PHP verifies it once more.
  const earlier = (file: string): void =>
    fs.writeFileSync(file, text(file).replace(/("(?:last_verified_)?at": ?")\d{4}/g, '$12020'));
  earlier(path.join(cwd, 'verifications.jsonl'));
  earlier(site.manifest(id));
  await phpVerifies(site, id);
  const passed = {state: 'stale', at: expect.stringMatching(/^2020/)};
  expect(await listed(site)).toMatchObject([{...row, verification: passed}]);
  return {site, id};
}

const named = (...names: string[]): SiteOptions => ({
  datasets: names.map((name, index) => ({name, source: `storage/data/${index}.json`})),
  live: Object.fromEntries(names.map((name, index) => [`storage/data/${index}.json`, name])),
});

describe('a backup of ours is verified and restored by PHP, and what PHP wrote in it is read by us', () => {
  const mean = ['a/b', '../c', '"q"', "it's", '\\', '😀 é 漢', '__proto__', '</script>', ' ', 'two\nlines'];

  test.each([
    ['', ['0', '1', '5']],
    ['0', ['0', '1']],
    ['</script><script>alert(1)//', ['10', '9', '1', '0', '-1', '01', '1.0']],
    ['say "hi" / it\'s \\u0041 $HOME %s', mean],
  ])('label %j, datasets %j', async (label, names) => {
    const {site, id} = await holds({...named(...names), label});
    const [, datasets] = text(site.manifest(id)).split(/^ {4}"(?:datasets|metadata)": /m);
    expect(datasets?.[0]).toBe(names.join() === '0,1' ? '[' : '{');
    const keys = names.join() === '0,1' ? null : names.map(phpString);
    expect(datasets?.match(/(?<=^ {8})".*"(?=: \{$)/gm) ?? null).toEqual(keys);
  });

  test('paths that are not ASCII, or need quoting', async () => {
    const files = ['é 漢 😀.json', 'e\u0301.json', `q"u'o\\t$e%s.json`, '-n', 'two\nlines', '<script>'];
    const paths = files.map((file, index) => `storage/dátá/${index} "ü"/${file}`);
    await holds({
      at: 'srv é 漢 😀 "x" it\'s/mag mobocé',
      label: '😀 漢字 é e\u0301 \u2028\u202e',
      datasets: paths.map((source, index) => ({name: `d${index}`, source})),
      live: Object.fromEntries(paths.map((file) => [file, Buffer.concat([bytes, Buffer.from(file)])])),
    });
  });

  test('basenames that clash, of which PHP would lose all but the last', async () => {
    const datasets = ['a', 'b', 'c/d', 'c d'].map((name, index) => ({
      name,
      source: `storage/${index}/data.json`,
    }));
    const {site, id} = await holds({
      label: '../../../etc/passwd',
      datasets: [...datasets, tenants],
      live: {...live, ...Object.fromEntries(datasets.map(({name, source}) => [source, name]))},
    });
    const found = fs.readdirSync(path.join(site.backups, id, 'datasets'), {recursive: true}).toSorted();
    const places = ['a', 'b', 'c-d', 'c-d-2'].flatMap((place) => [place, `${place}/data.json`]).sort();
    expect(found).toEqual([...places, 'tenants.json']);
  });

  test.each([[['sessions']], [['0', '1', 'é "x"/']]])('datasets that are missing: %j', async (names) => {
    const missing = names.map((name) => ({name, source: `storage/gone/${name}`}));
    const {site, id} = await holds({datasets: [tenants, ...missing], live}, names);
    const {metadata} = JSON.parse(text(site.manifest(id))) as {metadata: {missing: Record<string, string>}};
    // A key that is a number would make PHP take the map for a list.
    const reasons = names.map((name) => [
      /^\d+$/.test(name) ? `dataset ${name}` : name,
      'its source is missing',
    ]);
    expect(Object.entries(metadata.missing)).toEqual(reasons);
  });

  test('directories, with whatever their files are called', async () => {
    const uploads = 'storage/up lóads';
    const {site, id} = await holds({
      datasets: [
        {name: 'médiä "x"', source: uploads, type: 'directory'},
        {name: '0', source: 'storage/1'},
      ],
      live: {
        [`${uploads}/tenants.json`]: bytes,
        [`${uploads}/deep/er/漢 😀.bin`]: Buffer.alloc(1_500_000, bytes),
        [`${uploads}/deep/0`]: '',
        [`${uploads}/deep/two\nlines \\ "q"`]: 'x',
        [`${uploads}/-n`]: '-n',
        [`${uploads}/.hidden/a`]: 'a',
        'storage/1': 'one',
      },
    });
    const {datasets} = JSON.parse(text(site.manifest(id))) as {datasets: Record<string, unknown>};
    expect(Object.keys(datasets)).toHaveLength(7);
    expect(datasets).toHaveProperty(['médiä "x"/deep/er/漢 😀.bin']);
  });
});

describe('a pinned backup, after the other was deleted', () => {
  /** Pins it, deletes what PHP's retention would, and lets PHP have what is held. */
  async function pinned(site: Site, id: string): Promise<void> {
    const original = text(site.manifest(id));
    expect(await site.magds('pin', id, '--reason=é "why" / </script>')).toMatchObject({code: 0, stderr: ''});
    const held = `../runbook/held/${id}`;
    await isAsPhpWrites(site.manifest(held));
    await phpVerifies(site, held);
    expect(text(site.manifest(id))).toBe(original);
    fs.rmSync(path.join(site.backups, id), {recursive: true});
    await phpVerifies(site, held);
    await phpRestores(site, held);
    await magdsVerifies(site, id);
    const pin = {reason: 'é "why" / </script>', only: true};
    expect(await listed(site)).toMatchObject([
      {id, state: 'complete', pinned: true, pin, verification: {state: 'verified'}},
    ]);
    await isAsPhpWrites(site.manifest(held));
  }

  test('made by us', async () => {
    const site = makeSite({
      at: 'srv é/mag "x"',
      label: 'rélease/1 "x"',
      datasets: [
        {name: 'media', source: 'storage/media', type: 'directory'},
        {name: '0', source: 'storage/a/data.json'},
        {name: 'é/"', source: 'storage/b/data.json'},
        {name: '1', source: 'storage/c.json'},
      ],
      live: {
        'storage/media/deep/漢 "x"\n': bytes,
        'storage/media/data.json': 'm',
        'storage/a/data.json': 'a',
        'storage/b/data.json': 'b',
        'storage/c.json': 'c',
      },
    });
    await pinned(site, await run(site));
  });

  test.each<[string, SiteOptions]>([
    ['of datasets that are a list', {label: 'é "x"/</script>', ...named('0', '1')}],
    ['of datasets in an order of their own', {at: 'srv é', ...named('5', 'é/"x"', '0', '1')}],
  ])('made by PHP %s', async (_, options) => {
    const site = makeSite(options);
    const {backups, label, datasets} = site;
    const made = await php(
      'run',
      `--backups=${backups}`,
      `--label=${label}`,
      `--datasets=${JSON.stringify(datasets)}`,
    );
    expect(made).toMatchObject({code: 0, stderr: ''});
    const id = made.stdout.trim();
    await magdsVerifies(site, id);
    await isAsPhpWrites(site.manifest(id));
    await pinned(site, id);
  });
});

test('of two sources with one basename PHP keeps one copy: we say that the other is lost', async () => {
  const datasets = ['a', 'b'].map((name) => ({name, source: `storage/${name}/data.json`}));
  const site = makeSite({
    datasets,
    live: Object.fromEntries(datasets.map(({name, source}) => [source, name])),
  });
  const made = await php('run', '--backups', site.backups, '--datasets', JSON.stringify(site.datasets));
  const id = made.stdout.trim();
  expect(await site.php('verify', id)).toMatchObject({code: 1, stdout: 'mismatch a\nmatch b\n'});
  const outcome = await site.magds('verify', `--id=${id}`);
  expect(outcome.code).toBe(4);
  expect(summary(outcome)).toMatchObject({
    backups: [
      {
        result: 'failed',
        datasets: [
          {name: 'a', status: 'mismatch'},
          {name: 'b', status: 'match'},
        ],
      },
    ],
  });
});

test.each(['tiger192,3', 'fnv1a64', 'Haval256,5'])(
  '%s: made, verified and restored here, and verified by PHP',
  async (algorithm) => {
    const site = makeSite({datasets: [tenants], live: {...live, 'storage/other': bytes}});
    const over = {magds: {backup: {verification: {algorithm}}}};
    fs.writeFileSync(path.join(site.root, 'config/base/z.php'), phpFile(over));
    const id = await run(site);
    await isAsPhpWrites(site.manifest(id));
    await phpVerifies(site, id);
    await magdsVerifies(site, id);
    const [file = ''] = site.datasets.map(({source}) => source);
    fs.writeFileSync(file, 'lost');
    const restored = await magds(['restore', `--id=${id}`, `--yes=${id}`, '--root', site.root]);
    expect(restored).toMatchObject({code: 0});
    expect(text(file)).toBe(live['storage/data/tenants.json']);
  },
);
