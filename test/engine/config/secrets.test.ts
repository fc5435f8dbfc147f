import {describe, expect, test} from 'vitest';
import {loadConfiguration} from '../../../source/engine/config/effective.ts';
import {loadLayers} from '../../../source/engine/config/layers.ts';
import {everything, plain, rootWith} from '../../support/php-config.ts';

const secret = 'hunter2';
const backup = "'backup' => ['path' => 'kept']";

const leaks = (all: string): string[] => all.split('\n').filter((line) => line.includes(secret));

/** Everything that comes back for a root with this file. */
async function shown(file: string, code: string, others: Record<string, string> = {}): Promise<string> {
  const root = rootWith({[file]: `<?php\n${code}`, ...others});
  const all = everything([await loadLayers(root, {}), await loadConfiguration(root, {})]);
  // Else nothing was read, and nothing could have been shown.
  expect(all).toContain(file);
  return all;
}

test('only what matters to us is kept', async () => {
  const text = `<?php return [
    'magds' => [${backup}, 'dsn' => '${secret}', 'nodes' => ['${secret}']],
    'security' => ['audit_log' => ['path' => 'kept'], 'key' => '${secret}'],
    'kernel' => ['name' => 'kept'],
    'observability' => ['metrics' => ['prefix' => 'kept'], 'token' => '${secret}'],
    'database' => ['password' => '${secret}'],
    '${secret}' => 1,
  ];`;
  const {merged} = await loadLayers(rootWith({'config/base/all.php': text}), {});
  expect(plain(merged)).toEqual({
    magds: {backup: {path: 'kept'}},
    security: {audit_log: {path: 'kept'}},
    kernel: {name: 'kept'},
    observability: {metrics: {prefix: 'kept'}},
  });
});

describe.each(['config/base/a.php', 'config/secrets/a.php', 'config/secrets/development/a.php'])(
  'a secret in %s is shown nowhere when it stands',
  (file) => {
    test.each([
      ['beside what matters', `return ['magds' => [${backup}], 'db' => ['password' => '${secret}']];`],
      ['in a variable', `$p = '${secret}'; return ['magds' => [${backup}], 'db' => $p];`],
      ['in what cannot be told', `return ['magds' => [${backup}], 'db' => connect('${secret}')];`],
      ['in a syntax error', `return ['magds' => [${backup}], 'db' => '${secret}' '${secret}'];`],
      ['in a scalar', `return '${secret}';`],
      ['in a file that cannot be told', `return Config::make(['password' => '${secret}']);`],
      ['in a return under a condition', `if (f()) { return ['password' => '${secret}']; } return [];`],
      [
        'under a key that cannot be told',
        `return [f() => ['password' => '${secret}'], 'magds' => [${backup}]];`,
      ],
      ['in what is spread', `return [...f('${secret}'), 'magds' => [${backup}]];`],
      ['above what matters', `return ['magds' => vault('${secret}')];`],
      ['in a comment', `/* ${secret} */ return f(/* ${secret} */);`],
    ])('%s', async (_, code) => {
      expect(leaks(await shown(file, code))).toEqual([]);
    });
  },
);

test.each([
  ['a setting', `'path' => vault('${secret}')`],
  ['a list', `'datasets' => [vault('${secret}')]`],
  ['a part of a dataset', `'datasets' => [['name' => vault('${secret}'), 'source' => 'x']]`],
  ['a number', `'retention' => ['max_count' => strlen('${secret}')]`],
])('an expression of a secret layer is not quoted: %s', async (_, setting) => {
  const code = `return ['magds' => ['backup' => [${setting}]]];`;
  const all = await shown('config/secrets/a.php', code);
  expect(leaks(all)).toEqual([]);
  expect(all).toContain('(not quoted: a secret layer)');
});

test.each([
  ['all of it', `return vault('${secret}');`],
  ['a setting', `return ['magds' => ['backup' => ['path' => vault('${secret}')]]];`],
])('nor is that of a file which a secret layer requires from elsewhere: %s', async (_, code) => {
  const others = {'private/a.php': `<?php\n${code}`};
  const all = await shown(
    'config/secrets/a.php',
    "return require dirname(__DIR__, 2) . '/private/a.php';",
    others,
  );
  expect(leaks(all)).toEqual([]);
});
