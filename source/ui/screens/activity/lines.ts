import type {LogState} from '../../../engine/events/log/log-ahead.ts';
import type {LoggedLine} from '../../../engine/events/log/logged-line.ts';
import {type Scroll, settle} from '../../kit/scroll.ts';
import {activityLayout, type Size} from '../../layout.ts';

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
export function arrange(activity: ActivityState, size: Size): ActivityState {
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

export function noteSeen(activity: ActivityState): ActivityState {
  const newest = activity.top === 0 ? (activity.shown[0]?.number ?? 0) : 0;
  return newest > activity.seen ? {...activity, seen: newest} : activity;
}

/** As many as are kept: the oldest go, and are not come back to. */
export function limit(activity: ActivityState): ActivityState {
  let kept = 0;
  const index = activity.lines.findIndex(({text}, at) => {
    kept += text.length;
    return at >= mostLines || kept > mostKept;
  });
  if (index <= 0) return activity;
  const end = `only ${index} lines are kept here: less reads the log itself`;
  return {...activity, lines: activity.lines.slice(0, index), end, wanted: false};
}

/** The next of the events that were read; after the last one all of them again. */
export function nextEvent({lines, event, backup}: ActivityState): string | null {
  const names = new Set(
    lines
      .filter((line) => backup === null || line.backup === backup)
      .map(({action}) => action)
      .filter((action) => action !== ''),
  );
  return [...names].toSorted().find((name) => event === null || name > event) ?? null;
}
