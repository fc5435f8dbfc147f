import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {crc32} from 'node:zlib';
import {type PhpValue, phpJson} from './php-json.ts';
import {temporaryDirectory} from './temporary.ts';

/** The root that manifests name unless told otherwise: a tree that was made elsewhere and moved here. */
export const otherRoot = '/srv/magmoboce';

export type DatasetOptions = {
  name: string;
  /** What the copy holds. Default: a line of JSON that names the dataset. */
  content?: string | Uint8Array;
  /** Basename of source and copy. Default: `<name>.json`. */
  file?: string;
  /** As configured for PHP, case kept. Default: `sha256`. */
  algorithm?: string;
  /** What the manifest records. Default: the right hash of the content. */
  hash?: string | false;
};

export type BackupOptions = {
  /** The backups directory. Default: `<root>/storage/backups` of a new temporary root. */
  backups?: string;
  /** Default: `20261123_131813`, and `_<label>` as PHP makes it. */
  id?: string;
  /** Raw text of the label. Default: `''`. */
  label?: string;
  /** Default: `tenants` and `ledger`. */
  datasets?: DatasetOptions[];
  /** The root that the recorded paths begin with. Default: `otherRoot`; `'here'` for a tree that never moved. */
  recordedRoot?: string;
  /** Put into `metadata` after `label` and `connection`. */
  metadata?: Record<string, PhpValue>;
  /** The last word on the manifest's text (or bytes), before it is written; null writes none. */
  manifest?: (text: string) => string | Uint8Array | null;
};

export type BuiltBackup = {
  id: string;
  backups: string;
  directory: string;
  /** Path and text of its `manifest.json`, as PHP would have written it. */
  manifestFile: string;
  manifest: string;
  /** Where the copy of the dataset with this name lies. */
  copy: (name: string) => string;
};

/** An empty project root in a temporary directory, with its (empty) backups directory. */
export function makeRoot(): {root: string; backups: string} {
  const root = temporaryDirectory();
  const backups = path.join(root, 'storage/backups');
  fs.mkdirSync(backups, {recursive: true});
  return {root, backups};
}

/** The identifier PHP gives to a run: each byte of the label outside `[a-zA-Z0-9_-]` becomes `-`. */
export function phpBackupId(began: string, label: string): string {
  if (label === '' || label === '0') return began;
  return `${began}_${Buffer.from(label)
    .toString('latin1')
    .replace(/[^a-zA-Z0-9_-]/g, '-')}`;
}

/** The hash under PHP's name for the algorithm: what OpenSSL knows, and `crc32b`. */
export function phpHash(algorithm: string, data: string | Uint8Array): string {
  const name = algorithm.toLowerCase();
  if (name === 'crc32b') return crc32(data).toString(16).padStart(8, '0');
  return createHash(name.replace('/', '-')).update(data).digest('hex');
}

/** `created_at` of an id made by `phpBackupId`. */
function createdAt(id: string): string {
  return id.replace(/^(....)(..)(..)_(..)(..)(..).*$/s, '$1-$2-$3T$4:$5:$6+00:00');
}

/**
 * Writes one backup as the PHP CLI does: `<backups>/<id>/manifest.json` and `datasets/<basename>`. Damage it afterwards
 * through the paths that come back.
 */
export function makeBackup(options: BackupOptions = {}): BuiltBackup {
  const {label = '', metadata = {}} = options;
  const backups = options.backups ?? makeRoot().backups;
  const id = options.id ?? phpBackupId('20261123_131813', label);
  const directory = path.join(backups, id);
  const {recordedRoot = otherRoot} = options;
  const here = recordedRoot === 'here';
  const recordedBackups = here ? backups : `${recordedRoot}/storage/backups`;
  const recordedData = `${here ? path.dirname(path.dirname(backups)) : recordedRoot}/storage/data`;
  fs.mkdirSync(path.join(directory, 'datasets'), {recursive: true});
  const copies = new Map<string, string>();
  const datasets = new Map<string, PhpValue>();
  for (const dataset of options.datasets ?? [{name: 'tenants'}, {name: 'ledger', file: 'ledger.sqlite'}]) {
    const {name, file = `${name}.json`, algorithm = 'sha256'} = dataset;
    const {content = `{"dataset":"${name}"}\n`} = dataset;
    const copy = path.join(directory, 'datasets', file);
    fs.writeFileSync(copy, content);
    copies.set(name, copy);
    datasets.set(name, {
      algorithm,
      hash: dataset.hash ?? phpHash(algorithm, content),
      source: `${recordedData}/${file}`,
      backup: `${recordedBackups}/${id}/datasets/${file}`,
    });
  }
  const manifest = phpJson({
    id,
    created_at: createdAt(id),
    datasets,
    metadata: {label, connection: 'magdsdb', ...metadata},
  });
  const manifestFile = path.join(directory, 'manifest.json');
  const written = options.manifest ? options.manifest(manifest) : manifest;
  if (written !== null) fs.writeFileSync(manifestFile, written);
  const copy = (name: string): string => {
    const file = copies.get(name);
    if (file === undefined) throw new Error(`this backup was built without a dataset ${name}`);
    return file;
  };
  return {id, backups, directory, manifestFile, manifest, copy};
}

/** Flips the lowest bit of one byte and leaves size and times as they were: what a bad disk does. */
export function flipBit(file: string, offset = 0): void {
  const {atime, mtime} = fs.statSync(file);
  const data = fs.readFileSync(file);
  data.writeUInt8(data.readUInt8(offset) ^ 1, offset);
  fs.writeFileSync(file, data);
  fs.utimesSync(file, atime, mtime);
}
