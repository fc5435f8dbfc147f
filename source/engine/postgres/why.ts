import {escapeText} from '../base/escape.ts';
import {type Connection, connectionName} from './connection.ts';

/** Characters of what a client says that are told. */
const mostTold = 300;

/** What clients say of a connection, and what to do about it. Where the server speaks another language its own words stand. */
const advice: readonly [RegExp, string][] = [
  [/password authentication failed|no password supplied/, 'check the password of the connection'],
  [
    /no pg_hba\.conf entry|authentication failed/,
    "the server's pg_hba.conf does not let this user in from here",
  ],
  [/role ".*" does not exist/, 'check the user of the connection'],
  [/database ".*" does not exist/, 'check the name of the database'],
  [
    /server was lost|closed the connection|Connection refused|No such file or directory|No route to host|timeout expired|timed out|could not translate host name/,
    'check whether the server runs, and the host and port of the connection',
  ],
  [/the database system is/, 'try again in a moment'],
  [/lock timeout/, 'see who has it locked (pg_locks), and end that'],
  [/too many clients|remaining connection slots|too many connections/, 'end connections that are not needed'],
  [/definition of service ".*" not found/, 'check pg_service.conf'],
  [/permission denied|must be (?:owner|superuser|member)/, 'give the user of the connection that right'],
  [/No space left on device/, 'make room'],
  [/server version mismatch/, "install the client package of the server's version"],
];

/** The line that says why, of all that a client wrote to its standard error. */
export function tellingLine(said: string): string {
  const lines = said
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  // What pg_dump says before it is that this failed.
  const server = lines.map((line) => /Error message from server: (.*)/.exec(line)?.[1]).find(Boolean);
  const error =
    server ?? lines.find((line) => /\b(?:error|FATAL|PANIC|ERROR):/.test(line)) ?? lines.at(-1) ?? '';
  return error
    .replace(/^(?:psql|pg_dump|pg_dumpall|pg_restore)(?:: error)?: /, '')
    .replace(/^connection to server .*? failed: /, '')
    .replace(/^(?:query failed: )?(?:ERROR|FATAL): +/, '')
    .replace(/\.$/, '');
}

/** Why something did not go, in one line: of which database, what the client or server said, and what to do. */
export function whyFailed(connection: Connection, said: string): string {
  const line = escapeText(tellingLine(said)).slice(0, mostTold) || 'the client ended without a message';
  const remedy = advice.find(([pattern]) => pattern.test(line))?.[1];
  return `${connectionName(connection)}: ${line}${remedy === undefined ? '' : `: ${remedy}`}`;
}
