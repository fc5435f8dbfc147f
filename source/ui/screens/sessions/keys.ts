import {either, needsProject} from '../../reasons.ts';
import type {Binding} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {openEvidence} from '../evidence/open.ts';
import {openChecklist} from './open.ts';
import {chosenSession} from './state.ts';

const needsSession = ({sessions}: AppState): string | null =>
  chosenSession(sessions) ? null : 'no restore was made here yet';

const ofDrill = ({sessions}: AppState): string | null => {
  const story = chosenSession(sessions);
  return story?.drill && story.state === 'done' ? 'a drill has no checklist' : null;
};

export const sessionsKeys: Binding[] = [
  {
    keys: ['enter'],
    label: "read the session's record like a log",
    hint: 'read',
    why: needsSession,
    run(store) {
      const story = chosenSession(store.get().sessions);
      if (story) store.dispatch({type: 'record opened', session: story.number});
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
