import {escapeText} from '../../../engine/base/escape.ts';
import type {Since} from '../../../engine/checklist/since.ts';
import {openSteps, type Step} from '../../../engine/session/checklist.ts';
import {type Story, tornNote, unsigned} from '../../../engine/session/story.ts';
import {wrapWords} from '../../../presenters/graphemes.ts';
import {clampText, type Move, move, moveText, type Scroll, settle} from '../../kit/scroll.ts';
import {checklistLayout, recordHeight, type Size, sessionsLayout} from '../../layout.ts';

/** What is known of the sessions of a root, and where one is in them. */
export type SessionsState = {
  /** Newest first; null until they were read. */
  stories: Story[] | null;
  list: Scroll;
  /** Number of the session whose checklist or record is looked at. */
  opened: number | null;
  steps: Scroll;
  /** What became of the live files since the restore of a session; null until it was looked at. */
  since: {session: number; datasets: Since[]} | null;
  /** First line of the record that is in view. */
  recordTop: number;
  /** The step that is being answered by machine, and how far that is, in bytes. */
  checking: {session: number; step: string; done: number; total: number} | null;
};

export type SessionsAction =
  | {type: 'sessions read'; stories: Story[]}
  | {type: 'since read'; session: number; datasets: Since[]}
  | {type: 'sessions opened'}
  | {type: 'checklist opened'; session: number}
  | {type: 'record opened'; session: number}
  | {type: 'check started'; session: number; step: string}
  | {type: 'check progress'; done: number; total: number}
  | {type: 'check ended'};

const start: Scroll = {cursor: 0, top: 0};

export const noSessions: SessionsState = {
  stories: null,
  list: start,
  opened: null,
  steps: start,
  since: null,
  recordTop: 0,
  checking: null,
};

export const openedStory = ({stories, opened}: SessionsState): Story | null =>
  stories?.find(({number}) => number === opened) ?? null;

/** The newest session that is done and not signed off. */
export const openSession = ({stories}: SessionsState): Story | null =>
  unsigned(stories ?? []).find(({state}) => state === 'done') ?? null;

export const chosenSession = ({stories, list}: SessionsState): Story | null => stories?.[list.cursor] ?? null;

export const chosenStep = (sessions: SessionsState): Step | null =>
  openedStory(sessions)?.steps[sessions.steps.cursor] ?? null;

/** The first step without an answer: what there is to do. */
const firstOpen = ({steps}: Story): number =>
  Math.max(
    0,
    steps.findIndex(({answer}) => answer === null),
  );

/** `2 of 4`, of the steps that have an answer. */
export const answeredOf = ({steps}: Story): string =>
  `${steps.length - openSteps(steps).length} of ${steps.length}`;

/** Characters of one line of a record that are shown; the output of a command may be any size. */
const mostOfLine = 4000;

/** The record as it was last put in lines, which may be many, while it and the width stay the same. */
const drawn = new WeakMap<Story, {columns: number; lines: string[]}>();

/** A session's record like a log, in lines of the screen, escaped; first of all why it cannot be relied on. */
export function recordLines(story: Story, columns: number): string[] {
  const known = drawn.get(story);
  if (known?.columns === columns) return known.lines;
  const lines = drawRecord(story, columns);
  drawn.set(story, {columns, lines});
  return lines;
}

/** What one would call a thing by, and what one would say of it: the rest is in the record, and no log. */
const naming = ['title', 'name', 'dataset'];
const telling = ['action', 'state', 'result', 'reason'];

/** Something that has a name: `tenants overwrite (loses writes since 09:00Z)`; null where it has none. */
function named(value: object): string | null {
  const facts = new Map<string, unknown>(Object.entries(value));
  const texts = (keys: string[]): string[] =>
    keys.map((key) => facts.get(key)).filter((each) => typeof each === 'string' && each !== '') as string[];
  const [name] = texts(naming);
  if (name === undefined) return null;
  const [first, ...others] = texts(telling);
  const more = [
    ...others,
    ...texts(['loses']).map((what) => `loses ${what}`),
    ...(facts.get('written') === true ? ['written to since'] : []),
  ];
  return [name, first, more.length > 0 ? `(${more.join(', ')})` : undefined].filter(Boolean).join(' ');
}

const isNothing = (value: unknown): boolean =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** A value as one would say it: a list by its parts, a thing by its name, else by what is known of it. */
function said(value: unknown): string {
  if (typeof value === 'number') return String(Math.round(value * 1000) / 1000);
  if (Array.isArray(value)) return value.map(said).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  const known = Object.entries(value).filter(([, each]) => !isNothing(each));
  return named(value) ?? `(${known.map(([key, each]) => `${key}: ${said(each)}`).join(', ')})`;
}

function drawRecord({number, lines, broken, torn}: Story, columns: number): string[] {
  const wrapped = (text: string): string[] =>
    wrapWords(escapeText(text), columns - 5).map((line, index) => `${index === 0 ? ' ' : '     '}${line}`);
  const entries = lines.flatMap(({at, operator, type, data}) => {
    const facts = Object.entries(data).flatMap(([key, value]) =>
      isNothing(value) ? [] : [`${key}: ${said(value)}`],
    );
    const text = `${at.slice(0, 19).replace('T', ' ')}Z ${operator} ${type.toUpperCase()} ${facts.join(', ')}`;
    const more = text.length - mostOfLine;
    return wrapped(
      more > 0
        ? `${text.slice(0, mostOfLine)} ... ${more} more characters: magds session show ${number}`
        : text,
    );
  });
  return [
    ...(broken === null ? [] : wrapped(`x BROKEN, do not rely on it: ${broken}.`)),
    ...entries,
    ...(torn ? wrapped(`! ${tornNote}.`) : []),
  ];
}

/** Everything stays where it is in a terminal of another size, or when more was read. */
export function fitSessions(sessions: SessionsState, size: Size): SessionsState {
  const story = openedStory(sessions);
  const count = story?.steps.length ?? 0;
  const lines = story ? recordLines(story, size.columns).length : 0;
  return {
    ...sessions,
    list: settle(sessions.list, sessions.stories?.length ?? 0, sessionsLayout(size).list),
    steps: story ? settle(sessions.steps, count, checklistLayout(size, count).list) : sessions.steps,
    recordTop: clampText(sessions.recordTop, lines, recordHeight(size)),
  };
}

export function moveSessions(
  {sessions, size}: {sessions: SessionsState; size: Size},
  screen: 'sessions' | 'checklist' | 'record',
  how: Move,
): SessionsState {
  const story = openedStory(sessions);
  if (screen === 'sessions')
    return {
      ...sessions,
      list: move(sessions.list, how, sessions.stories?.length ?? 0, sessionsLayout(size).list),
    };
  if (!story) return sessions;
  if (screen === 'checklist') {
    const count = story.steps.length;
    return {...sessions, steps: move(sessions.steps, how, count, checklistLayout(size, count).list)};
  }
  const lines = recordLines(story, size.columns).length;
  return {...sessions, recordTop: moveText(sessions.recordTop, how, lines, recordHeight(size))};
}

export function reduceSessions(sessions: SessionsState, action: SessionsAction): SessionsState {
  switch (action.type) {
    case 'sessions read': {
      const before = openedStory(sessions);
      const next = {...sessions, stories: action.stories};
      const story = openedStory(next);
      // A checklist that was opened before it could be read begins at what there is to do.
      return story && !before ? {...next, steps: {cursor: firstOpen(story), top: 0}} : next;
    }
    case 'since read':
      return {...sessions, since: {session: action.session, datasets: action.datasets}};
    case 'sessions opened':
      return {...sessions, list: start};
    case 'checklist opened': {
      const next = {...sessions, opened: action.session};
      const story = openedStory(next);
      return {...next, steps: {cursor: story ? firstOpen(story) : 0, top: 0}};
    }
    case 'record opened':
      return {...sessions, opened: action.session, recordTop: 0};
    case 'check started':
      return {...sessions, checking: {session: action.session, step: action.step, done: 0, total: 0}};
    case 'check progress':
      return sessions.checking
        ? {...sessions, checking: {...sessions.checking, done: action.done, total: action.total}}
        : sessions;
    case 'check ended':
      return {...sessions, checking: null};
  }
}
