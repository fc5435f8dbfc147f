import {formatBytes} from '../../../engine/base/format.ts';
import type {DiffLine} from '../../../engine/differences/lines.ts';
import {isSentence, type SeenLine, shownLine} from '../../../presenters/difference-view.ts';
import {Scroll} from '../../kit/scroll-text.tsx';
import {cutEnd, key, type Said, type Span, type Spans} from '../../kit/span.ts';
import {Flex, Gap, Page} from '../../kit/stack.tsx';
import {Line} from '../../kit/words.tsx';
import {differenceHeight} from '../../layout.ts';
import type {ViewProps} from '../../screen.ts';
import {linesOfDifference, type OpenedDifference} from './seen.ts';
import type {DifferencesTask} from './state.ts';
import {nameOfOther, sidesOf} from './View.tsx';

/** How one dataset differs, by lines where it can be. */
export function DifferenceView({state, slice: task}: ViewProps<DifferencesTask | null>) {
  const opened = task?.opened;
  if (!opened) return null;
  const {size} = state;
  const height = differenceHeight(size);
  const {top, difference} = opened;
  const lines = linesOfDifference(opened, size.columns);
  const seen = lines.slice(top, top + height).map((line) => spansOf(line, opened));
  const dataset = task.datasets.find(({name}) => name === opened.name);
  return (
    <Page>
      <Line wide of={heading(task, opened)} />
      <Line of={position(opened, lines.length, height)} />
      <Scroll of={seen} top={0} height={seen.length} indent={0} />
      {difference && difference.kind !== 'lines' && dataset && (
        <Flex>
          {/* Sizes and hashes of both: all there is to see of what has no lines. */}
          <Gap />
          {sidesOf(task, dataset)}
        </Flex>
      )}
    </Page>
  );
}

/** Which side is which, always in sight: without it the marks mean nothing. */
function heading({id, other}: DifferencesTask, {name}: OpenedDifference): Span[] {
  const side = (text: string): Said => cutEnd(text, {least: 19});
  return [
    cutEnd(name, {look: 'strong', least: 10, last: true}),
    '   - ',
    side(id),
    '   + ',
    side(nameOfOther(other)),
  ];
}

function position(opened: OpenedDifference, count: number, height: number): Said {
  const {difference, problem, done, total, top, left} = opened;
  if (problem !== null) return {text: `x ${problem}`, look: 'bad'};
  if (!difference)
    return {
      text: `- comparing${total > 0 ? `: ${formatBytes(done)} of ${formatBytes(total)}` : ' ...'}`,
    };
  switch (difference.kind) {
    case 'same':
      return {text: '= same', look: 'good'};
    case 'formatting':
      return {text: '= same content, other bytes'};
    case 'bytes':
      return {text: '! differs', look: 'beware'};
    case 'none':
      return {text: '? not compared', look: 'beware'};
    case 'lines': {
      const {removed, added, as} = difference;
      const where = `lines ${Math.min(count, top + 1)}-${Math.min(count, top + height)} of ${count}`;
      const column = left > 0 ? `   column ${left + 1}` : '';
      return {text: `${as === 'json' ? 'JSON' : 'text'}: - ${removed}   + ${added}   ${where}${column}`};
    }
  }
}

function spansOf(line: SeenLine, {left}: OpenedDifference): Spans {
  if (isSentence(line)) return `   ${line.text}`;
  if (line.mark === '@') return key(` -- ${line.text} --`);
  const look = line.mark === ' ' ? 'none' : 'strong';
  return [{text: ` ${line.mark} `, look}, {text: shownLine(line as DiffLine), from: left, look}, ' '];
}
