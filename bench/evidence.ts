import fs from 'node:fs';
import path from 'node:path';
import {makeRoot} from './roots.ts';
import {against, inTurn, node, peakMb, program, report, scratch, seconds, shell} from './support.ts';
import {manyBackups} from './trees.ts';

/** Evidence of all backups, from the start of the process to the file, beside the digests that a person would note. */
export async function benchEvidence(runs: number): Promise<void> {
  const root = scratch('evidence');
  manyBackups(root, 2000, Math.floor(Date.now() / 1000));
  fs.mkdirSync(path.join(root, 'storage/runbook'));
  const times = await inTurn(runs, {
    // Nothing of it has been verified: done in part.
    ours: () => seconds(node, [program, 'evidence', 'export', '--all', '--root', root], {expect: [3]}),
    peer: () =>
      shell('find . -type f -print0 | xargs -0 sha256sum > /dev/null', path.join(root, 'storage/backups')),
  });
  const t = (name: string) => times[name] ?? Number.NaN;
  report('evidence export --all, 2,000 backups of four datasets', [
    `ours ${t('ours').toFixed(2)} s, sha256sum of the same manifests and files ${t('peer').toFixed(2)} s: ${(t('ours') / t('peer')).toFixed(2)} times`,
  ]);
}

/** What evidence of a restore of 20,000 files takes at its highest, and what its check does. */
export async function benchEvidenceMemory(): Promise<void> {
  const {root} = makeRoot('evidence-memory', [
    {name: 'tenants', source: 'storage/data/tenants', type: 'directory'},
  ]);
  const tenants = path.join(root, 'storage/data/tenants');
  fs.mkdirSync(tenants);
  const fill = (version: number): void => {
    for (let index = 0; index < 20_000; index++)
      fs.writeFileSync(path.join(tenants, `tenant_${index}.json`), JSON.stringify({index, version}));
  };
  fill(1);
  await seconds(node, [program, 'backup', 'run', '--root', root]);
  fill(2);
  const [id = ''] = fs.readdirSync(path.join(root, 'storage/backups'));
  await seconds(node, [program, 'restore', `--id=${id}`, `--yes=${id}`, '--root', root]);
  const files = ['first.md', 'second.md'].map((name) => path.join(root, name));
  const exported: number[] = [];
  for (const file of files)
    exported.push(await peakMb(['evidence', 'export', '--session=1', `--out=${file}`, '--root', root]));
  const checked: number[] = [];
  for (const file of files) checked.push(await peakMb(['evidence', 'check', file]));
  report('Memory of evidence of a restore of 20,000 files, at its highest', [
    against('export', Math.max(...exported), 400, 'at most', ' MB'),
    against('check of the first file', checked[0] ?? Number.NaN, 400, 'at most', ' MB'),
    against('check of the one after it', checked[1] ?? Number.NaN, 400, 'at most', ' MB'),
  ]);
}
