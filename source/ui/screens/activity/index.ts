import {either, needsBackup, needsProject} from '../../reasons.ts';
import type {Screen} from '../../screen.ts';
import {filtering} from '../../typings.ts';
import {activityKeys, eventKeys, openActivity, openActivityOfBackup} from './keys.ts';
import {
  type ActivityAction,
  type ActivityState,
  activitySlice,
  fitActivity,
  isFiltered,
  moveActivity,
  moveEvent,
} from './state.ts';
import {ActivityView, EventView} from './View.tsx';

/** What the audit log says of backups and restores. */
export const activity: Screen<ActivityState, ActivityAction> = {
  slice: activitySlice,
  title: 'Activity',
  help: 'Activity',
  keys: activityKeys,
  entries: [
    {
      keys: ['A'],
      label: 'activity: what the audit log says of backups and restores, newest first',
      why: needsProject,
      run: openActivity,
    },
    {
      keys: ['L'],
      label: 'log: the activity of this backup alone',
      why: either(needsBackup, needsProject),
      run: openActivityOfBackup,
    },
  ],
  View: ActivityView,
  move: (log, how, {size}) => moveActivity(log, how, size),
  fit: (log, {size}) => fitActivity(log, size),
  ...filtering(activitySlice, isFiltered),
};

/** One line of it. */
export const event: Screen<ActivityState, ActivityAction> = {
  slice: activitySlice,
  title: 'Event',
  help: 'Activity, one event',
  keys: eventKeys,
  View: EventView,
  move: (log, how, {size}) => moveEvent(log, how, size),
};
