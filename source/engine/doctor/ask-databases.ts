import {describeError, Problem} from '../base/problem.ts';
import {readConnection} from '../config/connections.ts';
import type {ConfiguredDataset} from '../datasets/type.ts';
import {type Connection, connectionName} from '../postgres/connection.ts';
import {readStanding, type Standing} from '../postgres/standing.ts';

/** Seconds that a server may take to answer, and its client to be started: all are asked at once. */
const patience = 5;

/** A dataset that is a database, and what its server says of it, or why it does not. */
export type Asked = {
  dataset: ConfiguredDataset;
  connection: Connection | null;
  answer: {standing: Standing} | {reason: string};
};

type Asking = {root: string; env: NodeJS.ProcessEnv; environment: string | undefined; signal: AbortSignal};

async function ask(
  {root, env, environment, signal: given}: Asking,
  dataset: ConfiguredDataset,
): Promise<Asked | null> {
  const reached = dataset.type.reaches?.(dataset) ?? null;
  if (reached === null) return null;
  const found =
    typeof reached.by === 'string'
      ? await readConnection(reached.by, root, env, environment)
      : {connection: reached.by};
  if ('reason' in found) return {dataset, connection: null, answer: found};
  const {connection} = found;
  const late = AbortSignal.timeout(patience * 1000);
  try {
    const signal = AbortSignal.any([given, late]);
    return {dataset, connection, answer: {standing: await readStanding(connection, reached.schemas, signal)}};
  } catch (error) {
    const reason = late.aborted
      ? `${connectionName(connection)} did not answer within ${patience} s`
      : error instanceof Problem
        ? error.message
        : describeError(error);
    return {dataset, connection, answer: {reason}};
  }
}

/** Those datasets that are databases. All servers are asked at once: one that does not answer holds up no other. */
export async function askDatabases(asking: Asking, datasets: readonly ConfiguredDataset[]): Promise<Asked[]> {
  const all = await Promise.all(datasets.map((dataset) => ask(asking, dataset)));
  return all.filter((each) => each !== null);
}
