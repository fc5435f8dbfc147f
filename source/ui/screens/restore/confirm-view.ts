import {escapeText} from '../../../engine/base/escape.ts';
import {formatBytes, formatDuration} from '../../../engine/base/format.ts';
import {changes, type RestorePlan} from '../../../engine/restore/action.ts';
import type {Fact} from '../../../presenters/fact.ts';
import {atMost, cut, wrapWords} from '../../../presenters/graphemes.ts';
import {momentOf} from '../../../presenters/moment.ts';
import {
  clip,
  cutStart,
  type Line,
  pad,
  plain,
  type Segment,
  someOf,
  theme,
  toneStyle,
  typedText,
} from '../../kit/line.ts';
import {bodyHeight} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {type Check, confirmChecks, confirmFacts} from './confirm-facts.ts';
import {linesOf} from './scroll.ts';
import {restoreSlice, rightSoFar, whyWritten, wordOf} from './state.ts';
import type {RestoreTask} from './task.ts';

/** The last step before files change: what was checked, and the word that has to be typed. */
export function confirmScreen(state: AppState): Line[] {
  const {size, host} = state;
  const restore = restoreSlice.of(state);
  if (!restore?.plan) return [];
  const {columns} = size;
  const below = question(restore, restore.plan, columns);
  const facts = confirmFacts(restore, restore.plan);
  const told = (some: Fact[]): Line[] =>
    linesOf(some, columns).map(({text, tone}) => plain(text, toneStyle[tone]));
  const head = [
    plain(
      restore.plan.into === null
        ? ` LAST STEP BEFORE FILES CHANGE ON ${escapeText(host)}`
        : ` LAST STEP BEFORE THE DRILL ON ${escapeText(host)}`,
      theme.selected,
    ),
    ...what(restore, restore.plan, state.now, columns),
  ];
  // What needs the operator comes first: it is not what gives way where there is little room.
  const looked = [
    ...told(facts.filter(({mark}) => mark === 'x')),
    ...grid(confirmChecks(restore, restore.plan, state.now), columns),
    ...told(facts.filter(({mark}) => mark !== 'x')),
  ];
  // The word to be typed is seen in any case; what has to give way for it stands in the plan too.
  const room = bodyHeight(size) - below.length;
  const above = [...head, ...(head.length + looked.length < room ? [[]] : []), ...looked];
  const shown =
    above.length > room ? [...above.slice(0, room - 1), plain('   ... more in the plan: Esc')] : above;
  return [...shown, ...below].map((line) => clip(line, columns));
}

/** Two to a line. Escaped here. */
function grid(checks: Check[], columns: number): Line[] {
  const width = Math.min(33, Math.floor((columns - 3) / 2));
  const cell = ({mark, text, tone}: Check, isLast: boolean): Segment => {
    const shown = `${mark} ${escapeText(text)}`;
    return {text: isLast ? cut(shown, width) : pad(shown, width), ...toneStyle[tone]};
  };
  return Array.from({length: Math.ceil(checks.length / 2)}, (_, row) => {
    const pair = checks.slice(row * 2, row * 2 + 2);
    return [{text: '   '}, ...pair.map((check, index) => cell(check, index === pair.length - 1))];
  });
}

function what({subject}: RestoreTask, plan: RestorePlan, now: number, columns: number): Line[] {
  const names = [...new Set(changes(plan).map(({dataset}) => dataset))];
  const ago = formatDuration(Math.max(0, now - Date.parse(plan.createdAt ?? '')) / 1000);
  const back =
    subject.undoes === null
      ? `to ${momentOf(plan.createdAt, now)} (${ago})`
      : `to what they were before session ${subject.undoes}`;
  if (plan.into !== null) {
    const end = ` as of ${momentOf(plan.createdAt, now)} (${ago}), into`;
    const room = columns - 4;
    const copies = wrapWords(`Copies of ${someOf(names, room - 10 - Math.min(end.length, 24))}${end}`, room);
    const into = cutStart(escapeText(plan.into), room);
    return [...atMost(copies, 2), into, 'No live file is touched.'].map((line) => plain(`   ${line}`));
  }
  const verb = names.length === 1 ? 'goes' : 'go';
  const end = ` ${verb} back ${back}.`;
  const sentences = wrapWords(`${someOf(names, columns - 4 - Math.min(end.length, 40))}${end}`, columns - 4);
  const safety = plan.safety ? 'Safety backup first.' : '! No safety backup.';
  return [...atMost(sentences, 2), safety].map((line) => plain(`   ${line}`));
}

function question(task: RestoreTask, plan: RestorePlan, columns: number): Line[] {
  const word = escapeText(wordOf(task));
  const asked = task.subject.undoes === null ? "the backup's id" : "the session's number";
  return [
    [],
    plain(`   Type ${asked}, then Enter. Paste does nothing.`),
    plain(`     ${cutStart(word, columns - 6)}`, theme.selected),
    [{text: '   > '}, typedText(task.typed, columns - 6)],
    judgement(task),
    plain(`   About ${formatDuration(plan.seconds)}. Connection lost? It goes on; run magds again.`),
  ];
}

/** How far what is typed is right. */
function judgement(task: RestoreTask): Line {
  const {right, typed, of} = rightSoFar(task);
  if (task.state === 'starting') {
    const read = task.looked > 0 ? ` ${formatBytes(task.looked)} hashed` : '';
    return plain(`     - looking once more ...${read}   Esc stops it`);
  }
  if (typed > right) return plain(`     x wrong from character ${right + 1} on: Backspace, or ^U`, theme.bad);
  const does = task.plan?.into == null ? 'restores' : 'begins the drill';
  if (right === of && whyWritten(task) !== null)
    return plain(`     x ${of} of ${of}, but not while x: Esc, back to the plan`, theme.bad);
  if (right === of) return plain(`     + ${of} of ${of}: Enter ${does}`, theme.good);
  return plain(`     ${right} of ${of}${right > 0 ? ', right so far' : ''}`);
}
