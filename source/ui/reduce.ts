import {bounded} from '../engine/session/about.ts';
import {badSinceIn, noIncident} from '../engine/session/incident.ts';
import type {AppFacts} from './facts.ts';
import {reduceFacts} from './facts.ts';
import {reducePrompt} from './prompt.ts';
import {questionOf} from './screen.ts';
import {screenNamed, screenOf, screens} from './screens.ts';
import {type AppAction, type AppState, currentScreen, push, type SliceAction, without} from './state.ts';

const reduceSlice = (state: AppState, {slice, action}: SliceAction): AppState =>
  slice.with(state, slice.reduce(slice.of(state), action, state));

/** What screens keep follows what is known. */
function followed(state: AppState, before: AppState | null): AppState {
  const isResized = before !== null && state.size !== before.size;
  return Object.values(screens).reduce((next, screen) => {
    const {slice} = screen;
    const now = slice.of(next);
    const value = screen.follow ? screen.follow(now, next, before) : now;
    return slice.with(next, isResized && screen.fit ? screen.fit(value, next) : value);
  }, state);
}

/** What is seen of a list or a text that does not fit, after a move. */
function moved(state: AppState, how: Extract<AppAction, {type: 'moved'}>['how']): AppState {
  const {slice, move} = screenOf(state);
  return move ? slice.with(state, move(slice.of(state), how, state)) : state;
}

function asked(state: AppState): AppState {
  if (!questionOf(state, screens))
    throw new Error(
      `${currentScreen(state)} has no question ${state.prompt?.kind}: it is not in its questions`,
    );
  return state;
}

/** A question goes with the screen that has asked it: what is typed for it is said of nothing else. */
function withoutOrphan(state: AppState, {prompt, screens: before}: AppState): AppState {
  if (prompt === null || state.prompt !== prompt || state.screens === before) return state;
  const asker = before.findLast((name) => screenNamed(name).questions?.[prompt.kind]);
  return asker !== undefined && state.screens.includes(asker) ? state : {...state, prompt: null};
}

/** What is said lives as long as it is true. */
export function reduce(state: AppState, action: AppAction): AppState {
  const next = withoutOrphan(changed(state, action), state);
  return next.message?.holds?.(next) === false ? {...next, message: null, quitAsked: false} : next;
}

function changed(state: AppState, action: AppAction): AppState {
  switch (action.type) {
    case 'slice':
      return reduceSlice(state, action);
    case 'opened': {
      const {first, screen} = action;
      const changed = first ? reduceSlice(state, first) : state;
      const {slice, replaces} = screenNamed(screen);
      return push(replaces ? without(changed, ...replaces(slice.of(changed))) : changed, screen);
    }
    case 'left':
      return without(reduceSlice(state, action.first), action.screen);
    case 'moved':
      return moved(state, action.how);
    case 'went back':
      return {...state, screens: state.screens.length > 1 ? state.screens.slice(0, -1) : state.screens};
    case 'asked':
      return asked({...state, prompt: reducePrompt(state.prompt, action)});
    case 'answer written': {
      const {wordless, most = Number.POSITIVE_INFINITY} = questionOf(state, screens) ?? {};
      const text = bounded(action.text, most);
      return wordless ? state : {...state, prompt: reducePrompt(state.prompt, {...action, text})};
    }
    case 'answer given':
      return {...state, prompt: reducePrompt(state.prompt, action)};
    case 'caret moved':
      return {...state, caret: action.caret};
    case 'said':
      // It takes the place of the question, which has not been asked any more then.
      return {...state, message: action.message, quitAsked: false};
    case 'quit asked':
      return {...state, quitAsked: true, message: {text: action.text, tone: 'beware', holds: action.holds}};
    case 'key pressed':
      return state.message || state.quitAsked ? {...state, message: null, quitAsked: false} : state;
    default: {
      const facts = reduceFacts(state, action);
      const known = facts === state ? state : {...state, ...facts};
      const led = Object.values(screens).reduce(
        (next, {leads}) => leads?.(action, next, state) ?? next,
        known,
      );
      return followed(led, state);
    }
  }
}

const nobody = {operator: '', from: null, screen: null};

/** The app as it opens: on the list. */
export function openApp(
  start: Pick<AppFacts, 'place' | 'readOnly' | 'host' | 'size' | 'now' | 'catalog'> &
    Partial<Pick<AppFacts, 'me' | 'isUnnamed' | 'incident'>>,
): AppState {
  const opened: AppState = {
    me: nobody,
    isUnnamed: false,
    incident: noIncident,
    badSince: start.incident ? badSinceIn(start.incident) : null,
    ...start,
    writes: [],
    damaged: new Map(),
    inside: new Map(),
    configuration: null,
    changes: [],
    verify: null,
    extracting: [],
    follow: null,
    sessions: {stories: null, since: null, final: null, checking: null},
    stopped: null,
    screens: ['backups'],
    prompt: null,
    caret: null,
    message: null,
    quitAsked: false,
    slices: {},
  };
  return followed(opened, null);
}
