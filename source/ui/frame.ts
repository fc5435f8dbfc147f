import path from 'node:path';
import {escapeText} from '../engine/base/escape.ts';
import {followedInto} from '../presenters/followed-restore.ts';
import {atMost, widthOf, wrapWords} from '../presenters/graphemes.ts';
import {clock} from '../presenters/moment.ts';
import {KeyHints} from './kit/key-hints.tsx';
import type {Line} from './kit/line.ts';
import type {Room} from './kit/part.tsx';
import {bad, cutEnd, cutStartOf, gap, lineOf, type StyledText, strong} from './kit/span.ts';
import {Saying} from './kit/words.tsx';
import {bodyHeight, messageHeight, smallest} from './layout.ts';
import {hints} from './meaning.ts';
import {restoring} from './reasons.ts';
import {openSession} from './screens/sessions/state.ts';
import {screenNamed} from './screens.ts';
import {type AppState, currentScreen, type Message} from './state.ts';

/** A session that is not over, wherever one is: what an operator must not forget. */
function sessionMark(state: AppState): StyledText {
  if (state.stopped) return bad(`STOPPED ${state.stopped.session} `);
  const {follow} = state;
  if (follow && restoring(state)) return strong(followedInto(follow) === null ? 'RESTORING ' : 'DRILL ');
  const open = openSession(state.sessions);
  return strong(open ? `OPEN ${open.number} ` : '');
}

/** Where one is says more than how one came there: that is cut first, and then the program's name goes. */
function pathOf({screens: stack}: AppState, room: number): string {
  // What it is for is a question on the way: once answered, the room is the root's.
  const names = stack
    .filter((screen, index) => screen !== 'purpose' || index === stack.length - 1)
    .map((screen) => screenNamed(screen).title);
  const path = (from: number): string =>
    ` ${['magds', ...(from > 0 ? ['~'] : []), ...names.slice(from)].join(' > ')}`;
  const paths = [...names.map((_, from) => path(from)), ` ${names.at(-1)}`];
  return paths.find((each) => each.length <= room) ?? (paths.at(-1) as string);
}

/** A machine is known by its first label; an address has none. */
const hostLabel = (host: string): string => (/^[\d.]+$/.test(host) ? host : (host.split('.')[0] ?? host));

/** Columns of a host's name. */
const longestHost = 24;

/** Where one is, on which machine and root, and when. The clock stands last, so that a minute costs few bytes. */
export function header(state: AppState): Line {
  const {size, host, place, configuration, now, readOnly} = state;
  const session = sessionMark(state);
  // A name that the kernel does not know may be anything.
  const environment = configuration
    ? `${escapeText(configuration.environment.value).toUpperCase().slice(0, 12)} `
    : '';
  const readOnlyMark = readOnly ? 'READ ONLY ' : '';
  const label = hostLabel(host);
  const time = ` ${clock(now)} `;
  const where = place.root ?? place.backups;
  const beside = `  ${session.text}${readOnlyMark} ${environment}${time}`.length;
  const spans = [
    cutEnd(pathOf(state, size.columns - beside - Math.min(widthOf(label), longestHost)), {look: 'strong'}),
    '  ',
    session,
    strong(readOnlyMark),
    cutEnd(label, {most: longestHost}),
    ' ',
    {text: environment, look: 'environment' as const},
    cutStartOf(where, {worth: widthOf(path.basename(where)) + 1}),
    gap(0),
    time,
  ];
  return lineOf(spans, size.columns);
}

const marks = {plain: ' ', beware: '!', bad: 'x'};

/** What was said last; else what keeps the list from being up to date. */
function saying(state: AppState): Message | null {
  const {problem} = state.catalog;
  if (state.message || problem === null || currentScreen(state) !== 'backups') return state.message;
  return {text: problem, tone: 'bad'};
}

/** A message in as many lines as it takes: what to do about something mostly stands at its end. */
export function messageLines(state: AppState): Line[] {
  const message = saying(state);
  if (!message) return [[]];
  const {text, tone} = message;
  return Saying.lines({mark: marks[tone], text, most: messageHeight(state.size)}, roomOf(state));
}

/** What can be done here, read from the key bindings: as many as fit beside the way out. */
export const footer = (state: AppState): Line => KeyHints.lines({of: hints(state)}, roomOf(state))[0] ?? [];

/** The lines of the screen itself, and how many of them a message leaves in view. */
export const roomOf = ({size, caret}: AppState, message: Line[] = [[]]): Room => {
  const height = bodyHeight(size);
  return {columns: size.columns, height, seen: height + 1 - message.length, caret};
};

/** What is seen instead of everything where there is no room for it: that, or what quitting asks. */
export function tooSmall({size: {columns, rows}, message, quitAsked}: AppState): Line[] {
  const said =
    quitAsked && message
      ? [message.text]
      : [
          `This terminal is ${columns}x${rows}.`,
          `It takes ${smallest.columns}x${smallest.rows} at least: make it larger, or Ctrl+C quits.`,
        ];
  const lines = ['magds', ...said].flatMap((text) => wrapWords(escapeText(text), Math.max(1, columns)));
  return atMost(lines, rows).map((line) => lineOf(line, columns));
}
