import {exitCode, Problem} from '../base/problem.ts';
import {type Connection, connectionName} from './connection.ts';

/**
 * Has a server answer within some seconds: one that takes a connection and says nothing more would be waited for without end.
 * @param given ends it before
 * @throws Problem where the time is over; what `use` throws
 */
export async function inTime<Value>(
  connection: Connection,
  seconds: number,
  given: AbortSignal | undefined,
  use: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const late = AbortSignal.timeout(seconds * 1000);
  try {
    return await use(given ? AbortSignal.any([given, late]) : late);
  } catch (error) {
    if (!late.aborted || given?.aborted) throw error;
    throw new Problem(exitCode.failed, `${connectionName(connection)} did not answer within ${seconds} s`);
  }
}
