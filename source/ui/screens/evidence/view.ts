import {escapeText} from '../../../engine/base/escape.ts';
import {cut, widthOf} from '../../../presenters/graphemes.ts';
import {clip, fill, type Line, linesShown, padStart, plain, rule, theme, typedText} from '../../kit/line.ts';
import type {AppState} from '../../state.ts';
import {part} from '../differences/one.ts';
import {evidenceHead, evidenceHeight, stepOf, storyOf} from './head.ts';
import {evidenceFacts, evidenceSlice} from './state.ts';
import type {EvidenceTask} from './task.ts';

const styles = {plain: {}, good: theme.good, beware: theme.beware, bad: theme.bad};

/** The very file that is written by `x`, or was; above it where it lies, and whether it is signed. */
export function evidenceScreen(state: AppState): Line[] {
  const {size} = state;
  const evidence = evidenceSlice.of(state);
  const {opened} = evidence;
  if (!opened) return [];
  const {columns} = size;
  const facts = evidenceFacts(state);
  const height = evidenceHeight(facts);
  return [
    titleLine(state, opened),
    ...evidenceHead(facts).map(({text, tone}) => plain(`   ${text}`, styles[tone])),
    rule(positionOf(opened, height), columns),
    ...fill(textLines(opened, height, columns), height),
    bottom(state, opened),
  ].map((line) => clip(line, columns));
}

function titleLine(state: AppState, opened: EvidenceTask): Line {
  const {columns} = state.size;
  const {subject} = opened;
  const story = storyOf(evidenceFacts(state));
  const what =
    subject.kind === 'restore'
      ? [`session ${subject.session}`, story?.id, story?.ticket].filter(Boolean).join('   ')
      : subject.kind === 'verification'
        ? `${subject.id}, its verification`
        : 'all backups';
  const [mark, style] = standing(opened);
  const right = `${mark} `;
  const left = cut(` ${escapeText(what)}`, columns - right.length - 2);
  return [
    {text: left, ...theme.selected},
    {text: padStart(right, columns - widthOf(left)), ...style},
  ];
}

function standing({state, lines, problem, written}: EvidenceTask): [string, Line[number] | object] {
  if (state === 'writing') return ['- WRITING ...', theme.beware];
  if (state === 'making') return ['- MAKING THE PREVIEW ...', theme.beware];
  if (written) return ['+ WRITTEN', theme.good];
  if (lines === null) return ['x NO PREVIEW', theme.bad];
  return problem === null ? ['PREVIEW, NOT WRITTEN', theme.beware] : ['x NOT WRITTEN', theme.bad];
}

function positionOf({lines, top, left}: EvidenceTask, height: number): string {
  if (!lines) return 'the file';
  const last = Math.min(lines.length, top + height);
  const column = left > 0 ? `   column ${left + 1}` : '';
  return `the file, ${linesShown(top + 1, last, lines.length)}${column}`;
}

function textLines({lines, top, left, state}: EvidenceTask, height: number, columns: number): Line[] {
  if (!lines) return state === 'making' ? [[], plain('   Being made: this changes nothing ...')] : [];
  return lines.slice(top, top + height).map((line) => plain(` ${part(line, left, columns - 2)}`));
}

/** The question that is asked, or what comes next. */
function bottom(state: AppState, {lines, written, state: doing}: EvidenceTask): Line {
  const {prompt, size, readOnly} = state;
  if (prompt?.kind === 'key') {
    const asked = " Key file, or .pub of an agent's key: ";
    return [{text: asked}, typedText(prompt.text, size.columns - asked.length)];
  }
  if (written)
    return [{text: ' y', ...theme.key}, {text: ' copies the path; it is printed too once magds ends'}];
  if (readOnly) return plain(' --read-only: it can be looked at, and is not written', theme.beware);
  if (!lines || doing !== 'ready') return [];
  const step = stepOf(evidenceFacts(state));
  const does = !step
    ? ''
    : step.watched
      ? `; you watch: step ${step.number} stays open`
      : `, and answers step ${step.number}`;
  return [{text: ' x', ...theme.key}, {text: ` writes it for the ticket${does}`}];
}
