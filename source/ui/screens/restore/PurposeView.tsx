import {present} from '../../../presenters/present.ts';
import {behindIn} from '../../kit/part.tsx';
import {cutEnd, cutStartOf, key, type Span, strong, typed} from '../../kit/span.ts';
import {Gap, Page} from '../../kit/stack.tsx';
import {FactList, type ListedFact, Notices, TextLine} from '../../kit/words.tsx';
import type {ViewProps} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {type Field, fieldsOf, textIn} from './purpose.ts';
import type {RestoreTask} from './task.ts';

/** What a restore is for: all of it is optional, and nothing of it is written before the id is typed. */
export function PurposeView({state, slice: task}: ViewProps<RestoreTask | null>) {
  if (!task) return null;
  return (
    <Page>
      <TextLine wide look="strong" of="NOTHING CHANGED YET" />
      <TextLine wide look="strong" of={task.subject.id} />
      <Gap />
      <TextLine of="What is it for? All of it is optional: Enter goes on." />
      <Gap />
      <FactList width={12} of={[{word: 'for', says: choice(task)}]} />
      <FactList
        width={13}
        of={fieldsOf(task, task.subject.hasDumps).map((field) => fieldOf(task, field, state.caret))}
      />
      <Gap />
      <Notices flush of={notes(task)} />
    </Page>
  );
}

const names: Record<Field, string> = {
  into: 'directory',
  server: 'load on',
  ticket: 'ticket',
  title: 'title',
  authorisedBy: 'authorised by',
};

/** The one that is chosen stands in brackets. */
function choice({purpose}: RestoreTask): Span[] {
  const word = (each: RestoreTask['purpose']): Span => (each === purpose ? strong(`[${each}]`) : ` ${each} `);
  return [word('incident'), ' ', word('drill'), '   ', key('Left Right')];
}

function fieldOf(task: RestoreTask, field: Field, caret: AppState['caret']): ListedFact {
  const text = textIn(task, field, task.subject.id);
  const word = names[field];
  if (field === task.field)
    return {mark: '>', word, says: [typed(text, {behind: behindIn(caret, text)})], wordLook: 'strong'};
  return {word, says: [field === 'into' ? cutStartOf(text) : cutEnd(text)]};
}

const notes = ({purpose, subject}: RestoreTask): string[] =>
  purpose === 'drill'
    ? present([
        'A drill writes into that directory only, and makes it if it is not there. No live file is touched.',
        subject.hasDumps &&
          'Load on: a connection of the PHP configuration, service:NAME, or the directory of a socket. Dumps are loaded into scratch databases there, counted, and dropped again. Left empty, they are only read.',
      ])
    : [
        'Authorised by: who approved it beforehand, or "emergency" and why.',
        "It goes into the session's record, with your name.",
      ];
