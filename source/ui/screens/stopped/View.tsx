import {formatAge} from '../../../engine/base/format.ts';
import {stoppedWhere} from '../../../engine/session/journal.ts';
import {momentOf} from '../../../presenters/moment.ts';
import type {StoppedRestore} from '../../facts.ts';
import {namesIn} from '../../kit/span.ts';
import {Flex, Gap, Page, Stack} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {TextField} from '../../kit/text-field.tsx';
import {Empty, FactList, Notice, TextLine} from '../../kit/words.tsx';
import {asksWho} from '../../person.ts';
import type {ViewProps} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {type Deciding, type Decision, decisions, writtenIn} from './state.ts';

/** A restore that stopped halfway: what is old, what is new, and what can be decided. */
export function StoppedView({state, slice: deciding}: ViewProps<Deciding>) {
  const {stopped: task} = state;
  if (!task) return null;
  const what = task.drill ? 'DRILL' : 'RESTORE';
  return (
    <Page>
      <TextLine
        wide
        look="bad"
        of={[
          `x A ${what} STOPPED ${stoppedWhere(task.phase).toUpperCase()}. `,
          task.phase === 'prepare'
            ? {text: 'Only rollback cleans up.', or: ''}
            : {text: 'Nothing happens until you choose.', or: 'Now you choose.'},
        ]}
      />
      {about(state, task)}
      <Flex fills least={1}>
        {files(task)}
      </Flex>
      <FactList width={9} of={decisions(task).map((each) => ({word: each, says: [meaningOf(each, task)]}))} />
      {question(state, task, deciding)}
    </Page>
  );
}

function about({now}: AppState, {session, id, undoes, ticket, operator, at, pid}: StoppedRestore) {
  const what = undoes === null ? id : `undo of session ${undoes}`;
  const age = at === null ? 'now' : formatAge(Math.max(0, now - Date.parse(at)) / 1000);
  const ago = age === 'now' ? 'just now' : `${age} ago`;
  return (
    <FactList
      width={9}
      of={[
        {word: 'session', says: [[session, what, ticket, operator].filter(Boolean).join('  ')]},
        {word: 'stopped', says: [`${momentOf(at, now)}, ${ago}; process ${pid} gone`]},
      ]}
    />
  );
}

const standings = {
  old: {word: 'OLD', text: '+ as before the restore', look: 'good'},
  new: {word: 'NEW', text: '+ as in the backup', look: 'good'},
  written: {word: '?', text: 'x written to since: you decide', look: 'bad'},
} as const;

const columns: Column<StoppedRestore['files'][number]>[] = [
  {cell: ({dataset}) => dataset, fits: true, least: 7, most: 28},
  {cell: ({standing}) => standings[standing].word, width: 3},
  {cell: ({standing}) => standings[standing], least: 29},
];

/** What has to be decided comes first. */
function files({files: all, phase, drill, untrusted}: StoppedRestore) {
  if (untrusted !== null) return <Notice mark="x" text={`its journal is ignored: ${untrusted}`} />;
  if (phase === 'prepare') return <Empty of={[{mark: '+', text: 'All files are OLD, as before.'}]} />;
  const sorted = all.toSorted((a, b) => Number(b.standing === 'written') - Number(a.standing === 'written'));
  const isMixed = new Set(all.map(({standing}) => standing)).size > 1;
  const means = drill ? 'of the drill only, no live file is touched' : 'keep the service stopped';
  return (
    <Stack>
      <Gap />
      <Flex least={1}>
        <Table columns={columns} rows={sorted} more={(hidden) => `   and ${hidden} more`} />
      </Flex>
      {isMixed && <TextLine look="bad" of={`x mixed: ${means}`} />}
    </Stack>
  );
}

const says: Record<Decision, string> = {
  finish: 'all NEW, about 1s',
  rollback: 'all OLD, about 1s',
  look: 'its record; changes nothing',
};

function meaningOf(decision: Decision, task: StoppedRestore): string {
  if (decision === 'rollback' && task.phase === 'prepare') return 'cleans up what it had saved and staged';
  const isSuggested = decision === 'finish' && decisions(task)[0] === decision;
  return `${says[decision]}${isSuggested ? '   SUGGESTED: it was confirmed' : ''}`;
}

function question({readOnly, host, prompt}: AppState, task: StoppedRestore, {typed, working}: Deciding) {
  const written = writtenIn(task);
  if (working) return <Empty of={[{mark: '-', text: `working on ${host} ...`, look: 'strong'}]} />;
  if (prompt?.kind === 'who') return <TextField asks={asksWho} text={prompt.text} />;
  const each = 'magds restore --resume or --rollback, with --keep=NAME or --take=NAME';
  return (
    <>
      {written.length > 0 && (
        <Notice
          look="beware"
          text={`Written to since: ${namesIn(written, 24)}. You decide for each: ${each}`}
        />
      )}
      <Gap />
      <TextLine
        of={`Type one, then Enter.${readOnly ? ' --read-only: look only.' : ''} Paste does nothing.`}
      />
      <TextField asks="   > " text={typed} />
    </>
  );
}
