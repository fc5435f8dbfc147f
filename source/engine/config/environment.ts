import type {Variables} from './env-file.ts';
import {type Order, readOrder} from './php-ini.ts';

/** What the kernel calls an environment it accepts (FORMAT.md, "Configuration"). */
export const environments = ['development', 'testing', 'staging', 'production'];

/** No other becomes part of a path. */
export const isPlainName = (environment: string): boolean => /^[A-Za-z0-9_-]+$/.test(environment);

const unnamed = 'development';

export type Chosen = {
  environment: string;
  /** Where the environment's name comes from. */
  environmentFrom: '--env' | '.env' | 'MOBO_ENV' | 'default';
  /** `.env` and the process name different environments: nothing is written before `--env` decides. */
  conflict: {file: string; process: string; order: Order} | null;
  /** Other variables that both set, to different values; null where there are none. */
  doubt: {names: string[]; order: Order} | null;
  /** What getenv() finds. */
  variables: Variables;
};

/** What has to be settled before anything is written. */
export const describeConflict = ({file, process}: NonNullable<Chosen['conflict']>): string =>
  `.env says ${file}, the process says ${process}`;

/** What Node could not decode is no text. */
const ofProcess = (env: NodeJS.ProcessEnv): Map<string, string | null> =>
  new Map(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value.includes('\ufffd') ? null : value]],
    ),
  );

/** Which environment, and who says so: `.env`, the process, or the operator, whom both have to obey. */
export function chooseEnvironment(file: Variables, env: NodeJS.ProcessEnv, given?: string): Chosen {
  const process = ofProcess(env);
  const both = [...file.keys()].filter((name) => process.has(name) && process.get(name) !== file.get(name));
  // Files are looked for only where it matters.
  const order: Order = both.length > 0 ? readOrder(env) : {first: '.env', from: null};
  const variables = new Map(order.first === '.env' ? [...process, ...file] : [...file, ...process]);
  const named = (from: Variables) =>
    from.get('MOBO_ENV') === null ? '\ufffd' : from.get('MOBO_ENV') || unnamed;
  const differ = both.includes('MOBO_ENV') && named(file) !== named(process);
  // An empty one beside a .env that counts is as good as none.
  const silent = order.first === '.env' && process.get('MOBO_ENV') === '';
  const conflict =
    differ && !silent && given === undefined ? {file: named(file), process: named(process), order} : null;
  const names = both.filter((name) => name !== 'MOBO_ENV');
  const rest = {conflict, doubt: names.length > 0 ? {names, order} : null, variables};
  if (given !== undefined) {
    variables.set('MOBO_ENV', given);
    return {environment: given, environmentFrom: '--env', ...rest};
  }
  const isFile = file.has('MOBO_ENV') && (order.first === '.env' || !process.has('MOBO_ENV'));
  const isSet = file.has('MOBO_ENV') || process.has('MOBO_ENV');
  const from = isFile ? '.env' : process.get('MOBO_ENV') === '' || !isSet ? 'default' : 'MOBO_ENV';
  return {environment: named(variables), environmentFrom: from, ...rest};
}
