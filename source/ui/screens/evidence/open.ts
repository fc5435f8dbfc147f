import type {EvidenceSubject} from '../../../engine/evidence/collect.ts';
import {type Perform, type Screens, say, subject} from '../../screen.ts';
import {type AppState, currentScreen} from '../../state.ts';
import type {Workplace} from '../../work.ts';
import {chosenSession, openedStory} from '../sessions/state.ts';
import {evidenceSlice, exporting} from './state.ts';

export const loadEvidence = async (place: Workplace) => (await import('./work.ts')).evidenceWork(place);

/** What evidence would be about: the session that is looked at, else how the backup was verified. */
function aboutWhat(state: AppState, screens: Screens): EvidenceSubject | null {
  const screen = currentScreen(state);
  if (screen === 'sessions' || screen === 'checklist') {
    const story = screen === 'sessions' ? chosenSession(state) : openedStory(state);
    return story && {kind: 'restore', session: story.number};
  }
  const id = subject(state, screens);
  return id === null ? null : {kind: 'verification', id};
}

/** Shows the evidence file that would be written; nothing is written by that. */
export const openEvidence: Perform = (store, reach) => {
  if (exporting(store.get())) {
    say(store, 'Evidence is being written: wait a moment.', 'beware');
    return;
  }
  const about = aboutWhat(store.get(), reach.screens);
  if (!about) return;
  store.dispatch(evidenceSlice.open({type: 'evidence opened', subject: about}));
  reach.ask(loadEvidence, (work) => work.preview(about));
};
