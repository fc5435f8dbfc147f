import {escapeText} from '../engine/base/escape.ts';
import {atMost, wrapWords} from '../presenters/graphemes.ts';
import {clock} from '../presenters/moment.ts';
import {clip, cutStart, type Line, pad, plain, type Segment, theme} from './kit/line.ts';
import {messageHeight} from './layout.ts';
import {hints} from './meaning.ts';
import {restoring} from './reasons.ts';
import {followedInto} from './screens/progress/state.ts';
import {openSession} from './screens/sessions/state.ts';
import {screenNamed} from './screens.ts';
import {currentScreen} from './stack.ts';
import type {AppState, Message} from './state.ts';

/** A session that is not over, wherever one is: what an operator must not forget. */
function sessionMark(state: AppState): Segment {
  if (state.stopped) return {text: `STOPPED ${state.stopped.session} `, ...theme.bad};
  const {follow} = state;
  if (follow && restoring(state))
    return {text: followedInto(follow) === null ? 'RESTORING ' : 'DRILL ', ...theme.beware};
  const open = openSession(state.sessions);
  return open ? {text: `OPEN ${open.number} `, ...theme.beware} : {text: ''};
}

/** Where one is says more than how one came there: that is cut first. */
function pathOf({screens: stack}: AppState, room: number): string {
  // What it is for is a question on the way: once answered, the room is the root's.
  const names = stack
    .filter((screen, index) => screen !== 'purpose' || index === stack.length - 1)
    .map((screen) => screenNamed(screen).title);
  const path = (from: number): string => [...(from > 0 ? ['~'] : []), ...names.slice(from)].join(' > ');
  let from = 0;
  while (from < names.length - 1 && path(from).length > room) from++;
  return path(from);
}

/** Where one is, on which machine and root, and when. The clock stands last, so that a minute costs few bytes. */
export function header(state: AppState): Line {
  const {columns} = state.size;
  const session = sessionMark(state);
  const left = ` magds > ${pathOf(state, columns - 41 - session.text.length)}  `;
  const right = ` ${clock(state.now)}`;
  const mode = state.readOnly ? 'READ ONLY ' : '';
  const host = `${escapeText(state.host)} `;
  // A name that the kernel does not know may be anything.
  const environment = state.configuration
    ? `${escapeText(state.configuration.environment.value).toUpperCase().slice(0, 12)} `
    : '';
  const room =
    columns -
    left.length -
    right.length -
    mode.length -
    session.text.length -
    host.length -
    environment.length -
    1;
  const root = cutStart(escapeText(state.place.root ?? state.place.backups), Math.max(0, room));
  const middle = pad(root, Math.max(0, room));
  return clip(
    [
      {text: left, bold: true},
      session,
      {text: mode, ...theme.beware},
      {text: host},
      {text: environment, ...theme.environment},
      {text: middle},
      {text: right},
    ],
    columns,
  );
}

const messageStyle = {plain: {}, beware: theme.beware, bad: theme.bad};
const messageMark = {plain: ' ', beware: ' ! ', bad: ' x '};

/** What was said last; else what keeps the list from being up to date. */
function saying(state: AppState): Message | null {
  const {problem} = state.catalog;
  if (state.message || problem === null || currentScreen(state) !== 'backups') return state.message;
  return {text: problem, tone: 'bad'};
}

/** A message in as many lines as it takes: what to do about something mostly stands at its end. */
export function messageLines(state: AppState): Line[] {
  const {size} = state;
  const message = saying(state);
  if (!message) return [[]];
  const {text, tone} = message;
  const mark = messageMark[tone];
  const words = wrapWords(escapeText(text), size.columns - mark.length - 1);
  const shown = atMost(words, messageHeight(size));
  return shown.map((line, index) =>
    clip(plain(`${index === 0 ? mark : ' '.repeat(mark.length)}${line}`, messageStyle[tone]), size.columns),
  );
}

/** What can be done here, read from the key bindings: as many as fit beside the way out. */
export function footer(state: AppState): Line {
  const all = hints(state);
  const widthOf = ({key, hint}: {key: string; hint: string}) => key.length + hint.length + 3;
  let room =
    state.size.columns - 1 - all.filter(({always}) => always).reduce((sum, each) => sum + widthOf(each), 0);
  const shown = all.filter((each) => {
    if (each.always) return true;
    room -= widthOf(each);
    return room >= 0;
  });
  const segments = shown.flatMap(({key, hint}) => [{text: key, ...theme.key}, {text: ` ${hint}  `}]);
  return clip([{text: ' '}, ...segments], state.size.columns);
}
