import type {LogState} from '../../../engine/events/log/log-ahead.ts';
import type {LoggedLine} from '../../../engine/events/log/logged-line.ts';
import {eventLines} from '../../../presenters/activity-view.ts';
import {withoutLast} from '../../../presenters/graphemes.ts';
import {clampText, type Move, move, moveText} from '../../kit/scroll.ts';
import {activityLayout, eventHeight, type Size} from '../../layout.ts';
import {type FilterAction, slice} from '../../state.ts';
import {type ActivityState, arrange, chosenLine, limit, nextEvent, noActivity, noteSeen} from './lines.ts';

export type ActivityAction =
  | {type: 'activity opened'; backup: string | null}
  | {type: 'activity found'; reading: number; log: LogState}
  /** Newest first, both. */
  | {type: 'activity appended'; reading: number; lines: LoggedLine[]}
  | {type: 'activity went back'; reading: number; lines: LoggedLine[]; end: string | null}
  | {type: 'activity widened'}
  | {type: 'next event sought'}
  | {type: 'activity of backup'}
  | {type: 'event opened'}
  | FilterAction;

/** What hides lines that were read, but for the backup that was asked for: Esc ends it. */
export const isFiltered = ({filter, typing, event}: ActivityState): boolean =>
  filter !== '' || typing || event !== null;

/** Older lines are asked for where what was read does not fill the list, or has been gone through. */
const wanting = (activity: ActivityState): ActivityState =>
  activity.end === null ? {...activity, wanted: true} : activity;

const refilter = (activity: ActivityState, size: Size, changes: Partial<ActivityState>): ActivityState => {
  const next = arrange({...activity, ...changes}, size);
  return !next.typing && next.shown.length < activityLayout(size).list ? wanting(next) : next;
};

/** Begins to read anew: what was read is another log's, or lacks lines. */
const anew = (activity: ActivityState): ActivityState => ({
  ...noActivity,
  reading: activity.reading + 1,
  onlyOurs: activity.onlyOurs,
  backup: activity.backup,
  wanted: true,
});

function reduceList(activity: ActivityState, action: ActivityAction, size: Size): ActivityState {
  switch (action.type) {
    case 'activity opened':
      return anew({...activity, onlyOurs: true, backup: action.backup});
    case 'activity widened':
      return {...anew({...activity, onlyOurs: !activity.onlyOurs}), filter: activity.filter};
    case 'activity found':
      return action.reading === activity.reading ? {...activity, log: action.log} : activity;
    case 'activity appended':
      if (action.reading !== activity.reading) return activity;
      return arrange(limit({...activity, lines: [...action.lines, ...activity.lines]}), size);
    case 'activity went back': {
      if (action.reading !== activity.reading) return activity;
      const {end} = action;
      const lines = [...activity.lines, ...action.lines];
      return arrange(limit({...activity, lines, end, wanted: false}), size);
    }
    case 'next event sought':
      return refilter(activity, size, {event: nextEvent(activity)});
    case 'activity of backup': {
      const backup = activity.backup === null ? (chosenLine(activity)?.backup ?? null) : null;
      return refilter(activity, size, {backup});
    }
    case 'event opened': {
      const line = chosenLine(activity);
      return line ? {...activity, opened: {line, top: 0}} : activity;
    }
    case 'filter opened':
      return {...activity, typing: true};
    case 'filter typed':
      return refilter(activity, size, {filter: activity.filter + action.text, typing: true});
    case 'filter erased':
      return refilter(activity, size, {filter: withoutLast(activity.filter), typing: true});
    case 'filter kept':
      return refilter(activity, size, {typing: false});
    case 'filter cleared':
      return refilter(activity, size, {filter: '', typing: false, event: null});
  }
}

/** The audit log, and one line of it. */
export const activitySlice = slice<ActivityState, ActivityAction>('activity', {
  start: noActivity,
  reduce: (activity, action, {size}) => reduceList(activity, action, size),
});

/** What is seen stays inside the list, and the text, in a terminal of another size. */
export function fitActivity(activity: ActivityState, size: Size): ActivityState {
  const {opened} = activity;
  const count = opened ? eventLines(opened.line, size.columns).length : 0;
  const fitted = opened && {...opened, top: clampText(opened.top, count, eventHeight(size))};
  return arrange({...activity, opened: fitted}, size);
}

export function moveEvent(activity: ActivityState, how: Move, size: Size): ActivityState {
  const {opened} = activity;
  if (!opened) return activity;
  const count = eventLines(opened.line, size.columns).length;
  return {...activity, opened: {...opened, top: moveText(opened.top, how, count, eventHeight(size))}};
}

export function moveActivity(activity: ActivityState, how: Move, size: Size): ActivityState {
  const {shown} = activity;
  const scroll = move(activity, how, shown.length, activityLayout(size).list);
  const moved = noteSeen({...activity, ...scroll, chosen: shown[scroll.cursor]?.number ?? null});
  const goesDown = how === 'down' || how === 'pageDown' || how === 'last';
  return goesDown && scroll.cursor >= shown.length - 1 ? wanting(moved) : moved;
}
