import {reasonOf} from '../base/problem.ts';
import {noAccess} from '../postgres/connection.ts';
import {runClient} from '../postgres/run-client.ts';
import {type Clients, findClients} from '../postgres/tools.ts';
import {tellingLine} from '../postgres/why.ts';
import {type Finding, notChecked, shorten} from '../storage/content.ts';

/** What says that this pg_restore cannot tell. */
const beyondIt = /unsupported version|not built with|not supported by this/;

/**
 * Whether pg_restore reads an open dump to its end, all data included: its table of contents alone says nothing of them.
 * It reaches no server. Ends with this process.
 */
export async function checkDump(fd: number, signal?: AbortSignal): Promise<Finding> {
  let clients: Clients;
  try {
    clients = await findClients(null);
  } catch (error) {
    return notChecked('dump', reasonOf(error));
  }
  const args = ['-f', '/dev/null', `/proc/${process.pid}/fd/${fd}`];
  const {code, said} = await runClient(clients, 'pg_restore', args, noAccess(), {signal});
  if (code === 0) return {kind: 'dump', state: 'sound', check: 'pg_restore', detail: null};
  const line = tellingLine(said);
  if (code === null) return notChecked('dump', 'pg_restore was killed');
  if (beyondIt.test(line)) return notChecked('dump', `pg_restore ${clients.major} cannot read it: ${line}`);
  return {kind: 'dump', state: 'broken', check: 'pg_restore', detail: shorten(line)};
}
