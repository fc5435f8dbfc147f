import type {Subject} from '../../../engine/evidence/collect.ts';
import type {ActionId} from '../../common-keys.ts';
import {type Effects, type Perform, say, subject} from '../../effects.ts';
import {currentScreen} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import type {AppStore} from '../../use-store.ts';
import {chosenSession, openedStory} from '../sessions/state.ts';
import {exporting} from './state.ts';

/** What evidence would be about: the session that is looked at, else how the backup was verified. */
function aboutWhat(state: AppState): Subject | null {
  const screen = currentScreen(state);
  if (screen === 'sessions' || screen === 'checklist') {
    const story = screen === 'sessions' ? chosenSession(state.sessions) : openedStory(state.sessions);
    return story && {kind: 'restore', session: story.number};
  }
  const id = subject(state);
  return id === null ? null : {kind: 'verification', id};
}

/** Shows the evidence file that would be written; nothing is written by that. */
export function openEvidence(store: AppStore, effects: Effects): void {
  if (exporting(store.get())) {
    say(store, 'Evidence is being written: wait a moment.', 'beware');
    return;
  }
  const about = aboutWhat(store.get());
  if (!about) return;
  store.dispatch({type: 'evidence opened', subject: about});
  effects.previewEvidence(about);
}

type EvidenceActionId = Extract<ActionId, 'evidence' | 'exportEvidence' | 'signingKey' | 'copyEvidence'>;

/** What the keys of the evidence do. */
export const evidencePerforms: Record<EvidenceActionId, Perform> = {
  evidence: openEvidence,
  exportEvidence(store, effects) {
    const seen = effects.painted().evidence.opened;
    // What has not been on the screen has not been agreed to.
    if (seen && seen.lines === store.get().evidence.opened?.lines) effects.exportEvidence();
  },
  signingKey: (store) =>
    store.dispatch({type: 'asked', kind: 'key', id: '', text: store.get().evidence.key?.path ?? ''}),
  copyEvidence(store, effects) {
    const file = store.get().evidence.opened?.written?.file;
    if (file !== undefined) effects.copy(file);
  },
};
