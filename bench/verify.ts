import os from 'node:os';
import path from 'node:path';
import {
  against,
  has,
  inTurn,
  node,
  openPty,
  program,
  report,
  residentMb,
  scratch,
  seconds,
  shell,
} from './support.ts';
import {largeBackup} from './trees.ts';

const size = 500 * 1024 * 1024;

/** Verifying, from the start of the process to its end, against what an operator would type. Warm cache. */
export async function benchVerify(runs: number): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  const four = scratch('four');
  const one = scratch('one');
  const fourId = largeBackup(four, 4, size, now);
  const oneId = largeBackup(one, 1, size, now);
  const inside = (root: string, id: string) => path.join(root, 'storage/backups', id, 'datasets');
  const ours = (root: string, id: string) => () =>
    seconds(node, [program, 'backup', 'verify', `--id=${id}`, '--root', root]);
  const cores = os.availableParallelism();
  const times = await inTurn(runs, {
    ours: ours(four, fourId),
    openssl: () => shell(`ls | xargs -P${cores} -n1 openssl dgst -sha256`, inside(four, fourId)),
    oursOne: ours(one, oneId),
    opensslOne: () => shell('openssl dgst -sha256 *', inside(one, oneId)),
  });
  const t = (name: string) => times[name] ?? Number.NaN;
  // They take so long that once says enough.
  const sha256sum = await shell('sha256sum *', inside(four, fourId));
  const hashFile = `php -r 'foreach (glob("*") as $f) hash_file("sha256", $f);'`;
  const php = has('php') ? await shell(hashFile, inside(four, fourId)) : Number.NaN;
  report(`Verify, warm cache, ${cores} cores, whole processes`, [
    `four files of 500 MB: ours ${t('ours').toFixed(2)} s, openssl -P${cores} ${t('openssl').toFixed(2)} s, sha256sum ${sha256sum.toFixed(2)} s, PHP hash_file ${php.toFixed(2)} s`,
    against('speed of openssl in parallel, four files', t('openssl') / t('ours'), 0.92, 'at least'),
    `     speed of sha256sum: ${(sha256sum / t('ours')).toFixed(2)}; of PHP's hash_file: ${(php / t('ours')).toFixed(2)}`,
    `one file of 500 MB: ours ${t('oursOne').toFixed(2)} s, openssl ${t('opensslOne').toFixed(2)} s`,
    against('speed of one openssl, one file', t('opensslOne') / t('oursOne'), 0.88, 'at least'),
  ]);
  await memory(four);
}

/** Resident memory of the app while it verifies four large files. */
async function memory(root: string): Promise<void> {
  const session = openPty([program, '--root', root], {cols: 100, rows: 30});
  await session.until('? unchecked');
  session.write('v');
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMb(session.pid));
  }, 20);
  await session.until('PASSED');
  clearInterval(timer);
  await session.end();
  report('Memory while verifying in the app', [against('resident', peak, 250, 'at most', ' MB')]);
}
