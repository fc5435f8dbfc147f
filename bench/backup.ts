import {spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {fill, makeRoot, megabyte, type Root} from './roots.ts';
import {against, has, inTurn, node, program, report, residentMb, seconds, shell} from './support.ts';

/** Everything on the disk, so that each measurement pays for its own writing only. */
const settled = async (root: Root): Promise<void> => {
  root.clear();
  await shell('sync');
};

async function large(runs: number): Promise<void> {
  const names = ['a', 'b', 'c', 'd'];
  const base = makeRoot(
    'backup',
    names.map((name) => ({name, source: `storage/data/${name}.bin`})),
  );
  for (const name of names) fill(path.join(base.root, 'storage/data', `${name}.bin`), 500 * megabyte);
  const data = path.join(base.root, 'storage/data');
  const inPeer = (script: string) => async (): Promise<number> => {
    await settled(base);
    fs.mkdirSync(path.join(base.root, 'peer'));
    return shell(script, path.join(base.root, 'peer'));
  };
  const times = await inTurn(runs, {
    async ours() {
      await settled(base);
      return seconds(node, [program, 'backup', 'run', '--root', base.root]);
    },
    operator: inPeer(`cp ${data}/* . && sync && openssl dgst -sha256 *`),
  });
  // They say what that is worth, and take long: once is enough.
  const php = await inPeer(`cp ${data}/* . && sha256sum *`)();
  const cp = await inPeer(`cp ${data}/* .`)();
  const t = (name: string) => times[name] ?? Number.NaN;
  report('Back up 2 GB in four files, durable, warm cache, whole processes', [
    `ours ${t('ours').toFixed(2)} s; cp, sync and openssl dgst ${t('operator').toFixed(2)} s; cp and sha256sum (what PHP's copy and hash_file amount to, not durable) ${php.toFixed(2)} s; cp alone ${cp.toFixed(2)} s`,
    against('times cp, sync and openssl dgst', t('ours') / t('operator'), 1, 'at most'),
    `     times cp and sha256sum: ${(t('ours') / php).toFixed(2)}; times cp alone: ${(t('ours') / cp).toFixed(2)}`,
  ]);
  await memory(base, data);
}

/** Memory while the same amount is copied in small and in large files. */
async function memory(base: Root, data: string): Promise<void> {
  const peakOf = async (): Promise<number> => {
    await settled(base);
    let peak = 0;
    await new Promise<void>((resolve, reject) => {
      const child = spawn(node, [program, 'backup', 'run', '--root', base.root], {stdio: 'ignore'});
      const timer = setInterval(() => {
        try {
          peak = Math.max(peak, residentMb(child.pid ?? 0));
        } catch {
          // It has just ended.
        }
      }, 10);
      child.on('error', reject);
      child.on('exit', () => {
        clearInterval(timer);
        resolve();
      });
    });
    return peak;
  };
  const whole = await peakOf();
  for (const name of fs.readdirSync(data)) fs.truncateSync(path.join(data, name), 20 * megabyte);
  const small = await peakOf();
  report('Memory while backing up', [
    against('four files of 500 MB, beside four of 20 MB', whole - small, 30, 'at most', ' MB more'),
    `     resident ${whole.toFixed(0)} MB`,
  ]);
}

async function many(runs: number): Promise<void> {
  const base = makeRoot('many', [{name: 'media', source: 'storage/data/media', type: 'directory'}]);
  const media = path.join(base.root, 'storage/data/media');
  for (let directory = 0; directory < 50; directory++) {
    fs.mkdirSync(path.join(media, String(directory)), {recursive: true});
    for (let file = 0; file < 100; file++)
      fs.writeFileSync(
        path.join(media, String(directory), `${file}.json`),
        `{"n":${directory * 100 + file}}`.repeat(60),
      );
  }
  const times = await inTurn(runs, {
    async ours() {
      await settled(base);
      return seconds(node, [program, 'backup', 'run', '--root', base.root]);
    },
    async peer() {
      await settled(base);
      return shell(`cp -a ${media} peer && find peer -type f -print0 | xargs -0 sha256sum`, base.root);
    },
  });
  const t = (name: string) => times[name] ?? Number.NaN;
  report('Back up a directory of 5,000 small files', [
    `ours ${t('ours').toFixed(2)} s, durable; cp -a and xargs sha256sum ${t('peer').toFixed(2)} s, not durable`,
    against('times cp -a and xargs sha256sum', t('ours') / t('peer'), 1.5, 'at most'),
  ]);
}

/** Backing up, from the start of the process to its end. */
export async function benchBackup(runs: number): Promise<void> {
  if (!has('openssl')) throw new Error('openssl is not installed: there is nothing to compare with');
  await large(runs);
  await many(runs);
}
