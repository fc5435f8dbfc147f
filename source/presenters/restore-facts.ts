import {formatBytes, formatDuration, formatSpace} from '../engine/base/format.ts';
import {sum} from '../engine/base/sum.ts';
import {changes, type RestorePlan, type Space} from '../engine/restore/action.ts';
import type {OpenSession} from '../engine/restore/open-sessions.ts';
import {connectedText} from '../engine/session/database-facts.ts';
import {namedText} from '../engine/session/owner.ts';
import {partialTexts} from '../engine/storage/manifest/partial.ts';
import {tablesText} from './database-view.ts';
import {type Fact, fact, mostNamed, some} from './fact.ts';
import {momentOf} from './moment.ts';
import {present} from './present.ts';

/** At most so many facts of one kind; how many more there are is said by the last. */
function fewOf(facts: Fact[], most: number, what: string): Fact[] {
  const [first] = facts;
  const more = facts.length - most;
  return first && more > 0
    ? [...facts.slice(0, most), fact(first.mark, first.word, `and ${more} more${what}`)]
    : facts;
}

/** What a content check found: the operator decides. */
export const insideFacts = ({brokenInside}: RestorePlan, most = mostNamed): Fact[] =>
  fewOf(
    brokenInside.map(({name, detail}) => fact('!', 'Inside', `${name} is broken in this backup: ${detail}`)),
    most,
    '',
  );

/** What the backup itself says that it does not hold. */
export const partialFacts = ({partial}: RestorePlan, most = mostNamed): Fact[] =>
  partialTexts(partial, most).map((text) => fact('!', 'Partial', `in this backup: ${text}`));

/** Of each database: what comes, and whose sessions the switch ends. */
export const databaseFacts = (plan: RestorePlan, now: number): Fact[] =>
  changes(plan).flatMap(({dataset, database}) => {
    if (!database) return [];
    const {comes, live, sessions, role, serverVersion, room} = database;
    const rows = comes?.how === 'load' && comes.rows ? Object.values(comes.rows) : null;
    const what =
      comes?.how === 'rename'
        ? `the database "${comes.database}" comes back`
        : comes === null
          ? 'it was not there before, and goes again'
          : rows && `${tablesText(sum(rows), rows.length)} come`;
    const place = comes === null ? '' : 'in the place of ';
    const goes = live?.bytes == null ? '' : `, ${place}${formatBytes(live.bytes)}`;
    const who = sessions.map((each) => connectedText(each, (since) => momentOf(since, now)));
    const isLoaded = comes?.how === 'load';
    const of = (mark: Fact['mark'], word: string, text: string): Fact =>
      fact(mark, word, `${dataset}: ${text}`);
    return present([
      of(
        ' ',
        'Database',
        `${what ?? 'it is loaded'}${goes}; PostgreSQL ${serverVersion.split(' ')[0]}, as ${role}`,
      ),
      live === null &&
        isLoaded &&
        of(
          '!',
          'Made new',
          `it is not there now: it is made as ${role}'s, without its own settings and grants, which no dump holds: look at them before anyone is let in`,
        ),
      room &&
        isLoaded &&
        of(
          room.free < room.needed ? '!' : ' ',
          'On server',
          `about ${formatBytes(room.needed)} more, ${formatBytes(room.free)} free`,
        ),
      who.length > 0 &&
        of('!', 'Sessions', `${who.length === 1 ? '1 is' : `${who.length} are`} ended: ${some(who)}`),
    ]);
  });

/** What could not be looked at, and who may be in the way. */
export const unseenFacts = ({php, unseen}: RestorePlan): Fact[] =>
  present([
    ...php.map((each) => fact('!', 'PHP', `the CLI is running (${each}): let it end first`)),
    unseen > 0 && fact('?', 'Unseen', `open files of ${unseen} processes: you are not root`),
  ]);

/** To whom what is made belongs, where the tree is somebody else's (RESTORE.md, "Owners and modes"). */
export function ownerFacts(plan: RestorePlan): Fact[] {
  const {owner, actions} = plan;
  if (!owner) return [];
  const {me, tree} = owner;
  const made = actions.some(({action}) => action === 'create') ? ", new ones get their directory's" : '';
  const files = me === 'root' ? `files keep their owner${made}` : 'new files belong to you';
  return [fact('!', 'Owner', `${me} in ${tree}'s tree: ${files}, session is ${me}'s`)];
}

/** Which of a plan's datasets an open session has restored: of those that it changes, or may change. */
export function restoredBy(plan: RestorePlan, {restored}: OpenSession): string[] {
  const changed = changes(plan);
  const names = new Set((changed.length > 0 ? changed : plan.actions).map(({dataset}) => dataset));
  return restored.filter((name) => names.has(name));
}

/** What a session that is open is about is changed under it: nobody is kept from that, but has to know. */
export const openSessionFacts = (plan: RestorePlan): Fact[] =>
  plan.openSessions.map((session) => {
    const names = restoredBy(plan, session);
    const {number, owner} = session;
    const open = `${number}${owner === null ? '' : `, with ${namedText(owner)},`} is open`;
    return names.length === 0
      ? fact(' ', 'Session', `${open}; it has restored none of these`)
      : fact(
          '!',
          'Session',
          `${open} and has restored ${some(names)}: its checks and its undo are about what is live now`,
        );
  });

/** What else the backup and the configuration do not agree on. */
export function besideFacts({leftOut, leaves, notes}: RestorePlan, most = mostNamed): Fact[] {
  const absent = leftOut.filter(({reason}) => reason === 'not in the backup').map(({name}) => name);
  return present([
    absent.length > 0 &&
      fact('!', 'Not in it', `${some(absent, most)}: configured now, not in this backup; stays as it is`),
    ...leftOut.map(
      ({name, reason}) => !reason.startsWith('not ') && fact('!', 'Stays', `${name}: ${reason}`),
    ),
    leaves.length > 0 && fact('!', 'Stays', `${leaves.length} live files that the backup does not hold`),
    ...fewOf(
      notes.map((note) => fact('!', 'Note', note)),
      most,
      ' notes',
    ),
  ]);
}

const spaceText = ({needed, free, where}: Space): string =>
  `${formatSpace(needed, free)} on the disk of ${where}`;

function wayBack(plan: RestorePlan): Fact {
  const {into, safety, undoes} = plan;
  if (into !== null) return fact(' ', 'Way back', 'delete the directory');
  if (!safety && changes(plan).some(({live, database}) => live?.kind === 'file' || database?.live))
    return fact('!', 'Way back', 'NONE once the session is closed: no safety backup');
  const undo = undoes === null ? 'undo' : 'undo of the undo';
  return fact(' ', 'Way back', safety ? `${undo}, from a safety backup that is made first` : undo);
}

/** What it takes, and what leads back. */
export const costFacts = (plan: RestorePlan): Fact[] => [
  fact(' ', 'Time', `about ${formatDuration(plan.seconds)}; the switch itself under a second`),
  ...plan.space.map((each, index) => fact(' ', index === 0 ? 'Space' : '', spaceText(each))),
  wayBack(plan),
];
