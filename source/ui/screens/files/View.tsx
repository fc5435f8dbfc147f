import {isStillWritten} from '../../../engine/catalog/cut-off.ts';
import {insideLine, statesOf} from '../../../presenters/content-progress.ts';
import {momentOf} from '../../../presenters/moment.ts';
import {type Sentence, sentence} from '../../../presenters/sentence.ts';
import {cutEnd, type StyledText, sizeText} from '../../kit/span.ts';
import {Page, Panel} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {Empty, Notices, TextLine} from '../../kit/words.tsx';
import {filesLayout} from '../../layout.ts';
import type {ViewProps} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {extractLine} from './extract.tsx';
import type {FilesState, Finishing, Lying} from './state.ts';

/** The files of a backup that no manifest names, and whether each can be read. */
export function FilesView({state, slice: files}: ViewProps<FilesState | null>) {
  if (!files) return null;
  const {size, prompt, now} = state;
  const {id, cursor, top, finishing} = files;
  const layout = filesLayout(size);
  const chosen = files.files[cursor];
  const insideOf = insideIn(files);
  const found = chosen && insideOf(chosen);
  const says = saysOf(files, state);
  return (
    <Page>
      <TextLine wide of={cutEnd(id, {look: 'strong'})} />
      {prompt?.kind === 'extract' ? (
        extractLine(prompt)
      ) : (
        <TextLine wide of={prompt?.kind === 'finish' ? asks : finishing ? finishingText(finishing) : says} />
      )}
      <Table
        columns={columnsOf(insideOf, now)}
        rows={files.files}
        cursor={cursor}
        top={top}
        height={layout.list}
        empty={
          <Empty
            of={[
              files.isListed || files.problem !== null ? 'There is nothing in it.' : 'Looking into it ...',
            ]}
          />
        }
      />
      <Panel title={chosen?.path ?? ''} height={layout.detail}>
        {chosen && found && <Notices flush of={[{text: `${found.mark} ${found.text}`, look: found.tone}]} />}
      </Panel>
    </Page>
  );
}

/** What it is by now: it may be at work still, and somebody may finish or delete it. */
function saysOf({id, problem}: FilesState, {catalog, place}: AppState): StyledText {
  const row = catalog.rows.get(id);
  if (!row) return {text: 'x It is gone: it was deleted or moved.', look: 'bad'};
  if (row.state !== 'interrupted')
    return {text: '+ It has its manifest by now: the list (Esc) says more of it.', look: 'good'};
  if (problem !== null) return {text: `x ${problem}`, look: 'bad'};
  if (isStillWritten(row))
    return {text: '- It may still be running: no manifest says yet what is in it.', look: 'none'};
  const making = place.root === null ? '' : '; m writes one';
  return {text: `? Cut off: no manifest says what is in it${making}.`, look: 'beware'};
}

/** Nothing of a backup is written to without a word. */
const asks = {
  text: '! Enter adds manifest.json for what is whole, no more; Esc leaves it as it is',
  look: 'beware' as const,
};

/** How far it is. */
function finishingText({looking, bytesDone, totalBytes}: Finishing): string {
  if (looking !== null) return `- It is being made a backup: looking into ${looking} ...`;
  const part = totalBytes > 0 ? ` ${Math.floor((bytesDone / totalBytes) * 100)}%` : '';
  return `- It is being made a backup: hashing${part} ... Esc stops it.`;
}

const columnsOf = (insideOf: (file: Lying) => Sentence, now: number): Column<Lying>[] => [
  {head: 'DATASET', cell: ({name}) => name, fits: true, least: 7, most: 24},
  {head: 'SIZE', cell: ({bytes}) => sizeText(bytes), width: 7, right: true},
  {
    head: 'WRITTEN',
    cell: ({mtimeMs}) => momentOf(new Date(mtimeMs).toISOString(), now),
    width: 12,
    narrow: 0,
  },
  {
    head: 'INSIDE',
    cell(file) {
      const {mark, text, tone: look} = insideOf(file);
      return {text: `${mark} ${text}`, look};
    },
  },
];

/** What was found in a file; that it can be read says nothing of what it was. */
function insideIn({content}: FilesState): (file: Lying) => Sentence {
  const states = content && statesOf(content);
  return ({name}) => {
    const state = states === null ? 'follows' : states.get(name);
    if (state === undefined || state === 'nothing')
      return sentence('?', 'no JSON, SQLite or dump: nothing to check');
    if (state === 'follows') return sentence('-', 'not looked into yet');
    return state === 'checking' ? sentence('-', 'being looked into') : insideLine(state);
  };
}
