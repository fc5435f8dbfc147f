import type {Directory} from '../base/directory.ts';
import {stampOf} from '../base/files.ts';
import {checklistOf, runbookSteps, type Step} from './checklist.ts';
import {type Journal, journalName} from './journal.ts';
import {isLine, type LineData, said} from './lines.ts';
import {type Owner, ownersOf} from './owner.ts';
import {type RecordLine, recordFile} from './record.ts';
import {type CheckedRecord, checkRecord} from './record-check.ts';
import {openSession, openSessions, readSession, type SessionState, sessionNumbers} from './sessions.ts';
import {doubtsOf, type Times, timesOf} from './times.ts';

/** A session as its record and its journal tell it. */
export type Story = {
  number: number;
  /** The backup's id; for an undo the safety backup's. Empty where nothing is known. */
  id: string;
  /** UTC, ISO 8601; null where nothing was recorded. */
  openedAt: string | null;
  endedAt: string | null;
  operator: string | null;
  /** Those who had it one after the other; the last one has it. */
  owners: Owner[];
  ticket: string | null;
  purpose: string | null;
  title: string | null;
  /** Who said yes to it beforehand, or "emergency" and why. */
  authorisedBy: string | null;
  /** When things went wrong, as the operator said: UTC, ISO 8601. */
  badSince: string | null;
  /** When it was noticed, declared, and over. */
  times: Times;
  undoes: number | null;
  drill: boolean;
  /** `at work`, `stopped`, an outcome of the restore, or `unreadable`. */
  state: 'at work' | 'stopped' | 'done' | 'rolled-back' | 'refused' | 'cancelled' | 'unreadable';
  /** Why it is not done; null where it is. */
  reason: string | null;
  phase: Journal['phase'] | null;
  closed: boolean;
  /** The session that has taken it back; null where none has. */
  undoneBy: number | null;
  /** Its files are settled, and its process was gone before it had said so: what comes after the switch may be lacking. */
  endedEarly: boolean;
  steps: Step[];
  lines: RecordLine[];
  /** Why its record cannot be relied on, for the operator; null where its chain holds. */
  broken: string | null;
  /** Why it is not obeyed, as one that belongs to another user; null where it is. */
  ignored: string | null;
  /** The record's last line was cut short; the next one that is written repairs it and says so. */
  torn: boolean;
};

/** What is said of a torn record. */
export const tornNote = 'its last line was cut short; the next one repairs that, and says so';

/** Characters of a text from a record that are told: what is longer was not typed by anybody. */
const longest = 4000;

const textOf = (text: string | null | undefined): string | null => text?.slice(0, longest) || null;

function stateOf({read, running}: SessionState, outcome: string | null): Story['state'] {
  if (read.state === 'unreadable') return 'unreadable';
  const phase = read.state === 'read' ? read.journal.phase : null;
  if (phase === null && running) return 'at work';
  if (phase !== null && phase !== 'done' && phase !== 'rolled-back') return running ? 'at work' : 'stopped';
  if (phase === 'done') return 'done';
  if (outcome === 'cancelled' || outcome === 'refused') return outcome;
  return phase === 'rolled-back' ? 'rolled-back' : 'refused';
}

/** What began nothing has no journal yet: an operator who comes back has to hear it. */
const notBegun =
  'it stopped while it looked once more at what it would write: nothing had begun, and nothing was changed';
/** What is said of one whose files are settled, and whose process ended before it had said how it ended. */
export const endedEarly = ({drill}: Pick<Journal, 'drill'>): string =>
  drill
    ? 'its process ended before all of it was told'
    : 'its process ended before all was done: hooks after it may not have run, so look whether the service is back';
const hookBegun =
  'it stopped before any live file was changed, but a hook had begun: what that stopped may have to be started again';

function tell(session: SessionState, {lines, broken, torn}: CheckedRecord): Story {
  const journal = session.read.state === 'read' ? session.read.journal : null;
  const opened = lines.find(isLine('opened'));
  const ended = lines.findLast(isLine('finished', 'recovered'));
  return {
    number: session.number,
    id: journal?.id ?? textOf(said(opened, 'id')) ?? '',
    openedAt: opened?.at ?? null,
    endedAt: ended?.at ?? null,
    operator: opened?.operator ?? null,
    owners: ownersOf(lines),
    ticket: textOf(said(opened, 'ticket')),
    purpose: textOf(said(opened, 'purpose')),
    title: textOf(said(opened, 'title')),
    authorisedBy: textOf(said(opened, 'authorisedBy')),
    badSince: textOf(said(opened, 'badSince')),
    times: timesOf(lines),
    undoes: journal?.undoes ?? said(opened, 'undoes') ?? null,
    drill: journal?.drill ?? textOf(said(opened, 'into')) !== null,
    state: stateOf(session, textOf(said(ended, 'outcome'))),
    reason:
      session.read.state === 'unreadable'
        ? session.read.reason
        : !journal && !ended && !session.running
          ? lines.some(isLine('hook-begins'))
            ? hookBegun
            : notBegun
          : textOf(ended?.type === 'finished' ? said(ended, 'reason') : null),
    phase: journal?.phase ?? null,
    // What changed nothing keeps nothing.
    closed: journal ? journal.closed || journal.phase === 'rolled-back' : !session.running,
    undoneBy: said(lines.findLast(isLine('undone')), 'by') ?? null,
    endedEarly: !ended && !session.running && (journal?.phase === 'done' || journal?.phase === 'rolled-back'),
    steps: checklistOf(lines, journal?.phase === 'done' && !journal.drill ? runbookSteps : []),
    lines,
    // What has a journal has told before that it was opened.
    broken: broken ?? (journal && lines[0]?.type !== 'opened' ? 'its beginning is missing' : null),
    ignored: session.read.state === 'read' ? session.read.untrusted : null,
    // One that is being written has not been cut short.
    torn: torn && !session.running,
  };
}

/** Settled sessions as they were told last, by the inode of their directory: nothing of them changes any more. */
const settled = new Map<string, {stamp: string; story: Story}>();

/** Another one whenever a file of the session, or its entry, was changed. */
const stampIn = ({path}: Directory): string =>
  ['.', journalName, recordFile].map((file) => stampOf(`${path}/${file}`)).join();

/** A session, from what was told of it before where that cannot have changed: its story then is the very same object. */
function storyOf(state: Directory, number: number): Story | null {
  using directory = openSession(state, number);
  if (!directory) return null;
  const {dev, ino} = directory.stats;
  const key = `${dev}/${ino}/${number}`;
  // Before anything is read: what is changed meanwhile then has another one.
  const stamp = stampIn(directory);
  const known = settled.get(key);
  if (known?.stamp === stamp) return known.story;
  settled.delete(key);
  const session = readSession(state, number, 'head');
  const record = checkRecord(directory.path, true);
  const story = session && tell(session, record);
  // What hangs on whether a process lives is told anew: that cannot be seen from any file.
  const mayEnd = session?.running && (record.torn || story?.endedAt === null);
  if (story?.closed && session?.read.state === 'read' && !mayEnd) settled.set(key, {stamp, story});
  return story;
}

/** What is to be known of it although it is done; not escaped. */
export function bewareIn(story: Pick<Story, 'lines' | 'endedEarly' | 'drill' | 'ignored'>): string[] {
  const {lines, ignored} = story;
  const recovered = lines.filter(isLine('recovered'));
  const last = recovered.at(-1);
  const after = last ? lines.slice(lines.lastIndexOf(last)).filter(isLine('hook')) : [];
  return [
    ...(ignored === null ? [] : [writtenByOthers(ignored)]),
    ...(said(lines.findLast(isLine('finished')), 'beware') ?? []),
    ...recovered.flatMap(keptBy),
    ...after.flatMap((line) => hookFailed(said(line, 'command') ?? [], said(line, 'reason') ?? null)),
    ...(story.endedEarly ? [endedEarly(story)] : []),
  ];
}

/** The chain of a record that is not obeyed holds too where its owner has written all of it anew. */
export const writtenByOthers = (ignored: string): string => `others can have written its record: ${ignored}`;

/** Where a recovery has kept what it would else have written over. */
export const keptIn = ({kept, old}: Pick<LineData<'recovered'>, 'kept' | 'old'>): string[] => [
  ...kept.map((file) => `what was written meanwhile is kept: ${file}`),
  ...old.map((file) => `the old file is kept: ${file}`),
];

const keptBy = (line: RecordLine & {type: 'recovered'}): string[] =>
  keptIn({kept: said(line, 'kept') ?? [], old: said(line, 'old') ?? []});

/** @param reason null where it has not failed */
export const hookFailed = (command: string[], reason: string | null): string[] =>
  reason === null ? [] : [`the hook ${command.join(' ')} after it: ${reason}`];

/** What can hardly be meant of its times. */
export const doubtsAbout = ({times, badSince, state, endedAt}: Story): string[] =>
  doubtsOf(times, badSince, state === 'done' ? endedAt : null);

/** A session's story, its journal as it was read for that, and the bytes of its record that were looked at. */
type Whole = {story: Story; read: SessionState['read']; data: Buffer | null};

/** One session, every byte of its journal and its record looked at; null where there is none. */
export function wholeStory(state: Directory, number: number): Whole | null {
  using directory = openSession(state, number);
  if (!directory) return null;
  const session = readSession(state, number);
  const record = checkRecord(directory.path);
  return session && {story: tell(session, record), read: session.read, data: record.data};
}

/**
 * The sessions of a root, oldest first, for lists: of a long line, and of a long journal that is settled, only the ends
 * are looked at until more is asked for; the chain of a record always is.
 */
export const stories = (state: Directory | null): Story[] =>
  state ? sessionNumbers(state).flatMap((number) => storyOf(state, number) ?? []) : [];

/** Those that were begun after one of them, oldest first. */
export const storiesAfter = (state: Directory, session: number): Story[] =>
  sessionNumbers(state).flatMap((number) => (number > session ? (storyOf(state, number) ?? []) : []));

/** Sessions that are not signed off: what they restored is live, and the old files are still kept. */
export const unsigned = (all: Story[]): Story[] =>
  all.filter(
    ({closed, state}) => !closed && (state === 'done' || state === 'at work' || state === 'stopped'),
  );

/** The same without looking at those that are over. */
export const unsignedOf = (state: Directory | null): Story[] =>
  state ? unsigned(openSessions(state).flatMap(({number}) => storyOf(state, number) ?? [])) : [];

/** Names of the datasets that a restore has put in place, or that were put there after it had stopped. */
export const restoredNames = (lines: RecordLine[]): string[] => [
  ...new Set(
    lines.flatMap((line) =>
      [
        ...(isLine('switched')(line) ? (said(line, 'live') ?? []) : []),
        ...(isLine('recovered')(line)
          ? (said(line, 'files') ?? []).filter(({becomes}) => becomes === 'new')
          : []),
      ].map(({dataset}) => dataset),
    ),
  ),
];

/** What is written to by a restore itself, or by what tidies up after it: the old files lie beside the live ones. */
const writing = isLine('switched', 'recovered', 'not recovered');
const tidying = isLine('closed', 'undone');

/** When a restore of ours wrote last to the live files of each dataset: milliseconds since the epoch. */
export function restoredAt(stories: Story[]): Map<string, number> {
  const times = new Map<string, number>();
  const note = (name: string, line: RecordLine | undefined): void => {
    const at = Date.parse(line?.at ?? '');
    if (!Number.isNaN(at)) times.set(name, Math.max(at, times.get(name) ?? 0));
  };
  for (const {drill, lines} of stories) {
    if (drill) continue;
    const live = lines.flatMap((line) => [
      ...(isLine('switched')(line) ? (said(line, 'live') ?? []) : []),
      ...(isLine('recovered')(line) ? (said(line, 'files') ?? []) : []),
    ]);
    for (const name of new Set(live.map(({dataset}) => dataset))) {
      note(name, lines.findLast(writing));
      // Of a directory dataset the directory is looked at, and each of its files is restored by a name of its own.
      const [tree = ''] = name.split('/');
      if (tree !== name)
        note(
          tree,
          lines.findLast((line) => writing(line) || tidying(line)),
        );
    }
  }
  return times;
}
