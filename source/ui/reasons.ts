import {stoppedWhere} from '../engine/session/journal.ts';
import {whyWatching} from '../engine/session/owner.ts';
import type {Story} from '../engine/session/story.ts';
import {isLooking} from '../presenters/content-progress.ts';
import {whyNotSign} from '../presenters/sign-off.ts';
import {backupsSlice} from './screens/backups/state.ts';
import {exporting} from './screens/evidence/state.ts';
import {filesSlice} from './screens/files/state.ts';
import {pruneSlice} from './screens/prune/state.ts';
import {runSlice} from './screens/run/state.ts';
import {openedStory, openSession} from './screens/sessions/state.ts';
import type {AppState} from './state.ts';

/** Why something cannot be done just now; null when it can. */
export type Reason = (state: AppState) => string | null;

/** The first of several reasons that holds. */
export const either =
  (...reasons: Reason[]): Reason =>
  (state) => {
    for (const reason of reasons) {
      const why = reason(state);
      if (why !== null) return why;
    }
    return null;
  };

export const verifying = (state: AppState): boolean => state.verify?.state === 'running';
/** What is in the backup that was verified is looked into. */
export const lookingInside = (state: AppState): boolean => isLooking(state.verify?.content ?? null);
export const backingUp = (state: AppState): boolean => runSlice.of(state)?.state === 'running';
export const pruning = (state: AppState): boolean => pruneSlice.of(state)?.state === 'running';

export const finishing = (state: AppState): boolean => (filesSlice.of(state)?.finishing ?? null) !== null;

/** A restore is at work, in a process of its own. */
export const restoring = ({follow}: AppState): boolean => follow !== null && follow.finished === null;

export const needsBackup: Reason = (state) =>
  backupsSlice.of(state).selected === null ? 'there is no backup here' : null;

export const notWhole: Reason = (state) => {
  const {catalog} = state;
  const backups = backupsSlice.of(state);
  const row = catalog.rows.get(backups.selected ?? '');
  return row && row.state !== 'complete' ? `it is ${row.state}, and only a whole one can be held` : null;
};

/** Nothing says what the files of one that was cut off should be: they are neither verified nor restored. */
export const notCutOff: Reason = (state) =>
  state.catalog.rows.get(backupsSlice.of(state).selected ?? '')?.state === 'interrupted'
    ? `it was cut off: Enter lists the files in it and looks into them${state.place.root === null ? '' : ', m there makes it a backup'}`
    : null;

/** What restores have saved goes back by undoing them. @param id of the backup that is meant */
export const whySafety = ({catalog}: AppState, id: string | null): string | null =>
  id !== null && catalog.safety.has(id)
    ? 'it is a safety backup: undoing its session brings it back (on the list: s, a, then u)'
    : null;

export const notSafety: Reason = (state) => whySafety(state, backupsSlice.of(state).selected);

export const notHeld: Reason = (state) => {
  const {catalog} = state;
  const backups = backupsSlice.of(state);
  return catalog.held.has(backups.selected ?? '') ? null : 'it is not held';
};

export const needsRoot: Reason = ({place}) =>
  place.root === null ? 'a directory of backups alone (--backups) can only be browsed and verified' : null;

/** Why even a plan cannot be made here. */
export const needsProject = either(needsRoot, ({configuration}) =>
  configuration ? null : 'the configuration is still being read',
);

export const readOnly: Reason = (state) =>
  state.readOnly ? 'it writes, and --read-only forbids that' : null;

/** Why nothing may be written here at all. */
export const cannotWrite = either(readOnly, needsProject);

/** A restore that stopped halfway has to be settled before anything else is written. */
const recovering: Reason = ({stopped}) =>
  stopped
    ? `the restore of session ${stopped.session} stopped ${stoppedWhere(stopped.phase)}: decide about it first (r on the list shows it)`
    : null;

export const needsOpenSession: Reason = ({sessions}) =>
  openSession(sessions) ? null : 'no session is open (s shows all of them)';

/** Why a step of the checklist on the screen cannot be answered. */
export const notOpen: Reason = (state) => {
  const story = openedStory(state);
  if (!story || story.steps.length === 0) return 'there is no checklist';
  if (story.state !== 'done') return 'it restored nothing that needs checking';
  if (story.undoneBy !== null) return `session ${story.undoneBy} has undone it`;
  return story.closed ? 'it is signed off' : null;
};

/** Why the session on the screen is only watched. */
export const watching: Reason = (state) => {
  const story = openedStory(state);
  if (!story || story.closed) return null;
  const {number, owners} = story;
  const why = whyWatching(number, owners, state.me, state.now);
  return why === null ? null : `${why}; T takes it ${hadIt(story, state) ? 'back' : 'over'}`;
};

const hadIt = ({owners}: Story, {me}: AppState): boolean =>
  owners.some(({screen}) => screen !== null && screen === me.screen);

/** Why the session on the screen cannot be taken over. */
export const notTaken: Reason = (state) => {
  const story = openedStory(state);
  if (!story || story.closed) return 'no open session is on the screen';
  return watching(state) === null ? 'it is yours already' : null;
};

export const checking: Reason = ({sessions}) => (sessions.checking ? 'a step is being checked' : null);

export const stepsOpen: Reason = (state) => {
  const story = openedStory(state);
  return story && whyNotSign(story);
};

export const notUndoable: Reason = (state) => {
  const story = openedStory(state);
  if (story?.state !== 'done') return 'it restored nothing';
  return story.drill ? 'a drill touches no live file' : null;
};

/** There is one writer at a time, and this program is it already. */
export const atWork: Reason = (state) => {
  if (backingUp(state))
    return 'a backup is running, and only one thing writes at a time (b on the list shows it)';
  if (restoring(state))
    return 'a restore is running, and only one thing writes at a time (r on the list shows it)';
  if (finishing(state))
    return 'one that was cut off is being made a backup, and only one thing writes at a time';
  if (exporting(state)) return 'evidence is being written, and only one thing writes at a time';
  return pruning(state)
    ? 'backups are being deleted, and only one thing writes at a time (P on the list shows it)'
    : null;
};

/** The same, or a decision comes first. */
export const busyWriting: Reason = (state) =>
  backingUp(state) ? atWork(state) : (recovering(state) ?? atWork(state));
