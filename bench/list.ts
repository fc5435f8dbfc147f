import path from 'node:path';
import {cost, costsInTurn, inShell, node, program, report, times} from './support.ts';

export async function benchList(runs: number, root: string): Promise<void> {
  const script =
    "find . -name manifest.json -print0 | xargs -0 cat | jq -c .id > /dev/null; find . -type f -printf '%s\\n' | wc -l > /dev/null";
  const {ours, peer} = await costsInTurn(runs, {
    ours: () => cost(node, [program, 'backup', 'list', '--json', '--root', root]),
    peer: () => cost('bash', inShell(script), path.join(root, 'storage/backups')),
  });
  report('backup list --json, 10,000 backups of four datasets', [
    `ours ${ours?.clock.toFixed(2)} s, find + cat + jq, then find + wc ${peer?.clock.toFixed(2)} s`,
    times('beside those', ours, peer, 1),
  ]);
}
