import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {expect} from 'vitest';
import {makeRoot, phpHash} from './backups.ts';
import {isRoot, leaveInWal} from './faults.ts';
import {backup, phpFile} from './php-config.ts';
import {magds} from './run.ts';
import {temporaryDirectory} from './temporary.ts';

export type RestoreRoot = {
  root: string;
  /** The backup that is restored. */
  id: string;
};

/** The data's entries below `storage/data`, and what has to stay or become of each. */
export type DataState = Record<string, string>;

const files = ['tenants.json', 'settings.json', 'made/new/keys.json', 'ledger.sqlite'];
/** Datasets that are there before the restore. */
const present = files.filter((file) => !file.startsWith('made/'));
const sidecars = ['ledger.sqlite-wal', 'ledger.sqlite-shm', 'ledger.sqlite-journal'];

const dataOf = (root: string): string => path.join(root, 'storage/data');

/** Bytes, mode and owner: what a restore gives to a file. */
const given = (file: string, bytes: Uint8Array): string => {
  const {mode, uid, gid} = fs.statSync(file);
  return `${mode.toString(8)} ${uid}:${gid} ${phpHash('sha256', bytes)}`;
};

/**
 * A root whose live files are others than its backup holds: two that are written over, one that is absent together with
 * its directories, and a database, with what lies beside it or without. Modes and owners are unlike those that new
 * files get.
 */
export async function makeRestoreRoot(options: {sidecars: boolean}): Promise<RestoreRoot> {
  const {root, backups} = makeRoot();
  const data = dataOf(root);
  fs.mkdirSync(path.join(data, 'made/new'), {recursive: true});
  fs.mkdirSync(path.join(root, 'config/base'), {recursive: true});
  const datasets = files.map((file) => ({name: path.parse(file).name, source: `storage/data/${file}`}));
  fs.writeFileSync(
    path.join(root, 'config/base/magds.php'),
    phpFile(backup({datasets, retention: {max_count: 100}})),
  );
  fs.writeFileSync(path.join(data, 'tenants.json'), Buffer.alloc(300_000, 'tenants as they were. '));
  fs.writeFileSync(path.join(data, 'settings.json'), '{"as": "it was"}\n');
  fs.writeFileSync(path.join(data, 'made/new/keys.json'), '{"keys": "as they were"}\n', {mode: 0o640});
  leaveInWal(path.join(data, 'ledger.sqlite'), 10);
  expect(await magds(['backup', 'run', '--root', root])).toMatchObject({code: 0, stderr: ''});
  const [id = ''] = fs.readdirSync(backups);

  fs.rmSync(path.join(data, 'made'), {recursive: true});
  fs.writeFileSync(path.join(data, 'tenants.json'), Buffer.alloc(270_000, 'tenants as they are. '));
  fs.writeFileSync(path.join(data, 'settings.json'), '{"as": "it is now"}\n');
  if (options.sidecars) {
    leaveInWal(path.join(data, 'ledger.sqlite'), 500);
    // As PERSIST leaves it: there, and of no meaning.
    fs.writeFileSync(path.join(data, 'ledger.sqlite-journal'), Buffer.alloc(512));
  } else {
    for (const name of sidecars) fs.rmSync(path.join(data, name), {force: true});
    fs.writeFileSync(path.join(data, 'ledger.sqlite'), Buffer.alloc(20_000, 'SQLite format 3\0'));
  }
  for (const [index, name] of fs.readdirSync(data).entries()) {
    const file = path.join(data, name);
    if (isRoot) fs.chownSync(file, 1001 + index, 2001);
    fs.chmodSync(file, [0o640, 0o664, 0o600][index % 3] as number);
  }
  if (isRoot) fs.chownSync(data, 3001, 3002);
  fs.chmodSync(data, 0o750);
  return {root, id};
}

/** A root that is what another one is, owners and all, in a new directory or in one that is empty. */
export function restoreRootLike({root, id}: RestoreRoot, at: string = temporaryDirectory()): RestoreRoot {
  execFileSync('cp', ['-a', `${root}/.`, at]);
  return {root: at, id};
}

/** What lies below `storage/data` now; of a directory only whose it is. */
export function dataNow(root: string): DataState {
  const data = dataOf(root);
  const state: DataState = {};
  for (const entry of fs.readdirSync(data, {recursive: true, withFileTypes: true})) {
    const file = path.join(entry.parentPath, entry.name);
    const {mode, uid, gid} = fs.lstatSync(file);
    state[path.relative(data, file)] = entry.isFile()
      ? given(file, fs.readFileSync(file))
      : `${mode.toString(8)} ${uid}:${gid}`;
  }
  return state;
}

/** What `storage/data` has to be once all of it is restored, going by the manifest. */
export function dataRestored({root, id}: RestoreRoot): DataState {
  const data = dataOf(root);
  const {mode, uid, gid} = fs.statSync(data);
  const owner = `${uid}:${gid}`;
  const directory = `${mode.toString(8)} ${owner}`;
  const copies = path.join(root, 'storage/backups', id);
  const manifest = JSON.parse(fs.readFileSync(path.join(copies, 'manifest.json')).toString('utf8'));
  const {keys} = manifest.datasets;
  const copyOf = (file: string): Buffer =>
    fs.readFileSync(path.join(copies, 'datasets', path.basename(file)));
  expect(phpHash('sha256', copyOf('keys.json'))).toBe(keys.hash);
  return {
    ...Object.fromEntries(present.map((file) => [file, given(path.join(data, file), copyOf(file))])),
    made: directory,
    'made/new': directory,
    // Whoever has its directory by now could not have read the copy.
    'made/new/keys.json': `10${keys.mode} ${keys.owner} ${keys.hash}`,
  };
}

/** Names that a restore has left beside the data, and in the record of its session. */
export function litterOf(root: string): string[] {
  const below = (directory: string): string[] =>
    fs.existsSync(directory)
      ? fs.readdirSync(directory, {recursive: true}).map((name) => path.join(directory, String(name)))
      : [];
  const state = path.join(root, 'storage/runbook');
  const left = [
    ...below(dataOf(root)).filter((file) => path.basename(file).includes('.magds-')),
    ...below(path.join(state, 'sessions')).filter((file) => path.basename(file).startsWith('.')),
    ...below(path.join(state, 'building')),
    ...below(path.join(state, 'removing')),
  ];
  return left.map((file) => path.relative(root, file)).toSorted();
}

/** The second names of the old files, which a session that is done keeps until it is closed. */
export const asidesOf = (old: DataState, restored: DataState, session: number): string[] =>
  Object.keys(old)
    .filter((name) => old[name] !== restored[name])
    .map((name) => {
      const {dir, base} = path.parse(name);
      return path.join('storage/data', dir, `.${base}.magds-${session}-old`);
    })
    .toSorted();

/**
 * A root with a directory dataset of more files than are synced one by one: some are written over, and private directories
 * with all that was in them are absent.
 * @returns with it, what has to become of the data
 */
export async function makeManyRoot(): Promise<RestoreRoot & {restored: DataState}> {
  const {root, backups} = makeRoot();
  const data = dataOf(root);
  const directories = {open: 0o755, private: 0o700, 'private/deep': 0o750, group: 0o2770};
  for (const [index, [directory, mode]] of Object.entries(directories).entries()) {
    const at = path.join(data, 'media', directory);
    fs.mkdirSync(at, {recursive: true});
    const own = (file: string): void => {
      if (isRoot) fs.chownSync(file, 1001 + index, 2001);
    };
    for (let number = 0; number < 18; number++) {
      const file = path.join(at, `${number}.json`);
      fs.writeFileSync(file, `as it was: ${directory} ${number}`);
      own(file);
      fs.chmodSync(file, [0o640, 0o664, 0o600][number % 3] as number);
    }
    own(at);
    fs.chmodSync(at, mode);
  }
  const datasets = [{name: 'media', source: 'storage/data/media', type: 'directory'}];
  fs.mkdirSync(path.join(root, 'storage/runbook'), {mode: 0o755});
  const settings = JSON.stringify({version: 1, backup: {datasets}});
  fs.writeFileSync(path.join(root, 'storage/runbook/config.json'), settings, {mode: 0o644});
  expect(await magds(['backup', 'run', '--root', root])).toMatchObject({code: 0, stderr: ''});
  const [id = ''] = fs.readdirSync(backups);
  const restored = dataNow(root);
  for (const name of ['private', 'group']) fs.rmSync(path.join(data, 'media', name), {recursive: true});
  for (const name of fs.readdirSync(path.join(data, 'media/open')))
    fs.appendFileSync(path.join(data, 'media/open', name), ', and more');
  return {root, id, restored};
}
