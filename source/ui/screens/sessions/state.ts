import {escapeText} from '../../../engine/base/escape.ts';
import type {Step} from '../../../engine/session/checklist.ts';
import {type Story, tornNote, unsigned} from '../../../engine/session/story.ts';
import {wrapWords} from '../../../presenters/graphemes.ts';
import type {AppFacts, SessionsFacts} from '../../facts.ts';
import {clampText, type Move, move, moveText, type Scroll, settle} from '../../kit/scroll.ts';
import {checklistLayout, sessionsLayout, textHeight} from '../../layout.ts';
import {type AppState, slice} from '../../state.ts';

/** Where one is in the sessions of a root. */
export type SessionsState = {
  list: Scroll;
  /** Number of the session whose checklist or record is looked at. */
  opened: number | null;
  steps: Scroll;
  /** First line of the record that is in view. */
  recordTop: number;
};

export type SessionsAction =
  | {type: 'sessions opened'}
  | {type: 'checklist opened'; session: number}
  | {type: 'record opened'; session: number};

const start: Scroll = {cursor: 0, top: 0};

const noSessions: SessionsState = {list: start, opened: null, steps: start, recordTop: 0};

const storyIn = ({sessions: {stories}}: Pick<AppFacts, 'sessions'>, {opened}: SessionsState): Story | null =>
  stories?.find(({number}) => number === opened) ?? null;

/** The newest session that is done and not signed off. */
export const openSession = ({stories}: SessionsFacts): Story | null =>
  unsigned(stories ?? []).find(({state}) => state === 'done') ?? null;

/** The first step without an answer: what there is to do. */
const firstOpen = ({steps}: Story): number =>
  Math.max(
    0,
    steps.findIndex(({answer}) => answer === null),
  );

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
export function fitSessions(sessions: SessionsState, facts: AppFacts): SessionsState {
  const {size} = facts;
  const story = storyIn(facts, sessions);
  const count = story?.steps.length ?? 0;
  const lines = story ? recordLines(story, size.columns).length : 0;
  return {
    ...sessions,
    list: settle(sessions.list, facts.sessions.stories?.length ?? 0, sessionsLayout(size).list),
    steps: story ? settle(sessions.steps, count, checklistLayout(size, count).list) : sessions.steps,
    recordTop: clampText(sessions.recordTop, lines, textHeight(size)),
  };
}

const atFirstOpen = (sessions: SessionsState, facts: AppFacts): SessionsState => {
  const story = storyIn(facts, sessions);
  return {...sessions, steps: {cursor: story ? firstOpen(story) : 0, top: 0}};
};

function reduceSessions(sessions: SessionsState, action: SessionsAction, facts: AppFacts): SessionsState {
  switch (action.type) {
    case 'sessions opened':
      return {...sessions, list: start};
    case 'checklist opened':
      return atFirstOpen({...sessions, opened: action.session}, facts);
    case 'record opened':
      return {...sessions, opened: action.session, recordTop: 0};
  }
}

/** Of the list of sessions, the checklist and the record of one. */
export const sessionsSlice = slice<SessionsState, SessionsAction>('sessions', {
  start: noSessions,
  reduce: (sessions, action, state) => fitSessions(reduceSessions(sessions, action, state), state),
});

/** The next step without an answer once the chosen one has one; where that failed, or is asked about, it stays chosen. */
function movedOn(sessions: SessionsState, state: AppState, before: AppState | null): SessionsState {
  const {cursor} = sessions.steps;
  const story = storyIn(state, sessions);
  const was = before && storyIn(before, sessions)?.steps[cursor];
  const answer = story?.steps[cursor]?.answer;
  if (!story || !answer || answer.state === 'failed' || was?.answer !== null || state.prompt) return sessions;
  const next = story.steps.findIndex((step, index) => index > cursor && step.answer === null);
  const to = next === -1 ? story.steps.findIndex((step) => step.answer === null) : next;
  return to === -1 ? sessions : {...sessions, steps: {...sessions.steps, cursor: to}};
}

/** The chosen session stays chosen, and where it is on the screen, when others begin. */
function withChosen(sessions: SessionsState, now: Story[], before: Story[]): SessionsState {
  const {cursor, top} = sessions.list;
  const at = now.findIndex(({number}) => number === before[cursor]?.number);
  if (at === -1) return sessions;
  return {...sessions, list: {cursor: at, top: top === 0 ? 0 : top + at - cursor}};
}

/** A checklist that was opened before it could be read begins at what there is to do. */
export function followStories(
  sessions: SessionsState,
  state: AppState,
  before: AppState | null,
): SessionsState {
  if (before?.sessions.stories === state.sessions.stories) return sessions;
  const isNew = before !== null && !storyIn(before, sessions) && storyIn(state, sessions) !== null;
  const moved = isNew ? atFirstOpen(sessions, state) : movedOn(sessions, state, before);
  return fitSessions(withChosen(moved, state.sessions.stories ?? [], before?.sessions.stories ?? []), state);
}

/** The session whose checklist or record is looked at. */
export const openedStory = (state: AppState): Story | null => storyIn(state, sessionsSlice.of(state));

export const chosenSession = (state: AppState): Story | null =>
  state.sessions.stories?.[sessionsSlice.of(state).list.cursor] ?? null;

export const chosenStep = (state: AppState): Step | null =>
  openedStory(state)?.steps[sessionsSlice.of(state).steps.cursor] ?? null;

export function moveList(
  sessions: SessionsState,
  how: Move,
  {sessions: {stories}, size}: AppFacts,
): SessionsState {
  return {...sessions, list: move(sessions.list, how, stories?.length ?? 0, sessionsLayout(size).list)};
}

export function moveSteps(sessions: SessionsState, how: Move, facts: AppFacts): SessionsState {
  const count = storyIn(facts, sessions)?.steps.length ?? 0;
  return {...sessions, steps: move(sessions.steps, how, count, checklistLayout(facts.size, count).list)};
}

export function moveRecord(sessions: SessionsState, how: Move, facts: AppFacts): SessionsState {
  const {size} = facts;
  const story = storyIn(facts, sessions);
  const lines = story ? recordLines(story, size.columns).length : 0;
  return {...sessions, recordTop: moveText(sessions.recordTop, how, lines, textHeight(size))};
}
