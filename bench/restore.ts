import fs from 'node:fs';
import path from 'node:path';
import {fill, makeRoot, megabyte} from './roots.ts';
import {against, has, inTurn, node, program, report, seconds, shell, useMemory} from './support.ts';

const names = ['a', 'b', 'c', 'd'];

/** Planning and restoring a directory of 5,000 small files beside copying and hashing it once, which is not durable. */
export async function benchRestoreMany(runs: number): Promise<void> {
  const {root} = makeRoot('restore-many', [{name: 'media', source: 'storage/data/media', type: 'directory'}]);
  const media = path.join(root, 'storage/data/media');
  const files = Array.from({length: 5000}, (_, index) => `${Math.floor(index / 100)}/${index % 100}.json`);
  const fillAll = (text: string): void => {
    for (const file of files) {
      fs.mkdirSync(path.join(media, path.dirname(file)), {recursive: true});
      fs.writeFileSync(path.join(media, file), `{"${text}":"${file}"}`.repeat(40));
    }
  };
  fillAll('was');
  await seconds(node, [program, 'backup', 'run', '--root', root]);
  const [id = ''] = fs.readdirSync(path.join(root, 'storage/backups'));
  /** Other bytes, no session, everything on the disk. */
  const settled = async (): Promise<void> => {
    for (const each of ['sessions', 'safety', 'held'])
      fs.rmSync(path.join(root, 'storage/runbook', each), {recursive: true, force: true});
    await shell(`rm -rf peer && find ${media} -name '.*' -type f -delete`, root);
    fillAll(String(Math.random()));
    await shell('sync');
  };
  const ours =
    (...args: string[]) =>
    async (): Promise<number> => {
      await settled();
      return seconds(node, [program, 'restore', `--id=${id}`, ...args, '--root', root]);
    };
  const times = await inTurn(runs, {
    dry: ours('--dry-run'),
    restore: ours(`--yes=${id}`),
    async peer() {
      await settled();
      return shell(`cp -a ${media} peer && find peer -type f -print0 | xargs -0 sha256sum`, root);
    },
  });
  const t = (name: string) => times[name] ?? Number.NaN;
  report('Restore a directory of 5,000 small files', [
    `dry run ${t('dry').toFixed(2)} s; restore ${t('restore').toFixed(2)} s, durable, with a safety backup; cp -a and xargs sha256sum ${t('peer').toFixed(2)} s, not durable`,
    against('dry run, times cp -a and xargs sha256sum', t('dry') / t('peer'), 4, 'at most'),
    against('restore, times cp -a and xargs sha256sum', t('restore') / t('peer'), 4, 'at most'),
  ]);
}

/** Restoring 2 GB, from the start of the process to its end, beside what a careful operator types. */
export async function benchRestore(runs: number): Promise<void> {
  if (!has('openssl')) throw new Error('openssl is not installed: there is nothing to compare with');
  const {root} = makeRoot(
    'restore',
    names.map((name) => ({name, source: `storage/data/${name}.bin`})),
  );
  const live = path.join(root, 'storage/data');
  for (const name of names) fill(path.join(live, `${name}.bin`), 500 * megabyte);
  await seconds(node, [program, 'backup', 'run', '--root', root]);
  const [id = ''] = fs.readdirSync(path.join(root, 'storage/backups'));
  const copies = path.join(root, 'storage/backups', id, 'datasets');
  const aside = path.join(root, 'aside');
  let session = 0;
  let switched = 0;

  /** Live files of the same size with other bytes, nothing kept beside, everything on the disk. */
  const begin = async (): Promise<void> => {
    const magds = (...args: string[]) => seconds(node, [program, ...args, '--root', root]);
    if (session > 0) {
      for (const step of ['verified', 'evidence', 'service'])
        await magds('session', 'step', step, '--skip', '--note=measured', `--session=${session}`);
      await magds('session', 'close', String(session), `--yes=${session}`);
    }
    session = 0;
    for (const each of [aside, path.join(root, 'storage/runbook/safety')])
      fs.rmSync(each, {recursive: true, force: true});
    fs.mkdirSync(aside);
    for (const name of names) {
      const fd = fs.openSync(path.join(live, `${name}.bin`), 'r+');
      fs.writeSync(fd, String(Math.random()), 0);
      fs.closeSync(fd);
    }
    await shell('sync');
    await shell(`${useMemory(root)} && cat ${live}/* ${copies}/* >/dev/null`);
  };
  const ours =
    (...more: string[]) =>
    async (): Promise<number> => {
      await begin();
      const took = await seconds(node, [
        program,
        'restore',
        `--id=${id}`,
        `--yes=${id}`,
        ...more,
        '--root',
        root,
      ]);
      const sessions = path.join(root, 'storage/runbook/sessions');
      session = Math.max(...fs.readdirSync(sessions).map(Number));
      const record = fs.readFileSync(path.join(sessions, String(session), 'session.jsonl'), 'utf8');
      switched = Math.max(
        switched,
        Number(/"type":"switched","data":\{"seconds":([\d.e-]+)/.exec(record)?.[1]),
      );
      return took;
    };
  const operator = (script: string) => async (): Promise<number> => {
    await begin();
    return shell(script, root);
  };
  const hash = (where: string) => `openssl dgst -sha256 ${where}/*`;
  const measurements = {
    bare: ours('--no-safety-backup'),
    typed: operator(`${hash(copies)} && cp ${copies}/* ${live} && sync && ${hash(live)}`),
    safe: ours(),
    typedSafe: operator(
      `${hash(copies)} && cp ${live}/* ${aside} && sync && cp ${copies}/* ${live} && sync && ${hash(live)}`,
    ),
  };
  const times = await inTurn(runs, measurements, true);
  const t = (name: string) => times[name] ?? Number.NaN;
  report('Restore 2 GB in four files, durable, warm cache, whole processes', [
    `without a safety backup ${t('bare').toFixed(2)} s; openssl dgst, cp, sync, openssl dgst ${t('typed').toFixed(2)} s`,
    against('times that', t('bare') / t('typed'), 1.1, 'at most'),
    `with one ${t('safe').toFixed(2)} s; the same with cp aside and another sync ${t('typedSafe').toFixed(2)} s`,
    against('times that', t('safe') / t('typedSafe'), 1.1, 'at most'),
    against('the switch itself, the slowest', switched, 1, 'at most', ' s'),
  ]);
}
