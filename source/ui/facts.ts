import type {BadSince} from '../engine/catalog/suggest.ts';
import type {CatalogEvent} from '../engine/catalog/watcher.ts';
import type {Since} from '../engine/checklist/since.ts';
import type {Configuration} from '../engine/config/configuration.ts';
import {configuredNames} from '../engine/config/effective.ts';
import type {ContentEvent} from '../engine/content/check.ts';
import type {Write} from '../engine/datasets/live-writes.ts';
import type {Standing} from '../engine/restore/switch.ts';
import {badSinceIn, type Incident} from '../engine/session/incident.ts';
import type {Phase} from '../engine/session/journal.ts';
import type {Who} from '../engine/session/owner.ts';
import type {Story} from '../engine/session/story.ts';
import {type SourceNames, sourceNames} from '../engine/storage/manifest/lying.ts';
import type {Place} from '../engine/storage/root.ts';
import type {VerifyEvent} from '../engine/verify/verify.ts';
import {type CatalogState, reduceCatalog} from '../presenters/catalog.ts';
import {type ContentProgress, reduceContent} from '../presenters/content-progress.ts';
import {type Damage, noteAltered, noteDamage, overlay} from '../presenters/damage.ts';
import {type FollowAction, type FollowTask, reduceFollow} from '../presenters/followed-restore.ts';
import {type InsideFound, noteInside, overlayInside} from '../presenters/inside-found.ts';
import {noProgress, reduceVerify, type VerifyProgress} from '../presenters/verify-progress.ts';
import type {Size} from './layout.ts';

export type VerifyTask = {
  id: string;
  state: 'running' | 'done' | 'stopped';
  progress: VerifyProgress;
  /** What is looked into after it; null before that. */
  content: ContentProgress | null;
};

/** A restore that stopped halfway. */
export type StoppedRestore = {
  session: number;
  id: string;
  undoes: number | null;
  /** It goes into a directory of its own, and touches nothing live. */
  drill: boolean;
  phase: Phase;
  operator: string | null;
  ticket: string | null;
  /** When its record ends. */
  at: string | null;
  pid: number;
  /** Why its journal is not obeyed; null where it is. */
  untrusted: string | null;
  /** What each live file is now; none where nothing had been changed, or its journal is not obeyed. */
  files: {dataset: string; target: string; standing: Standing}[];
};

/** What is known of the restores of a root. */
export type SessionsFacts = {
  /** Newest first; null until they were read. */
  stories: Story[] | null;
  /** What became of the live files since the restore of a session; null until it was looked at. */
  since: {session: number; datasets: Since[]} | null;
  /** The evidence of a session that says that it is signed off, `file: null` where there is none; null until it was looked for. */
  final: {session: number; file: string | null} | null;
  /** The step that is being answered by machine, and how far that is, in bytes. */
  checking: {session: number; step: string; done: number; total: number} | null;
};

/** What is known, whatever screen is seen: it changes by what happens, in the engine and around the app. */
export type AppFacts = {
  place: Place;
  readOnly: boolean;
  host: string;
  /** Who sits here, as the records of sessions know him. */
  me: Who;
  /** The login is shared, and nothing names the person: it is asked once. */
  isUnnamed: boolean;
  size: Size;
  /** Milliseconds since the epoch, when a minute of the clock or of an age was last over: the screen shows no more. */
  now: number;
  catalog: CatalogState;
  /** The root's configuration; null until it has been read, and where there is no root. */
  configuration: Configuration | null;
  /** In which it differs from the last run's. */
  changes: string[];
  /** What operators have said of the incident, before a session keeps it and until that is signed off. */
  incident: Incident;
  /** Of these since when things are bad; null while nobody has said. It changes with `incident` only. */
  badSince: BadSince | null;
  /** Live files that were written to just now. */
  writes: Write[];
  /** Backups that were found damaged in this session where that is not recorded: the disk does not say so. */
  damaged: Damage;
  /** What was found inside copies in this session, for where that cannot be kept. */
  inside: InsideFound;
  verify: VerifyTask | null;
  /** Datasets that are being copied out of a backup. */
  extracting: string[];
  /** The restore that is at work, or was last. */
  follow: FollowTask | null;
  sessions: SessionsFacts;
  /** A restore that stopped halfway; null where none did. */
  stopped: StoppedRestore | null;
};

export type FactsEvent =
  | {type: 'catalog'; event: CatalogEvent}
  | {type: 'resized'; size: Size}
  | {type: 'minute passed'; now: number}
  /** Who it is was asked. */
  | {type: 'name asked'; name: string | null}
  | {type: 'incident told'; incident: Incident}
  | {type: 'writes seen'; writes: Write[]}
  /** Copies were hashed, to be compared or for a plan, and do not match. */
  | {type: 'copies altered'; id: string; names: readonly string[]; at: number}
  | {type: 'verify started'; id: string}
  | {type: 'verify event'; event: VerifyEvent; seconds: number}
  | {type: 'content event'; event: ContentEvent}
  | {type: 'extract began'; dataset: string}
  | {type: 'extract ended'; dataset: string}
  | {type: 'configured'; configuration: Configuration; changes: string[]}
  /** The configuration keeps the backups elsewhere than where they were looked for. */
  | {type: 'relocated'; backups: string; catalog: CatalogState}
  | {type: 'sessions read'; stories: Story[]}
  | {type: 'since read'; session: number; datasets: Since[]}
  | {type: 'final evidence read'; session: number; file: string | null}
  | {type: 'check started'; session: number; step: string}
  | {type: 'check progress'; done: number; total: number}
  | {type: 'check ended'}
  | FollowAction
  | {type: 'stopped found'; stopped: StoppedRestore}
  | {type: 'stopped settled'};

/** Names of the datasets configured now; null where that is not known. */
export const configuredOf = ({configuration}: Pick<AppFacts, 'configuration'>): string[] | null =>
  configuration && configuredNames(configuration);

/** Which dataset a file is of that no manifest names. */
export const sourcesOf = ({configuration}: Pick<AppFacts, 'configuration'>): SourceNames =>
  sourceNames(configuration?.datasets.value ?? []);

/** Paths below the root are shown without it: the header names it. */
export const inRoot = (path: string, root: string | null): string =>
  root !== null && path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;

function verifyEvent(facts: AppFacts, event: VerifyEvent, seconds: number): AppFacts {
  const {verify} = facts;
  if (!verify) return facts;
  const progress = reduceVerify(verify.progress, event, seconds);
  const stopped = event.type === 'finished' && event.results.some(({result}) => result === 'cancelled');
  const state = event.type === 'finished' ? (stopped ? 'stopped' : 'done') : verify.state;
  const noted = {...facts, verify: {...verify, progress, state}};
  const damaged = event.type === 'backup' ? noteDamage(facts.damaged, event.result) : facts.damaged;
  return damaged === facts.damaged ? noted : {...noted, damaged, catalog: overlay(facts.catalog, damaged)};
}

/** What is the same stays the same object: the list goes to another line only where the time is another one. */
function sameSince(before: BadSince | null, incident: Incident): BadSince | null {
  const now = badSinceIn(incident);
  return before && now && before.at === now.at && before.by === now.by ? before : now;
}

/** What is known after something has happened. */
export function reduceFacts(facts: AppFacts, event: FactsEvent): AppFacts {
  switch (event.type) {
    case 'catalog':
      return {
        ...facts,
        catalog: overlayInside(
          overlay(reduceCatalog(facts.catalog, event.event), facts.damaged),
          facts.inside,
        ),
      };
    case 'resized':
      return {...facts, size: event.size};
    case 'minute passed':
      return {...facts, now: event.now};
    case 'name asked':
      return {...facts, isUnnamed: false, me: {...facts.me, person: event.name}};
    case 'incident told':
      return {...facts, incident: event.incident, badSince: sameSince(facts.badSince, event.incident)};
    case 'writes seen':
      return {...facts, writes: event.writes};
    case 'copies altered': {
      const damaged = noteAltered(facts.damaged, event.id, event.names, event.at);
      if (damaged === facts.damaged) return facts;
      return {...facts, damaged, catalog: overlay(facts.catalog, damaged)};
    }
    case 'verify started':
      return {...facts, verify: {id: event.id, state: 'running', progress: noProgress, content: null}};
    case 'verify event':
      return verifyEvent(facts, event.event, event.seconds);
    case 'content event': {
      const {verify} = facts;
      if (verify?.id !== event.event.id) return facts;
      const inside = noteInside(facts.inside, facts.catalog, event.event);
      const catalog = inside === facts.inside ? facts.catalog : overlayInside(facts.catalog, inside);
      return {
        ...facts,
        inside,
        catalog,
        verify: {...verify, content: reduceContent(verify.content, event.event)},
      };
    }
    case 'extract began':
      return {...facts, extracting: [...facts.extracting, event.dataset]};
    case 'extract ended': {
      const at = facts.extracting.indexOf(event.dataset);
      return {...facts, extracting: facts.extracting.filter((_, index) => index !== at)};
    }
    case 'configured':
      return {...facts, configuration: event.configuration, changes: event.changes};
    case 'relocated':
      return {...facts, place: {...facts.place, backups: event.backups}, catalog: event.catalog};
    case 'follow started':
    case 'follow event':
    case 'follow stopping':
      return {...facts, follow: reduceFollow(facts.follow, event)};
    case 'sessions read':
      return {...facts, sessions: {...facts.sessions, stories: event.stories}};
    case 'since read': {
      const {session, datasets} = event;
      return {...facts, sessions: {...facts.sessions, since: {session, datasets}}};
    }
    case 'final evidence read': {
      const {session, file} = event;
      return {...facts, sessions: {...facts.sessions, final: {session, file}}};
    }
    case 'check started': {
      const {session, step} = event;
      return {...facts, sessions: {...facts.sessions, checking: {session, step, done: 0, total: 0}}};
    }
    case 'check progress': {
      const {checking} = facts.sessions;
      if (!checking) return facts;
      const {done, total} = event;
      return {...facts, sessions: {...facts.sessions, checking: {...checking, done, total}}};
    }
    case 'check ended':
      return {...facts, sessions: {...facts.sessions, checking: null}};
    case 'stopped found':
      return {...facts, stopped: event.stopped};
    case 'stopped settled':
      return {...facts, stopped: null};
  }
}
