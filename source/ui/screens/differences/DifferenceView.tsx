import {formatBytes} from '../../../engine/base/format.ts';
import {comparingText} from '../../../presenters/difference-view.ts';
import {ScrollText} from '../../kit/scroll-text.tsx';
import type {StyledText} from '../../kit/span.ts';
import {Flex, Gap, Page} from '../../kit/stack.tsx';
import {TextLine} from '../../kit/words.tsx';
import {detailHeight} from '../../layout.ts';
import type {ViewProps} from '../../screen.ts';
import {heading, spansOf} from './parts.ts';
import {linesOfDifference, type OpenedDifference} from './seen.ts';
import type {DifferencesTask} from './state.ts';
import {tablesView} from './TablesView.tsx';
import {sidesOf} from './View.tsx';

/** How one dataset differs, by lines where it can be. */
export function DifferenceView({state, slice: task}: ViewProps<DifferencesTask | null>) {
  const opened = task?.opened;
  if (!opened) return null;
  const {size} = state;
  const height = detailHeight(size);
  const {top, difference} = opened;
  if (difference?.kind === 'tables') return tablesView({state, slice: task});
  const lines = linesOfDifference(opened, size.columns);
  const seen = lines.slice(top, top + height).map((line) => spansOf(line, opened));
  const dataset = task.datasets.find(({name}) => name === opened.name);
  return (
    <Page>
      <TextLine wide of={heading(task, opened)} />
      <TextLine of={position(opened, lines.length, height)} />
      <ScrollText of={seen} top={0} height={seen.length} indent={0} />
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

function position(opened: OpenedDifference, count: number, height: number): StyledText {
  const {difference, problem, done, total, top, left} = opened;
  if (problem !== null) return {text: `x ${problem}`, look: 'bad'};
  if (!difference) {
    if (opened.comparing) return {text: `- ${comparingText(opened.comparing)}`};
    return {
      text: `- comparing${total > 0 ? `: ${formatBytes(done)} of ${formatBytes(total)}` : ' ...'}`,
    };
  }
  switch (difference.kind) {
    case 'same':
      return {text: '= same', look: 'good'};
    case 'formatting':
      return {text: '= same content, other bytes'};
    case 'tables':
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
