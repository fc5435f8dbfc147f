import {isLine, said} from './lines.ts';
import type {RecordLine} from './record.ts';

/** An operator at a terminal. */
export type Who = {
  /** As the record names him. */
  operator: string;
  /** The address that he came from over SSH; null where he sits at the machine, or that is not known. */
  from: string | null;
  /** Tells one open screen from another; null for a command, which ends as soon as it is done. */
  screen: string | null;
  /** Who they say they are, which nobody checks; null where they have not said. */
  person?: string | null | undefined;
};

/** Who has a session: the operator who opened it or took it over last. */
export type Owner = Who & {
  /** UTC, ISO 8601. */
  at: string;
};

/** The environment variable with the name of the person who uses a shared login. */
export const personVariable = 'MAGDS_OPERATOR';

/** The name that was typed, which nothing checks; null where none was. */
export const personName = (env: NodeJS.ProcessEnv): string | null =>
  env[personVariable]?.trim().slice(0, 200) || null;

/** The address that an operator came from, as sshd says: `10.0.0.2 51344 10.0.0.1 22`. */
export function cameFrom(env: NodeJS.ProcessEnv): string | null {
  const [address = ''] = (env['SSH_CONNECTION'] ?? env['SSH_CLIENT'] ?? '').split(' ');
  return /^[0-9a-f.:]{2,45}(%[\w.-]{1,16})?$/i.test(address) ? address : null;
}

/** Those who had a session one after the other, as its record tells it. */
export const ownersOf = (lines: RecordLine[]): Owner[] =>
  lines.filter(isLine('opened', 'taken-over')).map((line) => ({
    operator: line.operator,
    from: said(line, 'from') || null,
    screen: said(line, 'screen') || null,
    person: (line.type === 'opened' ? openedBy(lines) : said(line, 'person')) || null,
    at: line.at,
  }));

/** The process that restores notes it with where it does that. */
const openedBy = (lines: RecordLine[]): string | null | undefined =>
  said(lines.find(isLine('context')), 'who')?.person;

/** `root (Kim Vogel, typed)`: the login, and who says that they use it. */
export const namedText = ({operator, person}: Pick<Who, 'operator' | 'person'>): string =>
  person && person.toLowerCase() !== operator.toLowerCase() ? `${operator} (${person}, typed)` : operator;

const isSame = (a: Who, b: Who): boolean => a.operator === b.operator && a.from === b.from;

/**
 * Whether an operator may answer for a session: `mine`; `goes on`, where the same operator comes back in another
 * terminal, whose first answer takes it there; or `watches`. A screen that has lost it watches, whichever took it.
 */
export function standingOf(owners: Owner[], me: Who): 'mine' | 'goes on' | 'watches' {
  const owner = owners.at(-1);
  if (!owner) return 'mine';
  const had = me.screen !== null && owners.some(({screen}) => screen === me.screen);
  if (had) return owner.screen === me.screen ? 'mine' : 'watches';
  return isSame(owner, me) ? 'goes on' : 'watches';
}

/** `bob from 10.0.0.2`; the address is what tells one of the same login from the other. */
export const whoText = (who: Who): string =>
  who.from === null ? namedText(who) : `${namedText(who)} from ${who.from}`;

/** `03:20Z`, or with its day where that is another one. */
function timeText(at: string, now: number): string {
  const day = at.slice(0, 10) === new Date(now).toISOString().slice(0, 10) ? '' : `${at.slice(0, 10)} `;
  return `${day}${at.slice(11, 16)}Z`;
}

/**
 * Why an operator only watches a session, in words; null where he may answer for it. Nothing in it is escaped.
 * @param now milliseconds since the epoch
 */
export function whyWatching(number: number, owners: Owner[], me: Who, now: number): string | null {
  const owner = owners.at(-1);
  if (!owner || standingOf(owners, me) !== 'watches') return null;
  const since = timeText(owner.at, now);
  const isNamesake = owner.operator === me.operator && owner.from === null;
  const who = isNamesake ? `${namedText(owner)} from an unknown address` : whoText(owner);
  if (!owners.slice(0, -1).some(({screen}) => screen !== null && screen === me.screen))
    return `session ${number} is with ${who} since ${since}`;
  return isSame(owner, me)
    ? `session ${number} went on in another terminal of yours at ${since}`
    : `session ${number} was taken over by ${who} at ${since}`;
}
