import fs from 'node:fs';
import path from 'node:path';
import {inTurn, node, program, report, scratch, seconds, shell} from './support.ts';
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
