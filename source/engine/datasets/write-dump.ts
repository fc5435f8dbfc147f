import {phpDate} from '../base/php-date.ts';
import {type Connection, serverName} from '../postgres/connection.ts';
import type {Dumped} from '../postgres/dump.ts';
import {copyNames} from '../storage/manifest/copy-names.ts';
import type {CopyFacts} from '../storage/manifest/facts.ts';

/** Where it was. @param named its connection in the PHP configuration; null where it has none */
export const placeFacts = (
  connection: Connection,
  named: string | null,
): Pick<CopyFacts, 'type' | 'connection' | 'server'> => ({
  type: 'postgres',
  ...(named !== null && {connection: named}),
  server: serverName(connection),
});

/** What the manifest says of a dump. */
export const dumpFacts = (
  {systemId, serverVersion, toolVersion, snapshotAt, seconds, rows}: Dumped,
  connection: Connection,
  named: string | null,
): CopyFacts => ({
  ...placeFacts(connection, named),
  database: connection.database,
  format: 'custom',
  ...(systemId !== null && {server_id: systemId}),
  server_version: serverVersion,
  tool_version: toolVersion,
  snapshot_at: phpDate(snapshotAt),
  dump_seconds: String(Math.ceil(seconds)),
  rows,
});

/** A dataset's name as the name of a file. */
const plainName = (name: string): string => copyNames([{name, basename: null}])[0]?.[0] ?? 'database';

/** The name of its dump. */
export const dumpName = (name: string): string => `${plainName(name)}.dump`;

/** Where PHP's restore lays it, harmlessly. */
export const dumpSource = (root: string, name: string): string => `${root}/storage/restore/${dumpName(name)}`;
