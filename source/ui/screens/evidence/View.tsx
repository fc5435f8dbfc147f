import {ScrollText, whereIn} from '../../kit/scroll-text.tsx';
import {beware, cutEnd, gap, key, type Span, type StyledText} from '../../kit/span.ts';
import {Page, Panel} from '../../kit/stack.tsx';
import {TextField} from '../../kit/text-field.tsx';
import {Empty, Notices, TextLine} from '../../kit/words.tsx';
import {asksWho} from '../../person.ts';
import type {ViewProps} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {evidenceHead, evidenceHeight, seenLines, stepOf, storyOf} from './head.ts';
import {evidenceFacts} from './state.ts';
import type {EvidenceState, EvidenceTask} from './task.ts';

/** The very file that is written by `x`, or was; above it where it lies, and whether it is signed. */
export function EvidenceView({state, slice: {opened}}: ViewProps<EvidenceState>) {
  if (!opened) return null;
  const facts = evidenceFacts(state);
  const height = evidenceHeight(facts);
  const lines = seenLines(opened, state.size);
  return (
    <Page asks={state.prompt !== null}>
      <TextLine wide of={heading(state, opened)} />
      <Notices {...evidenceHead(facts)} />
      <Panel title={positionOf(opened, lines, height)} height={height}>
        {textOf(opened, lines, height)}
      </Panel>
      {bottom(state, opened)}
    </Page>
  );
}

function heading(state: AppState, opened: EvidenceTask): Span[] {
  const {subject} = opened;
  const story = storyOf(evidenceFacts(state));
  const what =
    subject.kind === 'restore'
      ? [`session ${subject.session}`, story?.id, story?.ticket].filter(Boolean).join('   ')
      : subject.kind === 'verification'
        ? `${subject.id}, its verification`
        : 'all backups';
  return [cutEnd(what, {look: 'strong'}), gap(2), standing(opened), ' '];
}

function standing({state, lines, problem, written}: EvidenceTask): StyledText {
  if (state === 'writing') return {text: '- WRITING ...', look: 'beware'};
  if (state === 'making') return {text: '- MAKING THE PREVIEW ...', look: 'beware'};
  if (written) return {text: '+ WRITTEN', look: 'good'};
  if (lines === null) return {text: 'x NO PREVIEW', look: 'bad'};
  return problem === null
    ? {text: 'PREVIEW, NOT WRITTEN', look: 'beware'}
    : {text: 'x NOT WRITTEN', look: 'bad'};
}

function positionOf({top, left}: EvidenceTask, lines: string[] | null, height: number): string {
  if (!lines) return 'the file';
  return `the file, ${whereIn(top, height, lines.length)}${left > 0 ? `   column ${left + 1}` : ''}`;
}

function textOf({top, left, state}: EvidenceTask, lines: string[] | null, height: number) {
  if (lines) {
    const seen = lines.slice(top, top + height);
    return <ScrollText of={seen.map((text) => [{text, from: left}, ' '])} top={0} height={height} />;
  }
  return state === 'making' && <Empty of={['Being made: this changes nothing ...']} />;
}

/** The question that is asked, or what comes next. */
function bottom(state: AppState, {lines, written, state: doing}: EvidenceTask) {
  const {prompt, readOnly} = state;
  if (prompt?.kind === 'who') return <TextField asks={asksWho} text={prompt.text} />;
  if (prompt?.kind === 'key')
    return <TextField asks=" Key file, or .pub of an agent's key: " text={prompt.text} />;
  if (written)
    return <TextLine wide of={[key('y'), ' copies the path; it is printed too once magds ends']} />;
  if (readOnly) return <TextLine wide of={beware('--read-only: shown, not written')} />;
  if (!lines || doing !== 'ready') return <TextLine of="" />;
  const step = stepOf(evidenceFacts(state));
  const does = !step
    ? ''
    : step.watched
      ? `; you watch: step ${step.number} stays open`
      : `; that answers step ${step.number}`;
  return <TextLine wide of={[key('x'), ` writes it for the ticket${does}`]} />;
}
