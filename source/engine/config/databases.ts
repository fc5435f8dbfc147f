import type {ConfiguredDataset} from '../datasets/type.ts';
import {type Connection, connectionName} from '../postgres/connection.ts';
import type {Configuration} from './configuration.ts';
import {type PhpConnection, readConnections, whyNoConnection} from './connections.ts';
import type {DescribedSetting} from './effective.ts';

/** A database that the PHP configuration connects to. Holds no password. */
type PhpDatabase = {
  /** The names of the connections that lead to it: the primary's first. */
  connections: string[];
  from: string;
  /** `database "magds" on db.example:5432`; null where that is not known. */
  what: string | null;
  /** Why it is not known which one it is; null where it is. */
  reason: string | null;
  isPrimary: boolean;
  /** Every connection to it is a replica's: a backup of the primary holds its data. */
  isReplica: boolean;
  /** No PostgreSQL at all. */
  isForeign: boolean;
  /** Names of the datasets that hold it. */
  datasets: string[];
};

const isLocal = (host: string | undefined): boolean =>
  host === undefined || host.startsWith('/') || ['localhost', '127.0.0.1', '::1'].includes(host);

/** Whether two mean one database: over the network of this machine, or by a socket of it, on one port it is one server. */
const isSame = (one: Connection, other: Connection): boolean =>
  one.database === other.database &&
  one.service === other.service &&
  (one.port ?? 5432) === (other.port ?? 5432) &&
  (one.host === other.host || (isLocal(one.host) && isLocal(other.host)));

const connectionOf = ({reached}: PhpConnection): Connection | null =>
  'connection' in reached ? reached.connection : null;

/** Whether a dataset holds the database that a connection leads to. */
function holds({type, ...dataset}: ConfiguredDataset, connection: PhpConnection): boolean {
  const reached = type.reaches?.({...dataset, type})?.by;
  if (reached === undefined) return false;
  if (typeof reached === 'string') return reached === connection.name;
  const its = connectionOf(connection);
  return its !== null && isSame(reached, its);
}

function describe(same: PhpConnection[], datasets: ConfiguredDataset[]): PhpDatabase {
  const [first] = same.toSorted((a, b) => Number(b.isPrimary) - Number(a.isPrimary)) as [PhpConnection];
  const connection = connectionOf(first);
  return {
    connections: [first, ...same.filter((each) => each !== first)].map(({name}) => name),
    from: first.from,
    what: connection && connectionName(connection),
    reason: 'reason' in first.reached ? first.reached.reason : null,
    isPrimary: first.isPrimary,
    isReplica: same.every(({isReplica}) => isReplica),
    isForeign: 'isForeign' in first.reached && first.reached.isForeign,
    datasets: datasets.filter((dataset) => same.some((each) => holds(dataset, each))).map(({name}) => name),
  };
}

/** A connection that a dataset names, and that PHP does not have. */
type LostConnection = {name: string; dataset: string; from: string; problem: string};

/** @property problem why none of them is known */
export type Databases = {databases: PhpDatabase[]; lost: LostConnection[]; problem: string | null};

/** A dataset of such a connection is in no backup. */
const lostAmong = (datasets: ConfiguredDataset[], connections: PhpConnection[]): LostConnection[] =>
  datasets.flatMap((dataset) => {
    const name = dataset.type.reaches?.(dataset)?.by;
    if (typeof name !== 'string' || connections.some((each) => each.name === name)) return [];
    const problem = whyNoConnection(name, connections);
    return {name, dataset: dataset.name, from: dataset.from, problem};
  });

/**
 * The databases that the PHP configuration of a root connects to, each once, and which datasets hold it.
 * @param given the environment named by `--env`
 */
export async function readDatabases(
  root: string,
  {datasets}: Pick<Configuration, 'datasets'>,
  env: NodeJS.ProcessEnv,
  given?: string,
): Promise<Databases> {
  const {connections, problem} = await readConnections(root, env, given);
  const groups: PhpConnection[][] = [];
  for (const each of connections) {
    const its = connectionOf(each);
    const same = groups.find(([first]) => {
      const other = first && connectionOf(first);
      return its !== null && other != null && isSame(its, other);
    });
    if (same) same.push(each);
    else groups.push([each]);
  }
  const lost = problem === null ? lostAmong(datasets.value, connections) : [];
  return {databases: groups.map((same) => describe(same, datasets.value)), lost, problem};
}

/** Why a database is in no backup, and what to do; null where a dataset holds it, or none has to. */
export function whyUncovered({isReplica, isForeign, datasets, what, reason}: PhpDatabase): string | null {
  if (isReplica || isForeign || datasets.length > 0) return null;
  const which = what === null ? `, and it is not known which database it is: ${reason}` : '';
  const advice = what === null ? '' : ': "magds config --suggest" prints what to add';
  return `it is in no backup, because no dataset holds it${which}${advice}`;
}

/** Each as a line of the configuration: the same for the command and the screen. */
export function describeDatabases({databases, lost, problem}: Databases): DescribedSetting[] {
  const lines = databases.map((database) => {
    const {connections, what, reason, datasets, isReplica, from} = database;
    const held = datasets.length > 0 ? `, in ${datasets.join(', ')}` : isReplica ? ', a replica' : '';
    return {
      name: `database ${connections.join(', ')}`,
      value: `${what ?? reason}${held}`,
      from,
      problem: whyUncovered(database),
    };
  });
  for (const each of lost)
    lines.push({...each, name: `connection ${each.name}`, value: `not there, in ${each.dataset}`});
  return problem === null ? lines : [{name: 'databases', value: 'not known', from: '', problem}];
}
