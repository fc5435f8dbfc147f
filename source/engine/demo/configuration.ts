import {write} from './files.ts';

/** The demonstration's project: configuration layered as on a real server, and a few live files. */
export function writeConfiguration(root: string): void {
  write(root, '.env', 'MOBO_ENV=production\n');
  write(
    root,
    'config/base/kernel.php',
    `<?php

return [
    'kernel' => [
        'name' => 'MagMoBoCE',
        'environment' => getenv('MOBO_ENV') ?: 'development',
    ],
];
`,
  );
  write(
    root,
    'config/base/magds.php',
    `<?php

return [
    'magds' => [
        'backup' => [
            'enabled' => true,
            'path' => 'storage/backups',
            'datasets' => [
                ['name' => 'kernel_state', 'source' => 'storage/state/system.json', 'type' => 'file'],
                ['name' => 'tenants', 'source' => 'storage/data/tenants.json', 'type' => 'file'],
                ['name' => 'ledger', 'source' => 'storage/data/ledger.sqlite', 'type' => 'file'],
                ['name' => 'media_index', 'source' => 'storage/data/media/index.json', 'type' => 'file'],
            ],
            'verification' => ['algorithm' => 'sha256'],
            'retention' => ['max_count' => 5],
        ],
        'primary' => ['connection' => 'magdsdb'],
    ],
];
`,
  );
  write(
    root,
    'config/environments/production.php',
    `<?php

return [
    'magds' => ['backup' => ['retention' => ['max_count' => 14]]],
];
`,
  );
}
