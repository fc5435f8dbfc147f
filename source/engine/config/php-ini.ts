import fs from 'node:fs';
import path from 'node:path';
import {readSmallFile} from '../base/files.ts';
import {findPhp} from '../base/find-php.ts';
import {trim} from './env-file.ts';

/** Bytes of a php.ini that are read. */
const largest = 1024 * 1024;

/** Which of two values PHP takes where `.env` and the process set the same variable. */
export type Order = {
  first: '.env' | 'process';
  /** The php.ini that says so; null where none can be seen, so that it is only assumed. */
  from: string | null;
};

export const describeOrder = ({first, from}: Order): string =>
  `${first === '.env' ? '.env' : 'the process'} counts${from ? `, by ${from}` : ', it is assumed: no php.ini that says so can be seen'}`;

const list = (directory: string): string[] => {
  try {
    return fs.readdirSync(directory).sort();
  } catch {
    // Whatever keeps us from it, it cannot be seen.
    return [];
  }
};

/** Where PHP's command line looks for its php.ini: Debian's for each version, Red Hat's, and where it was built by hand. */
function places(php: string | null): string[] {
  const debian = list('/etc/php').map((version) => `/etc/php/${version}/cli`);
  const own = php && `/etc/php/${/^php(\d+\.\d+)$/.exec(path.basename(php))?.[1]}/cli`;
  if (own && debian.includes(own)) return [own];
  const prefix = php && path.dirname(path.dirname(php));
  const built = prefix && prefix !== '/usr' ? [`${prefix}/etc/php`, `${prefix}/etc`, `${prefix}/lib`] : [];
  return built.length > 0 ? built : [...debian, '/etc', '/usr/local/etc/php', '/usr/local/lib'];
}

/** The php.ini of a place, which may be the file itself, and what is read over it. */
function filesOf(place: string, scanned: string | undefined): string[] {
  const isFile = path.extname(place) === '.ini';
  const main = isFile
    ? place
    : [`${place}/php-cli.ini`, `${place}/php.ini`].find((file) => fs.existsSync(file));
  const directory =
    scanned ?? (place === '/etc' ? '/etc/php.d' : `${isFile ? path.dirname(place) : place}/conf.d`);
  const more = list(directory).filter((name) => name.endsWith('.ini'));
  return main === undefined ? [] : [main, ...more.map((name) => path.join(directory, name))];
}

/** Debian links to them. What cannot be read says nothing. */
function readLinked(file: string): string {
  try {
    const read = readSmallFile(fs.realpathSync(file), largest);
    return 'data' in read ? read.data.toString('latin1') : '';
  } catch {
    return '';
  }
}

/** The last `variables_order` of these files, and where it stands; PHP's own, where none of them sets it. */
function orderIn(files: string[]): Order {
  const found = {order: 'EGPCS', from: files[0] as string};
  for (const file of files) {
    for (const line of readLinked(file).split(/\r\n?|\n/)) {
      const value = /^[ \t]*variables_order[ \t]*=([^;]*)/.exec(line)?.[1];
      if (value !== undefined) Object.assign(found, {order: trim(value, ' \t"\''), from: file});
    }
  }
  return {first: /e/i.test(found.order) ? 'process' : '.env', from: found.from};
}

/**
 * Whether `.env` wins over the process, as the php.ini of PHP's command line has it (FORMAT.md, "Configuration").
 * Where several can be seen and differ, or none, it is assumed: PHP without a php.ini lets the process win, and where
 * there is no PHP at all Debian's is taken for it.
 */
export function readOrder(env: NodeJS.ProcessEnv): Order {
  const php = findPhp(env['PATH']);
  const where = env['PHPRC'] ? [env['PHPRC']] : places(php);
  const seen = where
    .map((place) => filesOf(place, env['PHP_INI_SCAN_DIR']))
    .filter((files) => files.length > 0);
  const [first, ...others] = seen.map(orderIn);
  if (first && others.every((other) => other.first === first.first)) return first;
  return {first: php !== null && !first ? 'process' : '.env', from: null};
}
