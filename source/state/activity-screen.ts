import type {LogState} from '../engine/events/log-ahead.ts';
import type {LoggedLine} from '../engine/events/logged-line.ts';
import {eventLines} from './activity-view.ts';
import type {AppState} from './app.ts';
import {withoutLast} from './graphemes.ts';
import {activityLayout, eventHeight, type Size} from './layout.ts';
import {currentScreen, push} from './screen.ts';
import {clampText, type Move, move, moveText, type Scroll, settle} from './scroll.ts';

/** Lines, and characters of them, that are kept; of more the oldest go. */
export const mostLines = 20_000;
const mostKept = 64_000_000;

/** What is looked at of the root's audit log. */
export type ActivityState = Scroll & {
  /** Which reading of the log this is: what comes of one before is not shown. */
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
  /** Number of the chosen one: it stays chosen when others come. */
  chosen: number | null;
  /** Number of the newest that was seen at the top of the list. */
  seen: number;
  /** Substring of a line; a leading `!` inverts. */
  filter: string;
  typing: boolean;
  /** Only this event, and only this backup's; null for all. */
  event: string | null;
  backup: string | null;
  /** The one that is read whole, and the first line of it that is in view. */
  opened: {line: LoggedLine; top: number} | null;
};

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

export type FilterAction =
  | {type: 'filter opened'}
  | {type: 'filter typed'; text: string}
  | {type: 'filter erased'}
  | {type: 'filter kept'}
  | {type: 'filter cleared'};

export const noActivity: ActivityState = {
  reading: 0,
  onlyOurs: true,
  log: null,
  lines: [],
  end: null,
  wanted: false,
  shown: [],
  chosen: null,
  seen: 0,
  cursor: 0,
  top: 0,
  filter: '',
  typing: false,
  event: null,
  backup: null,
  opened: null,
};

export const chosenLine = ({shown, cursor}: ActivityState): LoggedLine | null => shown[cursor] ?? null;

/** How many have come since the top of the list was looked at. */
export const unseen = ({shown, seen}: ActivityState): number => {
  const index = shown.findIndex(({number}) => number <= seen);
  return index < 0 ? shown.length : index;
};

/** What hides lines that were read, but for the backup that was asked for: Esc ends it. */
export const isFiltered = ({filter, typing, event}: ActivityState): boolean =>
  filter !== '' || typing || event !== null;

function passing({lines, filter, event, backup}: ActivityState): LoggedLine[] {
  const inverted = filter.startsWith('!');
  const wanted = (inverted ? filter.slice(1) : filter).toLowerCase();
  return lines.filter((line) => {
    if (event !== null && line.action !== event) return false;
    if (backup !== null && line.backup !== backup) return false;
    if (wanted === '') return true;
    const said = `${line.result.text} ${line.operator ?? ''} ${line.text}`.toLowerCase();
    return said.includes(wanted) !== inverted;
  });
}

/** Takes over what came, or which filter there is; the chosen line stays chosen while it is there, and where it is. */
function arrange(activity: ActivityState, size: Size): ActivityState {
  const shown = passing(activity);
  const {list} = activityLayout(size);
  const at = activity.chosen === null ? -1 : shown.findIndex(({number}) => number === activity.chosen);
  const cursor = at < 0 ? activity.cursor : at;
  // At the top what is new is seen to come; further down nothing moves.
  const stays = activity.top === 0 && cursor < list;
  const scroll = settle(
    {cursor, top: at < 0 || stays ? activity.top : activity.top + at - activity.cursor},
    shown.length,
    list,
  );
  return noteSeen({...activity, ...scroll, shown, chosen: shown[scroll.cursor]?.number ?? null});
}

function noteSeen(activity: ActivityState): ActivityState {
  const newest = activity.top === 0 ? (activity.shown[0]?.number ?? 0) : 0;
  return newest > activity.seen ? {...activity, seen: newest} : activity;
}

/** As many as are kept: the oldest go, and are not come back to. */
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

/** Older lines are asked for where what was read does not fill the list, or has been gone through. */
const wanting = (activity: ActivityState): ActivityState =>
  activity.end === null ? {...activity, wanted: true} : activity;

/** The next of the events that were read; after the last one all of them again. */
function nextEvent({lines, event, backup}: ActivityState): string | null {
  const names = new Set(
    lines
      .filter((line) => backup === null || line.backup === backup)
      .map(({action}) => action)
      .filter((action) => action !== ''),
  );
  return [...names].toSorted().find((name) => event === null || name > event) ?? null;
}

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

/** What is seen stays inside the list, and the text, in a terminal of another size. */
export function fitActivity({activity, size}: AppState): ActivityState {
  const {opened} = activity;
  const count = opened ? eventLines(opened.line, size.columns).length : 0;
  const fitted = opened && {...opened, top: clampText(opened.top, count, eventHeight(size))};
  return arrange({...activity, opened: fitted}, size);
}

export function moveActivity(state: AppState, screen: 'activity' | 'event', how: Move): ActivityState {
  const {activity, size} = state;
  const {opened, shown} = activity;
  if (screen === 'event') {
    if (!opened) return activity;
    const count = eventLines(opened.line, size.columns).length;
    return {...activity, opened: {...opened, top: moveText(opened.top, how, count, eventHeight(size))}};
  }
  const scroll = move(activity, how, shown.length, activityLayout(size).list);
  const moved = noteSeen({...activity, ...scroll, chosen: shown[scroll.cursor]?.number ?? null});
  const goesDown = how === 'down' || how === 'pageDown' || how === 'last';
  return goesDown && scroll.cursor >= shown.length - 1 ? wanting(moved) : moved;
}

export function reduceActivity(state: AppState, action: ActivityAction): AppState {
  const reduced = {...state, activity: reduceList(state.activity, action, state.size)};
  if (action.type === 'activity opened') return push(reduced, 'activity');
  if (action.type !== 'event opened' || !reduced.activity.opened) return reduced;
  return currentScreen(state) === 'activity' ? push(reduced, 'event') : reduced;
}
