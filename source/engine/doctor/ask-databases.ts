import {reasonOf} from '../base/problem.ts';
import type {ConfiguredDataset, FindConnection} from '../datasets/type.ts';
import {type Connection, inTime} from '../postgres/connection.ts';
import {readStanding, type ServerStanding} from '../postgres/standing.ts';
import {markStart} from '../session/database-item.ts';

/** Seconds that a server may take to answer, and its client to be started: all are asked at once. */
const patience = 5;

/** A dataset that is a database, and what its server says of it, or why it does not. */
export type AskedDataset = {
  dataset: ConfiguredDataset;
  connection: Connection | null;
  answer: {standing: ServerStanding} | {reason: string};
};

async function ask(
  dataset: ConfiguredDataset,
  find: FindConnection,
  given: AbortSignal,
): Promise<AskedDataset | null> {
  const reached = dataset.type.reaches?.(dataset) ?? null;
  if (reached === null) return null;
  const {by, schemas} = reached;
  const found = typeof by === 'string' ? await find(by) : {connection: by};
  if ('reason' in found) return {dataset, connection: null, answer: found};
  const {connection} = found;
  try {
    const standing = await inTime(connection, patience, given, (signal) =>
      readStanding(connection, schemas, markStart, signal),
    );
    return {dataset, connection, answer: {standing}};
  } catch (error) {
    const reason = reasonOf(error);
    return {dataset, connection, answer: {reason}};
  }
}

/** Those datasets that are databases. All servers are asked at once: one that does not answer holds up no other. */
export async function askDatabases(
  datasets: readonly ConfiguredDataset[],
  find: FindConnection,
  signal: AbortSignal,
): Promise<AskedDataset[]> {
  const all = await Promise.all(datasets.map((dataset) => ask(dataset, find, signal)));
  return all.filter((each) => each !== null);
}
