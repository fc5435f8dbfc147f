import {asking, drawn} from '../../kit/drawn.tsx';
import type {Move} from '../../kit/scroll.ts';
import type {Screen} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {answerTyping} from '../../typings.ts';
import {checklistScreen} from './checklist.ts';
import {checklistKeys, checklistQuestions} from './checklist-keys.ts';
import {sessionsKeys} from './keys.ts';
import {fitSessions, moveSessions} from './state.ts';
import {recordScreen, sessionsScreen} from './view.ts';

const moveIn =
  (screen: 'sessions' | 'checklist' | 'record') =>
  (state: AppState, how: Move): AppState => ({...state, sessions: moveSessions(state, screen, how)});

/** Every restore that was begun here. */
export const sessions: Screen = {
  title: 'Sessions',
  help: 'Sessions',
  keys: sessionsKeys,
  View: drawn(sessionsScreen),
  move: moveIn('sessions'),
  fit: (state) => ({...state, sessions: fitSessions(state.sessions, state.size)}),
};

/** What has to be ticked off after a restore. */
export const checklist: Screen = {
  title: 'Checklist',
  help: 'Checklist',
  keys: checklistKeys,
  View: asking(checklistScreen),
  move: moveIn('checklist'),
  typing: ({prompt}) => (prompt ? answerTyping : null),
  questions: checklistQuestions,
};

/** A session's record, like a log. */
export const record: Screen = {
  title: 'Record',
  help: null,
  keys: [],
  View: drawn(recordScreen),
  move: moveIn('record'),
};
