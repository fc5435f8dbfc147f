import {needsOpenSession, needsRoot} from '../../reasons.ts';
import type {Screen} from '../../screen.ts';
import {ChecklistView} from './ChecklistView.tsx';
import {checklistKeys, checklistQuestions} from './checklist-keys.ts';
import {sessionsKeys} from './keys.ts';
import {openChecklist} from './open.ts';
import {
  fitSessions,
  followStories,
  moveList,
  moveRecord,
  moveSteps,
  type SessionsAction,
  type SessionsState,
  sessionsSlice,
} from './state.ts';
import {RecordView, SessionsView} from './View.tsx';

type Shown = Screen<SessionsState, SessionsAction>;

/** Every restore that was begun here. */
export const sessions: Shown = {
  slice: sessionsSlice,
  title: 'Sessions',
  help: 'Sessions',
  keys: sessionsKeys,
  entries: [
    {
      keys: ['s'],
      label: 'sessions: every restore that was begun here',
      why: needsRoot,
      run: (store) => store.dispatch(sessionsSlice.open({type: 'sessions opened'})),
    },
  ],
  View: SessionsView,
  move: moveList,
  fit: fitSessions,
  follow: followStories,
};

/** What has to be ticked off after a restore. */
export const checklist: Shown = {
  slice: sessionsSlice,
  title: 'Checklist',
  help: 'Checklist',
  keys: checklistKeys,
  entries: [
    {
      keys: ['a'],
      label: 'answer: the checklist of the session that is open',
      why: needsOpenSession,
      run: openChecklist,
    },
  ],
  View: ChecklistView,
  move: moveSteps,
  // How it ended is said here too.
  replaces: () => ['progress'],
  questions: checklistQuestions,
};

/** A session's record, like a log. */
export const record: Shown = {
  slice: sessionsSlice,
  title: 'Record',
  help: null,
  keys: [],
  View: RecordView,
  move: moveRecord,
};
