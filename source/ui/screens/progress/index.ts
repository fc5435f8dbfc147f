import {ownersOf, whyWatching} from '../../../engine/session/owner.ts';
import {followedInto, phaseOf} from '../../../presenters/followed-restore.ts';
import type {Binding, Screen} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {loadRestore} from '../restore/open.ts';
import {openChecklist} from '../sessions/open.ts';
import {progressSlice} from './state.ts';
import {ProgressView} from './View.tsx';

const whyNotCancel = ({follow, me, now}: AppState): string | null => {
  if (!follow || follow.finished) return 'nothing is running';
  const why = whyWatching(follow.session, ownersOf(follow.lines), me, now);
  if (why !== null) return why;
  return phaseOf(follow) === 'prepare' ? null : 'files are being switched: that is finished first';
};

const whyNotChecklist = ({follow, stopped}: AppState): string | null => {
  if (stopped) return null;
  if (follow?.finished?.outcome !== 'done') return 'it is not done';
  return followedInto(follow) === null ? null : 'a drill has no checklist';
};

const keys: Binding[] = [
  {
    keys: ['ctrl+c'],
    label: 'cancel the restore while it prepares; nothing of it stays',
    hint: 'cancel',
    why: whyNotCancel,
    run(store, reach) {
      store.dispatch({type: 'follow stopping'});
      reach.ask(loadRestore, (work) => work.cancel());
    },
  },
  {
    keys: ['enter', 'a'],
    label: 'go on: to the checklist, or to the decision where it stopped halfway',
    hint: 'go on',
    why: whyNotChecklist,
    run: openChecklist,
  },
];

/** The restore that is at work, in a process of its own, or was last. */
export const progress: Screen<null, never> = {
  slice: progressSlice,
  title: 'Restore',
  help: 'Restore, while it runs',
  keys,
  View: ProgressView,
  leads: (event, state) =>
    event.type === 'follow started' && event.show
      ? {...state, prompt: null, screens: ['backups', 'progress']}
      : state,
};
