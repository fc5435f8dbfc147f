import type {LoggedLine} from '../../../engine/events/log/logged-line.ts';
import type {LogState} from '../../../engine/events/log/read-log.ts';
import {eventLines} from '../../../presenters/activity-view.ts';
import {type FilterAction, type Filtered, passing, reduceFilter} from '../../filter.ts';
import {clampText, type Move, move, moveText, type Scroll, settle} from '../../kit/scroll.ts';
import {activityLayout, detailHeight, type Size} from '../../layout.ts';
import {slice} from '../../state.ts';

/** Lines, and characters of them, that are kept; of more the oldest go. */
export const mostLines = 20_000;
const mostKept = 64_000_000;

/** What is looked at of the root's audit log. */
export type ActivityState = Scroll &
  Filtered & {
    /** Which reading of the log this is: what comes of one before is not told. */
    reading: number;
    /** Whether only what is about backups and restores is read. */
    onlyOurs: boolean;
    /** Null until it was looked for. */
    log: LogState | null;
    /** Newest first. */
    lines: LoggedLine[];
    /** Why there are none before them; null where there may be. */
    end: string | null;
    /** Older ones are asked for, and have not come. */
    wanted: boolean;
    /** Those that pass the filters. */
    shown: LoggedLine[];
    /** Number of the newest that was seen at the top of the list. */
    seen: number;
    /** Only this event, and only this backup's; null for all. */
    event: string | null;
    backup: string | null;
    /** The one that is read whole, as it is laid out, and the first line of that which is in view. */
    opened: {line: LoggedLine; text: string[]; top: number} | null;
  };

const noActivity: ActivityState = {
  reading: 0,
  onlyOurs: true,
  log: null,
  lines: [],
  end: null,
  wanted: false,
  shown: [],
  seen: 0,
  cursor: 0,
  top: 0,
  filter: '',
  typing: false,
  event: null,
  backup: null,
  opened: null,
};

export type ActivityAction =
  | {type: 'activity opened'; backup: string | null}
  | {type: 'activity found'; log: LogState}
  /** Newest first, both. */
  | {type: 'activity appended'; lines: LoggedLine[]}
  | {type: 'activity went back'; lines: LoggedLine[]; end: string | null}
  | {type: 'activity widened'}
  | {type: 'next event sought'}
  | {type: 'activity of backup'}
  | {type: 'event opened'}
  | FilterAction;

export const chosenLine = ({shown, cursor}: ActivityState): LoggedLine | null => shown[cursor] ?? null;

/** How many have come since the top of the list was looked at. */
export const unseen = ({shown, seen}: ActivityState): number => {
  const index = shown.findIndex(({number}) => number <= seen);
  return index < 0 ? shown.length : index;
};

/** What hides lines that were read, but for the backup that was asked for: Esc ends it. */
export const isFiltered = ({filter, typing, event}: ActivityState): boolean =>
  filter !== '' || typing || event !== null;

function shownOf({lines, filter, event, backup}: ActivityState): LoggedLine[] {
  const asked = lines.filter(
    (line) => (event === null || line.action === event) && (backup === null || line.backup === backup),
  );
  return passing(asked, filter, ({result, operator, text}) => `${result.text} ${operator ?? ''} ${text}`);
}

/** The oldest go where there are too many, and are not come back to. */
function limit(activity: ActivityState): ActivityState {
  let kept = 0;
  const index = activity.lines.findIndex(({text}, at) => {
    kept += text.length;
    return at >= mostLines || kept > mostKept;
  });
  if (index <= 0) return activity;
  const end = `only ${index} lines are kept here: less reads the log itself`;
  return {...activity, lines: activity.lines.slice(0, index), end, wanted: false};
}

const noteSeen = (activity: ActivityState): ActivityState =>
  activity.top > 0 ? activity : {...activity, seen: Math.max(activity.seen, activity.shown[0]?.number ?? 0)};

/** Takes over what came, or which filter there is; the chosen line stays chosen while it is there, and where it is. */
function arrange(before: ActivityState, size: Size, changes: Partial<ActivityState>): ActivityState {
  const next = limit({...before, ...changes});
  const shown = shownOf(next);
  const {list} = activityLayout(size);
  const chosen = chosenLine(before);
  const at = chosen === null ? -1 : shown.indexOf(chosen);
  const cursor = at < 0 ? before.cursor : at;
  // At the top what is new is seen to come; further down nothing moves.
  const stays = at < 0 || (before.top === 0 && cursor < list);
  const top = stays ? before.top : before.top + at - before.cursor;
  return noteSeen({...next, ...settle({cursor, top}, shown.length, list), shown});
}

/** Older lines are asked for where what was read does not fill the list, or has been gone through. */
const wanting = (activity: ActivityState): ActivityState =>
  activity.end === null ? {...activity, wanted: true} : activity;

function refilter(activity: ActivityState, size: Size, changes: Partial<ActivityState>): ActivityState {
  const next = arrange(activity, size, changes);
  return !next.typing && next.shown.length < activityLayout(size).list ? wanting(next) : next;
}

/** The next of the events that were read; after the last one all of them again. */
function nextEvent({lines, event, backup}: ActivityState): string | null {
  const of = lines.filter((line) => line.action !== '' && (backup === null || line.backup === backup));
  const names = [...new Set(of.map(({action}) => action))].toSorted();
  return names.find((name) => event === null || name > event) ?? null;
}

function reduce(activity: ActivityState, action: ActivityAction, {size}: {size: Size}): ActivityState {
  const {onlyOurs, backup, filter} = activity;
  // Begins to read anew: what was read is another log's, or lacks lines.
  const anew: ActivityState = {...noActivity, reading: activity.reading + 1, wanted: true};
  switch (action.type) {
    case 'activity opened':
      return {...anew, backup: action.backup};
    case 'activity widened':
      return {...anew, onlyOurs: !onlyOurs, backup, filter};
    case 'activity found':
      return {...activity, log: action.log};
    case 'activity appended':
      return arrange(activity, size, {lines: [...action.lines, ...activity.lines]});
    case 'activity went back':
      return arrange(activity, size, {
        lines: [...activity.lines, ...action.lines],
        end: action.end,
        wanted: false,
      });
    case 'next event sought':
      return refilter(activity, size, {event: nextEvent(activity)});
    case 'activity of backup':
      return refilter(activity, size, {
        backup: backup === null ? (chosenLine(activity)?.backup ?? null) : null,
      });
    case 'event opened': {
      const line = chosenLine(activity);
      return {...activity, opened: line && {line, text: eventLines(line, size.columns), top: 0}};
    }
    case 'filter opened':
      return {...activity, typing: true};
    case 'filter written':
    case 'filter kept':
      return refilter(activity, size, reduceFilter(activity, action));
    case 'filter cleared':
      return refilter(activity, size, {filter: '', typing: false, event: null});
  }
}

/** The audit log, and one line of it. */
export const activitySlice = slice<ActivityState, ActivityAction>('activity', {start: noActivity, reduce});

/** What is seen stays inside the list, and the text, in a terminal of another size. */
export function fitActivity(activity: ActivityState, size: Size): ActivityState {
  const line = activity.opened?.line;
  const text = line ? eventLines(line, size.columns) : [];
  const top = clampText(activity.opened?.top ?? 0, text.length, detailHeight(size));
  return arrange(activity, size, {opened: line ? {line, text, top} : null});
}

export function moveActivity(activity: ActivityState, how: Move, size: Size): ActivityState {
  const {shown} = activity;
  const moved = noteSeen({...activity, ...move(activity, how, shown.length, activityLayout(size).list)});
  const goesDown = how === 'down' || how === 'pageDown' || how === 'last';
  return goesDown && moved.cursor >= shown.length - 1 ? wanting(moved) : moved;
}

export function moveEvent(activity: ActivityState, how: Move, size: Size): ActivityState {
  const {opened} = activity;
  if (!opened) return activity;
  return {
    ...activity,
    opened: {...opened, top: moveText(opened.top, how, opened.text.length, detailHeight(size))},
  };
}
