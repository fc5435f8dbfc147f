import {type Answer, runbookSteps, type Step} from '../../source/engine/session/checklist.ts';
import type {RecordLine} from '../../source/engine/session/record.ts';
import type {Story} from '../../source/engine/session/story.ts';
import {noTimes} from '../../source/engine/session/times.ts';
import type {StoppedRestore} from '../../source/ui/facts.ts';
import type {AppAction} from '../../source/ui/state.ts';
import {idAt, noon} from './states.ts';

/** Seconds before noon. */
const before = (seconds: number): string => new Date(noon - seconds * 1000).toISOString();

export const aLine = (type: string, data: Record<string, unknown> = {}): RecordLine => ({
  sequence: 1,
  at: before(100),
  operator: 'amira',
  type,
  data,
  previous: '',
});

/** A live file of a dataset, as it was right after the switch. */
export const liveFile = (dataset: string) => ({
  dataset,
  target: `/srv/magmoboce/storage/data/${dataset}.json`,
  hash: null,
  written: false,
});

/** The steps of the runbook, the first of them answered by machine, with these beside. */
export const someSteps = (...answers: Pick<Answer, 'step' | 'state' | 'note'>[]): Step[] => {
  const all = [
    {
      step: 'manifest',
      state: 'done' as const,
      note: '2 of 2 live files are what the manifest says',
      machine: true,
    },
    ...answers.map((each) => ({...each, machine: false})),
  ];
  return runbookSteps.map((step) => {
    const answer = all.findLast((each) => each.step === step.id);
    return {...step, answer: answer ? {...answer, at: before(60), operator: 'amira'} : null, replaced: []};
  });
};

/** Session 12: it restored two files from a backup of three hours before noon, and is not signed off. */
export const aStory = (changes: Partial<Story> = {}): Story => ({
  number: 12,
  id: idAt(3, 'nightly'),
  openedAt: before(133),
  endedAt: before(100),
  operator: 'amira',
  owners: [],
  ticket: 'INC-4711',
  purpose: null,
  title: null,
  authorisedBy: null,
  badSince: null,
  times: noTimes,
  undoes: null,
  drill: false,
  state: 'done',
  reason: null,
  phase: 'done',
  closed: false,
  undoneBy: null,
  endedEarly: false,
  ignored: null,
  steps: someSteps(),
  lines: [
    aLine('opened', {id: idAt(3, 'nightly'), only: null, map: []}),
    aLine('prepare', {
      files: ['/srv/magmoboce/storage/data/tenants.json', '/srv/magmoboce/storage/data/ledger.json'],
    }),
    aLine('switched', {live: ['tenants', 'ledger'].map(liveFile)}),
    aLine('finished', {outcome: 'done', beware: ['tenants: it has already been written to since']}),
  ],
  broken: null,
  torn: false,
  ...changes,
});

export const sessionsRead = (...stories: Story[]): AppAction => ({type: 'sessions read', stories});

/** Session 12 stopped between two renames. */
export const stoppedFound = (changes: Partial<StoppedRestore> = {}): AppAction => ({
  type: 'stopped found',
  stopped: {
    session: 12,
    id: idAt(3, 'nightly'),
    undoes: null,
    drill: false,
    phase: 'commit',
    operator: 'amira',
    ticket: 'INC-4711',
    at: before(720),
    pid: 31877,
    untrusted: null,
    files: [
      {dataset: 'tenants', target: '/srv/magmoboce/storage/data/tenants.json', standing: 'new'},
      {dataset: 'ledger', target: '/srv/magmoboce/storage/data/ledger.json', standing: 'old'},
    ],
    ...changes,
  },
});
