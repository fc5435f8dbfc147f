import {escapeText} from '../../../engine/base/escape.ts';
import {evidenceStep} from '../../../engine/session/checklist.ts';
import {whyWatching} from '../../../engine/session/owner.ts';
import type {Story} from '../../../engine/session/story.ts';
import {widthOf, wrapWords} from '../../../presenters/graphemes.ts';
import {Notices, type NoticesProps, type NoticeText, noticeOf} from '../../kit/words.tsx';
import {bodyHeight, type Size} from '../../layout.ts';
import type {EvidenceFacts, EvidenceTask, Written} from './task.ts';

/** Characters of a line that are shown; the record is one line, of any length. */
const mostOfLine = 1000;
/** So much of a line that is longer comes before what is said of it: that is read without going sideways. */
const mostOfLongLine = 12;

/** An evidence file in lines for the screen, escaped; a line that is cut says so, the file has it whole. */
export const previewLines = (text: string): string[] =>
  text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) =>
      line.length > mostOfLine
        ? `${escapeText(line.slice(0, mostOfLongLine))} ... cut here, ${line.length} characters in the file`
        : escapeText(line),
    );

/** What begins a paragraph of its own, and what is no prose: tables, headings, comments. */
const isItem = (line: string): boolean => /^(?:- |\d+\. )/.test(line);
const isProse = (line: string): boolean => line.trim() !== '' && !/^[|<#]/.test(line);

/** Prose in lines of that width; commands and the record, which stand in fences, and tables as they are. */
function folded(lines: string[], width: number): string[] {
  const found: string[] = [];
  let paragraph: string | null = null;
  let isFenced = false;
  const end = (): void => {
    if (paragraph === null) return;
    const indent = isItem(paragraph) ? '  ' : '';
    const [first = '', ...more] = wrapWords(paragraph, width - indent.length);
    found.push(first, ...more.map((each) => `${indent}${each}`));
    paragraph = null;
  };
  for (const line of lines) {
    const isFence = /^`{3,}/.test(line);
    if (isFenced || isFence || !isProse(line) || isItem(line)) end();
    if (isFence) isFenced = !isFenced;
    if (isFenced || isFence || !isProse(line)) found.push(line);
    else paragraph = paragraph === null ? line : `${paragraph} ${line.trim()}`;
  }
  end();
  return found;
}

const known = new WeakMap<string[], {width: number; lines: string[]}>();

/** The file in the lines that the screen has for it: its prose is as wide as a page, and a terminal may be narrower. */
export function seenLines({lines}: EvidenceTask, {columns}: Size): string[] | null {
  if (lines === null) return null;
  const width = columns - 2;
  const before = known.get(lines);
  if (before?.width === width) return before.lines;
  const found = folded(lines, width);
  known.set(lines, {width, lines: found});
  return found;
}

/** The session that the evidence on the screen is about; null where it is about a backup, or not known. */
export function storyOf({evidence, sessions}: EvidenceFacts): Story | null {
  const subject = evidence.opened?.subject;
  if (subject?.kind !== 'restore') return null;
  return sessions.stories?.find(({number}) => number === subject.session) ?? null;
}

/** What writing it does to the step of the checklist that asks for it; null where there is none that is open. */
export function stepOf(state: EvidenceFacts): {number: number; watched: boolean} | null {
  const story = storyOf(state);
  if (!story || story.closed || story.state !== 'done') return null;
  const index = story.steps.findIndex(({id}) => id === evidenceStep);
  if (index < 0 || story.steps[index]?.answer) return null;
  const watched = whyWatching(story.number, story.owners, state.me, state.now) !== null;
  return {number: index + 1, watched};
}

function writtenSentences({file, sha256, signer, beware}: Written): NoticeText[] {
  return [
    {text: file, broken: true},
    {text: `SHA-256 ${sha256}`, broken: true},
    ...beware.map((text): NoticeText => noticeOf('!', text)),
    ...(signer ? [] : [unsigned]),
  ];
}

const unsigned: NoticeText = noticeOf('!', 'unsigned: shows corruption only');

function sentences(
  {evidence, readOnly}: EvidenceFacts,
  {written, problem, lacks}: EvidenceTask,
): NoticeText[] {
  const signed = ({fingerprint, principal}: NonNullable<Written['signer']>, word: string): NoticeText => ({
    mark: '+',
    text: `${word} ${fingerprint}${principal === null ? '' : ` of ${principal}`}`,
  });
  const bad: NoticeText[] = problem === null ? [] : [noticeOf('x', problem)];
  if (written)
    return [
      ...bad,
      ...writtenSentences(written),
      ...(written.signer ? [signed(written.signer, 'signed by')] : []),
    ];
  const key: NoticeText = evidence.key
    ? signed(evidence.key.signer, 'to be signed by')
    : {...unsigned, text: readOnly ? unsigned.text : `${unsigned.text}; k names a key`};
  return [...bad, key, ...lacks.map((text): NoticeText => noticeOf('!', text))];
}

/** What lies around the text: title, rule, and what comes next. */
const around = 3;
/** Lines of the text that are seen in any case. */
const leastText = 3;

/** What there is to say of it, above its text: never so much that nothing of the text is seen. */
export const evidenceHead = (state: EvidenceFacts): NoticesProps => ({
  of: state.evidence.opened ? sentences(state, state.evidence.opened) : [],
  most: bodyHeight(state.size) - around - leastText,
});

const heightOf = (head: NoticesProps, {columns}: Size): number =>
  Notices.lines(head, {columns, height: Number.POSITIVE_INFINITY}).length;

/** Lines of its text that are seen. */
export const evidenceHeight = (state: EvidenceFacts): number =>
  Math.max(1, bodyHeight(state.size) - around - heightOf(evidenceHead(state), state.size));

/** Columns of the widest line that is seen. */
export function widestLine(state: EvidenceFacts): number {
  const {opened} = state.evidence;
  const {top} = opened ?? {top: 0};
  return ((opened && seenLines(opened, state.size)) ?? [])
    .slice(top, top + evidenceHeight(state))
    .reduce((most, line) => Math.max(most, widthOf(line)), 0);
}
