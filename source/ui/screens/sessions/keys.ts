import {either, needsProject} from '../../reasons.ts';
import type {Binding} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {openEvidence} from '../evidence/open.ts';
import {openChecklist} from './open.ts';
import {chosenSession, sessionsSlice} from './state.ts';

const needsSession = (state: AppState): string | null =>
  chosenSession(state) ? null : 'no restore was made here yet';

const ofDrill = (state: AppState): string | null => {
  const story = chosenSession(state);
  return story?.drill && story.state === 'done' ? 'a drill has no checklist' : null;
};

export const sessionsKeys: Binding[] = [
  {
    keys: ['enter'],
    label: "read the session's record like a log",
    hint: 'read',
    why: needsSession,
    run(store) {
      const story = chosenSession(store.get());
      if (story) store.dispatch(sessionsSlice.open({type: 'record opened', session: story.number}, 'record'));
    },
  },
  {
    keys: ['a'],
    label: "the session's checklist",
    hint: 'checklist',
    why: either(needsSession, ofDrill),
    run: openChecklist,
  },
  {
    keys: ['e'],
    label: "the session's evidence: one file of it all, shown before it is written",
    hint: 'evidence',
    why: either(needsSession, needsProject),
    run: openEvidence,
  },
];
