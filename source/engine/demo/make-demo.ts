import fs from 'node:fs';
import path from 'node:path';
import {phpDate} from '../base/php-date.ts';
import {createPool} from '../hashing/pool.ts';
import {backupTime} from '../storage/backup-id.ts';
import {type PhpValue, phpJson} from '../storage/manifest/php-json.ts';
import {verify} from '../verify/verify.ts';
import {writeConfiguration} from './configuration.ts';
import {hashOf, setTimes, tenants, write, writeArchive} from './files.ts';
import {type Ledger, makeLedger} from './ledger.ts';

type Content = Record<string, {file: string; data: string | Uint8Array}>;
type Options = {
  label?: string;
  algorithm?: string;
  leaveOut?: string;
  checked?: boolean;
  /** Where it is not the one of its revision. */
  ledger?: Buffer;
};

const hour = 3600;

/** `YYYYMMDD_HHMMSS` in UTC, from seconds since the epoch. */
const stamp = (time: number) =>
  new Date(time * 1000).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_');

function content(revision: number, start: number, ledger: Buffer): Content {
  const state = `${JSON.stringify({kernel: 'MagMoBoCE', starts: start, revision})}\n`;
  return {
    kernel_state: {file: 'storage/state/system.json', data: state},
    tenants: {file: 'storage/data/tenants.json', data: tenants(400 + 2 * revision, revision)},
    ledger: {file: 'storage/data/ledger.sqlite', data: ledger},
    media_index: {file: 'storage/data/media/index.json', data: tenants(160, 1)},
  };
}

class Demo {
  readonly root: string;
  readonly now: number;
  readonly #ledger: Ledger;
  #starts = 100;

  constructor(root: string, now: number, ledger: Ledger) {
    this.root = root;
    this.now = now;
    this.#ledger = ledger;
  }

  inBackup(id: string, name = ''): string {
    return path.join(this.root, 'storage/backups', id, name);
  }

  /** A backup as the PHP CLI writes it. @returns its id */
  backup(hoursAgo: number, revision: number, options: Options = {}): string {
    const time = this.now - hoursAgo * hour;
    const label = options.label ?? '';
    const slug = label.replace(/[^a-zA-Z0-9_-]/g, '-');
    const id = stamp(time) + (slug ? `_${slug}` : '');
    const algorithm = options.algorithm ?? 'sha256';
    const datasets = new Map<string, PhpValue>();
    const ledger = options.ledger ?? (this.#ledger.good[Math.floor(revision / 3)] as Buffer);
    for (const [name, {file, data}] of Object.entries(content(revision, this.#starts++, ledger))) {
      if (name === options.leaveOut) continue;
      const copy = `datasets/${path.basename(file)}`;
      write(this.inBackup(id), copy, data);
      datasets.set(
        name,
        new Map([
          ['algorithm', algorithm],
          ['hash', hashOf(algorithm, data)],
          ['source', path.join(this.root, file)],
          ['backup', this.inBackup(id, copy)],
        ]),
      );
    }
    this.manifest(id, time, label, datasets, options.checked ?? false);
    return id;
  }

  manifest(id: string, time: number, label: string, datasets: Map<string, PhpValue>, checked: boolean): void {
    const metadata = new Map<string, PhpValue>([
      ['label', label],
      ['connection', 'magdsdb'],
    ]);
    if (checked) metadata.set('last_verified_at', phpDate(new Date((time + 60) * 1000)));
    const manifest = new Map<string, PhpValue>([
      ['id', id],
      ['created_at', phpDate(new Date(time * 1000))],
      ['datasets', datasets],
      ['metadata', metadata],
    ]);
    write(this.inBackup(id), 'manifest.json', phpJson(manifest));
  }

  /** One with a large copy, so that a verification can be watched, and stopped. */
  archive(hoursAgo: number): void {
    const time = this.now - hoursAgo * hour;
    const id = `${stamp(time)}_with-archive`;
    fs.mkdirSync(this.inBackup(id, 'datasets'), {recursive: true});
    const copy = this.inBackup(id, 'datasets/archive.bin');
    const hash = writeArchive(copy);
    const entry = new Map<string, PhpValue>([
      ['algorithm', 'sha512'],
      ['hash', hash],
      ['source', path.join(this.root, 'storage/data/archive.bin')],
      ['backup', copy],
    ]);
    this.manifest(id, time, 'with archive', new Map([['archive', entry]]), false);
  }
}

function flipBit(file: string, offset: number): void {
  const data = fs.readFileSync(file);
  data[offset] = (data[offset] ?? 0) ^ 1;
  fs.writeFileSync(file, data);
}

async function verified(root: string, ids: string[]): Promise<void> {
  const pool = createPool();
  try {
    for await (const _ of verify({backups: path.join(root, 'storage/backups'), ids, pool, record: true}));
  } finally {
    pool.close();
  }
}

/**
 * Makes a project root with configuration, live data, and more than a dozen backups in every state there is.
 * @param root an empty directory, or one that does not exist yet
 * @param now seconds since the epoch; the backups' ages are counted from it
 */
export async function makeDemo(root: string, now: number): Promise<void> {
  writeConfiguration(root);
  const live = path.join(root, 'storage/data/ledger.sqlite');
  const ledger = await makeLedger(live, now);
  const demo = new Demo(root, now, ledger);
  // As a service that has not been asked anything for a while leaves them: it is not writing now.
  for (const {file, data} of Object.values(content(9, 200, fs.readFileSync(live)))) {
    write(root, file, data);
    fs.utimesSync(path.join(root, file), now, now - 600);
  }

  // An incident to be found: what was verified last holds the overwritten balances, and the last copy from before is damaged.
  const bad = demo.backup(0.4, 9, {label: 'nightly', ledger: ledger.bad});
  const last = demo.backup(2, 9, {label: 'nightly'});
  flipBit(demo.inBackup(last, 'datasets/ledger.sqlite'), 200_000);
  const good = demo.backup(9, 8, {label: 'pre-release'});
  demo.archive(14);
  const flipped = demo.backup(25, 7, {label: 'nightly', checked: true});
  flipBit(demo.inBackup(flipped, 'datasets/ledger.sqlite'), 100_000);
  const missing = demo.backup(49, 6, {label: 'nightly'});
  fs.rmSync(demo.inBackup(missing, 'datasets/tenants.json'));
  demo.backup(55, 6, {label: 'hotfix 2.4/rc1', leaveOut: 'media_index'});
  const touched = demo.backup(73, 5, {label: 'nightly'});
  demo.manifest(`${stamp(now - 80 * hour)}_empty`, now - 80 * hour, 'empty', new Map(), true);
  const cut = demo.backup(97, 4, {label: 'interrupted'});
  for (const name of ['manifest.json', 'datasets/index.json']) fs.rmSync(demo.inBackup(cut, name));
  const husk = demo.backup(121, 3, {label: 'nightly'});
  const replaced = new Map<string, PhpValue>([
    ['last_verified_at', phpDate(new Date((now - 100 * hour) * 1000))],
  ]);
  write(demo.inBackup(husk), 'manifest.json', phpJson(new Map([['metadata', replaced]])));
  const truncated = demo.backup(145, 2, {label: 'nightly'});
  fs.truncateSync(demo.inBackup(truncated, 'manifest.json'), 700);
  demo.backup(169, 1, {label: 'before upgrade', algorithm: 'md5', checked: true});
  const failed = demo.backup(193, 0, {label: 'nightly'});
  flipBit(demo.inBackup(failed, 'datasets/tenants.json'), 200);
  write(root, 'storage/backups/README.txt', 'left here by somebody\n');

  for (const entry of fs.readdirSync(path.join(root, 'storage/backups'), {withFileTypes: true})) {
    const time = backupTime(entry.name);
    if (time !== null) setTimes(demo.inBackup(entry.name), time);
  }

  await verified(root, [bad, good, touched, failed]);
  fs.utimesSync(demo.inBackup(touched, 'datasets/ledger.sqlite'), now, now - hour);
}
