import fc from 'fast-check';
import {lists, riddles, settings, texts} from './php-expressions.ts';

/** One way to configure a root. */
export type Variant = {
  name: string;
  /** What its files hold, by their path below the root; a path that ends in a slash is a directory. */
  files: Record<string, string | Buffer>;
  /** The process. */
  env?: Record<string, string>;
  /** PHP's `variables_order`; Debian's without it. */
  order?: string;
};

const base = 'config/base/magds.php';
const primary = "'primary' => ['connection' => 'magdsdb']";
/** A file that sets these of `magds.backup`; with the connection, so that PHP boots. */
const complete = (settings: string, before = ''): string =>
  `<?php ${before}\nreturn ['magds' => [${primary}, 'backup' => [${settings}]]];\n`;
/** A layer over it. */
const over = (settings: string, before = ''): string =>
  `<?php ${before}\nreturn ['magds' => ['backup' => [${settings}]]];\n`;
const whole = (code: string): string => `<?php\nreturn [${code}];\n`;

const one = (name: string, text: string, more: Partial<Variant> = {}): Variant => ({
  ...more,
  name,
  files: {[base]: text, ...more.files},
});

const environmentFiles: [name: string, text: string | Buffer][] = [
  ['the first wins', 'KEEP=1\nKEEP=2\nMOBO_ENV=staging\nMOBO_ENV=production\n'],
  ['export', 'export MOBO_ENV=staging\nexport KEEP=3\n'],
  ['a # behind it', 'KEEP=3 # nightly\nWHERE=a #b\n'],
  ['quotes', 'WHERE="a b"\nKEEP=\'4\'\n'],
  ['quotes that do not match', 'WHERE="a\'\nKEEP=""4""\n'],
  ['quotes within', 'WHERE=a"b"c\n'],
  ['blanks in quotes', 'WHERE=" a "\n'],
  ['nothing', 'MOBO_ENV=\nKEEP=\nWHERE=\n'],
  ['a byte order mark', '\ufeffMOBO_ENV=staging\nKEEP=3\n'],
  ['CRLF', 'MOBO_ENV=staging\r\nKEEP=3\r\n'],
  ['a no-break space', 'WHERE=\u00a0a\u00a0\n\u00a0KEEP=3\n'],
  ['a form feed', 'WHERE=a\f\n'],
  ['tabs and NULs', '\tKEEP\t=\t3\v\0\nWHERE\0=a\n'],
  ['an = in it', 'WHERE=a=b==\n'],
  ['an expansion', 'A=1\nWHERE=$A\n'],
  ['names with dots and dashes', 'A.B=1\nA-B=2\nKEEP=3\n'],
  ['comments', '#KEEP=1\n  # KEEP=2\nKEEP=3\n;KEEP=4\n'],
  ['not told: no UTF-8', Buffer.from('WHERE=\xe9\n', 'latin1')],
  ['spaces in the name', 'MOBO_ENV =staging\nKEEP = 3\n'],
  ['no line end', 'KEEP=3'],
];

const readsEnvironment = complete(
  "'path' => getenv('WHERE') ?: 'none', 'retention' => ['max_count' => (int) getenv('KEEP')]",
);
const ofEnvironments = {
  'config/environments/staging.php': over("'verification' => ['algorithm' => 'sha1']"),
  'config/environments/production.php': over("'verification' => ['algorithm' => 'sha512']"),
};

const placed = (path: string) => over(`'path' => '${path}'`);
const layers: [name: string, files: Variant['files'], env?: string][] = [
  ['the environment has a file', {'config/environments/development.php': placed('env')}],
  [
    'a directory beats it',
    {
      'config/environments/development.php': placed('file'),
      'config/environments/development/a.php': placed('dir'),
    },
  ],
  [
    'so does an empty one',
    {'config/environments/development.php': placed('file'), 'config/environments/development/': ''},
  ],
  [
    'and a plain file',
    {'config/environments/development.php': placed('file'), 'config/environments/development': 'x'},
  ],
  [
    'secrets over the environment',
    {'config/environments/development.php': placed('env'), 'config/secrets/a.php': placed('secret')},
  ],
  ["another environment's secrets are read too", {'config/secrets/production.php': placed('other')}],
  [
    'the own file once more',
    {'config/secrets/development.php': placed('own'), 'config/secrets/z.php': placed('z')},
  ],
  [
    'not where it has a directory',
    {
      'config/secrets/development.php': placed('own'),
      'config/secrets/z.php': placed('z'),
      'config/secrets/development/': '',
    },
  ],
  [
    'nor beside a plain file',
    {
      'config/secrets/development.php': placed('own'),
      'config/secrets/z.php': placed('z'),
      'config/secrets/development': 'x',
    },
  ],
  [
    'secrets of a directory',
    {'config/secrets/z.php': placed('z'), 'config/secrets/development/a.php': placed('dir')},
  ],
  ['secrets as a file', {'config/secrets.php': placed('secrets')}],
  ['not beside the directory', {'config/secrets.php': placed('secrets'), 'config/secrets/': ''}],
  [
    'by name',
    {'config/base/z.php': placed('z'), 'config/base/Z.php': placed('Z'), 'config/base/zz.php': placed('zz')},
  ],
  [
    'hidden and other files',
    {
      'config/base/.z.php': placed('z'),
      'config/base/z.php.bak': placed('bak'),
      'config/base/z.PHP': placed('PHP'),
      'config/base/deep/z.php': placed('deep'),
    },
  ],
  [
    'lists by index',
    {
      [base]: complete("'datasets' => [['name' => 'a', 'source' => 'a'], ['name' => 'b', 'source' => 'b']]"),
      'config/secrets/a.php': over("'datasets' => [['name' => 'c']]"),
    },
  ],
  [
    'an empty list clears nothing',
    {
      [base]: complete("'datasets' => [['name' => 'a', 'source' => 'a']]"),
      'config/secrets/a.php': over("'datasets' => []"),
    },
  ],
  [
    'null over it',
    {
      [base]: complete("'datasets' => [['name' => 'a', 'source' => 'a']]"),
      'config/secrets/a.php': over("'datasets' => null"),
    },
  ],
  ['a text over an array', {'config/secrets/a.php': "<?php return ['magds' => ['backup' => null]];"}],
  [
    'the connection elsewhere',
    {[base]: over("'path' => 'x'"), 'config/secrets/a.php': whole(`'magds' => [${primary}]`)},
  ],
  ['no connection', {[base]: over("'path' => 'x'")}],
  ['a null connection', {'config/secrets/a.php': whole("'magds' => ['primary' => ['connection' => null]]")}],
  ['an environment nobody knows', {'config/environments/qa.php': placed('qa')}, 'qa'],
  [
    'but fixed in the kernel',
    {
      'config/environments/qa.php': placed('qa'),
      'config/base/kernel.php': whole("'kernel' => ['environment' => 'staging']"),
    },
    'qa',
  ],
  ['a bad one in the kernel', {'config/base/kernel.php': whole("'kernel' => ['environment' => 'qa']")}],
  [
    'a bad one, mended by secrets',
    {
      'config/base/kernel.php': whole("'kernel' => ['environment' => 'qa']"),
      'config/secrets/a.php': whole("'kernel' => ['environment' => 'testing']"),
    },
  ],
  ['in capitals', {}, 'Production'],
  [
    'the kernel by getenv',
    {'config/base/kernel.php': whole("'kernel' => ['environment' => getenv('MOBO_ENV') ?: 'development']")},
    'testing',
  ],
  [
    'the kernel by getenv, unset',
    {'config/base/kernel.php': whole("'kernel' => ['environment' => getenv('MOBO_ENV')]")},
  ],
  [
    'a file that another requires',
    {
      [base]: complete("'path' => require __DIR__ . '/../part.inc'"),
      'config/part.inc': "<?php return 'part';",
    },
  ],
  [
    'what it sets',
    {
      [base]: complete("'path' => $p", "require __DIR__ . '/../part.inc';"),
      'config/part.inc': "<?php $p = 'part';",
    },
  ],
  ['MagDB off', {'config/base/components.php': whole("'components' => ['MagDB' => ['enabled' => false]]")}],
  ['MagDB on', {'config/base/components.php': whole("'components' => ['MagDB' => ['enabled' => true]]")}],
  [
    'metrics elsewhere',
    {
      'config/base/o.php': whole(
        "'observability' => ['metrics' => ['file' => 'storage/metrics/kernel.prom']]",
      ),
    },
  ],
  [
    'the audit log elsewhere',
    {'config/base/s.php': whole("'security' => ['audit_log' => ['path' => 'logs/a.log']]")},
  ],
  ['a syntax error', {'config/base/z.php': '<?php return [;'}],
  ['no array', {'config/base/z.php': '<?php return 5;'}],
  ['nothing returned', {'config/base/z.php': '<?php $a = 1;'}],
  ['a byte order mark', {'config/base/z.php': `\ufeff${placed('z')}`}],
  [
    'a byte order mark before strict types',
    {'config/base/z.php': `\ufeff${over("'path' => 'z'", 'declare(strict_types=1);')}`},
  ],
  ['not told: latin1', {'config/base/z.php': Buffer.from(placed('z\xe9'), 'latin1')}],
  ['latin1 in a comment', {'config/base/z.php': Buffer.from(over("'path' => 'z'", '/* \xe9 */'), 'latin1')}],
  ['something unused that PHP dies of', {'config/base/z.php': whole("'other' => 1 % 0")}],
  [
    'something unused that is deprecated',
    {'config/base/z.php': '<?php $a = 1; return ["other" => "$' + '{a}"];'},
  ],
];

/** Layers by chance, always the same ones. */
function random(count: number): Variant[] {
  const setting = fc.constantFrom(
    "'path' => 'a'",
    "'path' => 'b' . getenv('SET')",
    "'enabled' => false",
    "'enabled' => true",
    "'enabled' => 1",
    "'datasets' => [['name' => 'a', 'source' => 'a']]",
    "'datasets' => [['name' => 'b', 'source' => 'b'], ['name' => 'c', 'source' => 'c']]",
    "'datasets' => [1 => ['source' => 'd']]",
    "'datasets' => []",
    "'retention' => ['max_count' => 3]",
    "'retention' => ['max_count' => null]",
    "'retention' => []",
    "'verification' => ['algorithm' => 'md5']",
  );
  const file = fc.constantFrom(
    'config/base/z.php',
    'config/environments/production.php',
    'config/environments/production/a.php',
    'config/environments/staging.php',
    'config/secrets/a.php',
    'config/secrets/production.php',
    'config/secrets/production/a.php',
    'config/secrets/staging.php',
  );
  const layer = fc.tuple(file, fc.array(setting, {minLength: 1, maxLength: 3}));
  const variant = fc.record({
    layers: fc.array(layer, {minLength: 2, maxLength: 6}),
    line: fc.constantFrom('', 'MOBO_ENV=staging', 'MOBO_ENV=', 'MOBO_ENV="production"', 'SET=file'),
    env: fc.constantFrom<Record<string, string>>(
      {},
      {MOBO_ENV: 'production'},
      {MOBO_ENV: 'staging', SET: 'process'},
    ),
    order: fc.constantFrom('GPCS', 'EGPCS'),
  });
  return fc.sample(variant, {seed: 20_261_123, numRuns: count}).map(({layers, line, env, order}, index) => ({
    name: `by chance ${index}`,
    files: {
      '.env': line,
      [base]: complete("'datasets' => [['name' => 'x', 'source' => 'x'], ['name' => 'y', 'source' => 'y']]"),
      ...Object.fromEntries(layers.map(([at, given]) => [at, over(given.join(', '))])),
    },
    env,
    order,
  }));
}

const asked = {SET: 'set', EMPTY: '', ZERO: '0', TRUE: 'true', NULL: 'null'};

export const variants: Variant[] = [
  ...settings.map((each) => one(`setting ${each}`, complete(each))),
  one('backup is null', whole(`'magds' => [${primary}, 'backup' => null]`)),
  one('no backup', whole(`'magds' => [${primary}]`)),
  ...texts.map(([before, code]) =>
    one(`expression ${before} ${code}`, complete(`'path' => ${code}`, before), {env: asked}),
  ),
  ...riddles.map(([before, code]) =>
    one(`not told: ${before} ${code}`, complete(`'path' => ${code}`, before)),
  ),
  ...lists.map((list) => one(`list ${list}`, complete(`'datasets' => [${list}]`))),
  ...environmentFiles.flatMap(([name, text]) =>
    [{}, {MOBO_ENV: 'production', KEEP: '9', WHERE: 'process'}].flatMap((env) =>
      (Object.keys(env).length > 0 ? ['GPCS', 'EGPCS'] : ['GPCS']).map((order) =>
        one(`.env with ${name}, ${JSON.stringify(env)}, ${order}`, readsEnvironment, {
          files: {'.env': text, ...ofEnvironments},
          env,
          order,
        }),
      ),
    ),
  ),
  ...layers.map(([name, files, environment]) =>
    one(`layers: ${name}`, complete(''), {files, env: environment ? {MOBO_ENV: environment} : {}}),
  ),
  ...random(60),
];
