import {formatDuration} from '../../../engine/base/format.ts';
import {loud} from '../../../presenters/fact.ts';
import {
  type FollowTask,
  followedInto,
  followNotes,
  type PhaseName,
  phaseOf,
  phases,
  stageLeft,
  stagePart,
  switchedFiles,
  tookOf,
} from '../../../presenters/followed-restore.ts';
import {momentOf} from '../../../presenters/moment.ts';
import {restoreEnding} from '../../../presenters/restore-outcome.ts';
import {isInPart} from '../../../presenters/story-facts.ts';
import {ProgressBars} from '../../kit/progress-bars.tsx';
import {strong} from '../../kit/span.ts';
import {Flex, Gap, Page, Stack} from '../../kit/stack.tsx';
import {type Step, Steps} from '../../kit/steps.tsx';
import {Notices, type NoticeText, noticeOf, TextLine} from '../../kit/words.tsx';
import type {ViewProps} from '../../screen.ts';

/** A restore at work, and how it ended, before which all else gives way. */
export function ProgressView({state}: ViewProps) {
  const {follow: task, now} = state;
  if (!task) return null;
  const of = task.undoes === null ? task.id : `Undo of session ${task.undoes}`;
  const isDrill = followedInto(task) !== null && task.undoes === null;
  const {said, means, notes} = ending(task, now);
  const after = followNotes(task);
  return (
    <Page>
      <TextLine wide of={[strong(`${isDrill ? 'Drill of ' : ''}${of}   `), `session ${task.session}`]} />
      <Flex whole turn={1}>
        <Gap />
        <Steps of={stepsOf(task)} />
        <Gap />
      </Flex>
      <Flex whole turn={2}>
        <ProgressBars
          of={barsOf(task).map(([name, stage]) => ({name, part: stagePart(task, stage)}))}
          name={17}
          state={2}
        />
        <Gap />
      </Flex>
      <Flex tail turn={3}>
        <Notices of={after} />
        {after.length > 0 && <Gap />}
      </Flex>
      <Flex
        more={`   ... all of it: magds session show ${task.session}`}
        or={
          <Stack>
            <Flex least={1}>
              <Notices of={said} />
            </Flex>
            <Notices of={means} />
            <Flex turn={1}>
              <Notices of={notes} />
            </Flex>
          </Stack>
        }
      >
        <Notices of={[...said, ...means, ...notes]} />
      </Flex>
    </Page>
  );
}

const says: Record<PhaseName, string> = {
  prepare: 'safety backup and copies staged',
  switch: 'all files at once, under a second',
  done: 'u on the checklist undoes it',
};
const saysOfDrill: Record<PhaseName, string> = {
  ...says,
  prepare: 'copies staged',
  done: 'all files are in its directory',
};

function stepsOf(task: FollowTask): Step[] {
  const all = phases(task);
  const words = followedInto(task) === null ? says : saysOfDrill;
  return (['prepare', 'switch', 'done'] as const).map((name) => {
    const state = all[name];
    const isHarmless = name === 'prepare' && state === 'at work';
    const does = state === 'cancelled' ? 'cancelled' : words[name];
    return {name, state, says: isHarmless ? 'nothing changes yet; ^C cancels' : does};
  });
}

const bars = [
  ['safety backup', 'saving'],
  ['staged, hashed', 'staging'],
  ['live files hashed', 'checking'],
] as const;

/** A drill saves nothing, and what it hashes at the end is new. */
const barsOfDrill = [bars[1], ['new files hashed', 'checking']] as const;

const barsOf = (task: FollowTask) => (followedInto(task) === null ? bars : barsOfDrill);

/** How it ended: what is said first, what that means for the live files, and what else is to be known. */
type Ending = {said: NoticeText[]; means: NoticeText[]; notes: NoticeText[]};

const plain = (text: string): NoticeText => ({text});

/** How far it is, and what to do when the connection is lost. */
function remaining(task: FollowTask): NoticeText[] {
  const {stopping, estimate, progress} = task;
  if (stopping && phaseOf(task) === 'prepare')
    return [{text: 'Cancelling ... what was prepared is removed.', look: 'beware'}];
  const left = stageLeft(task);
  const name = barsOf(task).find(([, stage]) => stage === progress?.stage)?.[0];
  const about = estimate === null ? '' : `About ${formatDuration(estimate)} in all. `;
  return [
    ...(left === null || !name ? [] : [plain(`${name}: about ${formatDuration(left)} left.`)]),
    plain(`${about}Connection lost? It goes on; run magds again.`),
  ];
}

/** A drill has no checklist, and its files stay until somebody deletes them. */
function drillMeans(task: FollowTask, into: string, means: string): NoticeText[] {
  const files = switchedFiles(task);
  return [
    ...(files ? [plain(`${files.good} of ${files.all} files are what the manifest says.`)] : []),
    plain(means),
    plain(`Its files are in ${into}, readable by you alone: delete them when you have seen them.`),
  ];
}

function ending(task: FollowTask, now: number): Ending {
  const {finished} = task;
  if (!finished) return {said: remaining(task), means: [], notes: []};
  const {outcome, beware, commands, untouched = false} = finished;
  const into = followedInto(task);
  const {said, means} = restoreEnding({
    ...finished,
    isDrill: into !== null,
    isUndo: task.undoes !== null,
    isPart: isInPart(task.lines),
  });
  const took = outcome === 'done' ? tookOf(task) : null;
  const when = took ? ` ${momentOf(took.at, now)}, in ${formatDuration(took.seconds)}` : '';
  // That the service has to stay down is said as loudly as what happened.
  const look =
    outcome === 'needs-recovery' && into === null && !untouched ? ('bad' as const) : ('none' as const);
  return {
    said: [noticeOf(said.mark, loud(said, when))],
    means:
      outcome === 'done' && into !== null
        ? drillMeans(task, into, means)
        : means === ''
          ? []
          : [{text: means, look}],
    notes: [
      ...beware.map((line) => noticeOf('!', line)),
      ...(outcome === 'needs-recovery' ? commands.map((each) => plain(`by hand: ${each}`)) : []),
    ],
  };
}
