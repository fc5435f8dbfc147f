import path from 'node:path';
import {against, inTurn, node, program, report, seconds, shell} from './support.ts';

export async function benchList(runs: number, root: string): Promise<void> {
  const backups = path.join(root, 'storage/backups');
  const times = await inTurn(runs, {
    ours: () => seconds(node, [program, 'backup', 'list', '--json', '--root', root]),
    peer: () =>
      shell(
        "find . -name manifest.json -print0 | xargs -0 cat | jq -c .id > /dev/null; find . -type f -printf '%s\\n' | wc -l > /dev/null",
        backups,
      ),
  });
  const t = (name: string) => times[name] ?? Number.NaN;
  report('backup list --json, 10,000 backups of four datasets', [
    `ours ${t('ours').toFixed(2)} s, find + cat + jq, then find + wc ${t('peer').toFixed(2)} s`,
    against('time', t('ours') / t('peer'), 1.2, 'at most', ' times'),
  ]);
}
