import {counted, formatBytes} from '../base/format.ts';
import {Problem} from '../base/problem.ts';
import {shellWord} from '../base/shell-word.ts';
import {readDatabases, whyUncovered} from '../config/databases.ts';
import {connectionName, freeOnServer} from '../postgres/connection.ts';
import {identifier, literal} from '../postgres/quote.ts';
import {firstNamed} from '../postgres/standing.ts';
import {findClients} from '../postgres/tools.ts';
import {type LeftDatabase, leftDatabases} from '../restore/left-databases.ts';
import type {AskedDataset} from './ask-databases.ts';
import {beware, type InProject, type LaterFindings, unknown, wrong} from './check.ts';

/** A database that PHP writes to, and that is in no backup. */
export async function* checkCovered(subject: InProject): LaterFindings {
  const {root, configuration, options} = subject;
  const {databases, problem} = await readDatabases(root, configuration, options.env, options.environment);
  if (problem !== null) {
    yield unknown(`which databases PHP connects to is not known: ${problem}`);
    return undefined;
  }
  for (const database of databases) {
    const {connections, what, reason, from, isPrimary} = database;
    if (whyUncovered(database) === null) continue;
    const where = `${connections.join(', ')}, ${from}`;
    if (what === null)
      yield beware(
        `which database PHP connects to as ${where} is not known: ${reason}; no dataset holds it`,
        'Name it in storage/runbook/config.json, by host and database.',
      );
    else
      yield beware(
        `${what} (${where})${isPrimary ? ', the primary,' : ''} is in no backup: no dataset holds it`,
        'Add it. What to put into storage/runbook/config.json:',
        [subject.command('config --suggest')],
      );
  }
  const held = databases.filter(({datasets}) => datasets.length > 0).length;
  return databases.length === 0
    ? undefined
    : `${held} of ${counted(databases.length, 'database')} of the PHP configuration in a dataset`;
}

const answered = (asked: readonly AskedDataset[]) =>
  asked.flatMap(({dataset, connection, answer}) =>
    connection && 'standing' in answer ? [{dataset, connection, standing: answer.standing}] : [],
  );

/** Whether each can be reached, and with the right clients. */
export async function* checkConnections(subject: InProject): LaterFindings {
  const asked = await subject.databases();
  for (const {dataset, answer} of asked)
    if ('reason' in answer)
      yield wrong(`${dataset.name}: ${answer.reason}`, 'Until then it is in no new backup.');
  const said: string[] = [];
  for (const {dataset, connection, standing} of answered(asked)) {
    const {major, version, role, tables, bytes, standby} = standing;
    try {
      await findClients(major);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      yield wrong(`${dataset.name}: ${error.message}`);
      continue;
    }
    if (standby)
      yield beware(
        `${dataset.name}: ${connectionName(connection)} is a standby: it can be backed up, and not restored there`,
        'Name the primary in the configuration.',
      );
    said.push(
      `${dataset.name}: ${connectionName(connection)}, PostgreSQL ${version.split(' ')[0]}, as ${role}: ${counted(tables, 'table')}, ${formatBytes(bytes)}`,
    );
  }
  return said.join('; ') || undefined;
}

/** A statement for the server, as a command to be copied. @param database where it is not the server's as a whole */
const psql = (statement: string, database?: string): string =>
  `psql${database === undefined ? '' : ` -d ${shellWord(database)}`} -c ${shellWord(statement)}`;

/** No statement takes all of them. */
const grantObjects = (role: string): string =>
  `DO $$ DECLARE o oid; BEGIN FOR o IN SELECT oid FROM pg_largeobject_metadata LOOP EXECUTE 'GRANT SELECT ON LARGE OBJECT ' || o || ' TO ' || quote_ident(${literal(role).trim()}); END LOOP; END $$`;

/** Whether our role may read all of each, and put it back. */
export async function* checkRights(subject: InProject): LaterFindings {
  const all = answered(await subject.databases());
  for (const {dataset, connection, standing} of all) {
    const {role, owner, unreadable, guarded, objects, lacking, creates, renames, signals, standby} = standing;
    const name = identifier(role);
    if (unreadable.length > 0)
      yield wrong(
        `${dataset.name}: ${role} may not read ${firstNamed(unreadable)}: no dump can be made`,
        'As a superuser of that server:',
        [psql(`GRANT pg_read_all_data TO ${name}`)],
      );
    if (guarded.length > 0)
      yield wrong(
        `${dataset.name}: row security hides rows of ${firstNamed(guarded)} from ${role}: no dump can be made`,
        'As a superuser of that server:',
        [psql(`ALTER ROLE ${name} BYPASSRLS`)],
      );
    if (objects.length > 0)
      yield wrong(
        `${dataset.name}: ${role} may not read the large objects ${firstNamed(objects)}: no dump can be made`,
        'As a superuser of that server, and again for new ones:',
        [psql(grantObjects(role), connection.database)],
      );
    if (lacking.length > 0)
      yield wrong(
        `${dataset.name}: ${connectionName(connection)} has no schema ${firstNamed(lacking)}: no dump can be made`,
        'Check the "schemas" of the dataset:',
        [subject.command('config')],
      );
    if (standby || (renames && signals)) continue;
    const missing = [
      ...(creates ? [] : ['make a database']),
      ...(renames || (!creates && role === owner) ? [] : ['rename this one']),
      ...(signals ? [] : ["end others' sessions"]),
    ];
    yield beware(
      `${dataset.name}: ${role} may not ${missing.join(', nor ')}: a restore beside the live database is refused`,
      'As a superuser of that server:',
      [
        ...(creates ? [] : [psql(`ALTER ROLE ${name} CREATEDB`)]),
        ...(role === owner || standing.isSuperuser || !missing.includes('rename this one')
          ? []
          : [psql(`ALTER DATABASE ${identifier(connection.database)} OWNER TO ${name}`)]),
        ...(signals ? [] : [psql(`GRANT pg_signal_backend TO ${name}`)]),
      ],
    );
  }
  return all.length === 0 ? undefined : 'each can be read whole, and put back';
}

/** What restores of this root have left on the servers; what is none of its state any more is nobody's way back. */
export async function* checkLeftDatabases(subject: InProject): LaterFindings {
  const {root, state} = subject;
  const all = answered(await subject.databases());
  const left = new Map<string, LeftDatabase>();
  for (const {connection, standing} of state === null ? [] : all)
    for (const each of state === null ? [] : leftDatabases(root, state, connection, standing.marked))
      left.set(each.path, each);
  for (const {name, path, mark, isNeeded} of left.values()) {
    if (isNeeded) continue;
    yield beware(
      `${path}: left by session ${mark.session}, which no longer needs it (${leftWords[mark.is]} "${mark.of}")`,
      'Look at it, and drop it on its server:',
      [psql(`DROP DATABASE ${identifier(name)}`)],
    );
  }
  const needed = [...left.values()].filter(({isNeeded}) => isNeeded);
  if (all.length === 0) return undefined;
  return needed.length === 0
    ? 'no restore has left a database'
    : `kept for an open session: ${needed.map(({path}) => path).join(', ')}`;
}

/** By the comment that it has. */
const leftWords: Record<LeftDatabase['mark']['is'], string> = {
  staged: 'loaded, and never put in the place of',
  before: 'what was live as',
  written: 'written to, and taken out of the place of',
};

/** A restore loads the copy beside the live database, which stays until it is signed off. */
export async function* checkServerSpace(subject: InProject): LaterFindings {
  const said: string[] = [];
  for (const {dataset, connection, standing} of answered(await subject.databases())) {
    const {bytes, directory} = standing;
    const takes = `${dataset.name}: a restore takes about ${formatBytes(bytes)} more on its server`;
    const free = freeOnServer(connection, directory);
    if (free === null) said.push(`${takes}; how much is free there is not known`);
    else if (free < bytes)
      yield wrong(
        `${takes}, and ${formatBytes(free)} are free: ${formatBytes(bytes - free)} are missing`,
        'Make room there:',
        [`df -h ${shellWord(directory ?? '')}`],
      );
    else said.push(`${takes}, ${formatBytes(free)} free`);
  }
  return said.length === 0 ? undefined : said.join('; ');
}
