import type {Screen} from '../../screen.ts';
import {filterTyping} from '../../typings.ts';
import {activityKeys, eventKeys} from './keys.ts';
import {fitActivity, isFiltered, moveActivity} from './state.ts';
import {ActivityView, EventView} from './View.tsx';

/** What the audit log says of backups and restores. */
export const activity: Screen = {
  title: 'Activity',
  help: 'Activity',
  keys: activityKeys,
  View: ActivityView,
  move: (state, how) => ({...state, activity: moveActivity(state, 'activity', how)}),
  fit: (state) => ({...state, activity: fitActivity(state)}),
  typing: (state) => (state.activity.typing ? filterTyping : null),
  back(store) {
    if (!isFiltered(store.get().activity)) return false;
    store.dispatch({type: 'filter cleared'});
    return true;
  },
};

/** One line of it. */
export const event: Screen = {
  title: 'Event',
  help: 'Activity, one event',
  keys: eventKeys,
  View: EventView,
  move: (state, how) => ({...state, activity: moveActivity(state, 'event', how)}),
};
