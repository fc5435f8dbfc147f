import type {BadSince} from '../../../engine/catalog/suggest.ts';
import {changes, type RestoreOptions, type RestorePlan} from '../../../engine/restore/action.ts';
import {byDataset} from '../../../engine/restore/by-dataset.ts';
import type {Holder} from '../../../engine/restore/holders.ts';
import type {Loss} from '../../../engine/restore/losses.ts';
import type {TargetWrite} from '../../../engine/restore/target-writes.ts';
import {bounded, longestOf} from '../../../engine/session/about.ts';
import {type Incident, noIncident} from '../../../engine/session/incident.ts';
import {graphemes} from '../../../presenters/graphemes.ts';
import {slice} from '../../state.ts';
import {allToggled, firstChoice, isOpen, toggled, whyNothing} from './choice.ts';
import {
  emptyForm,
  filled,
  intoOf,
  type PurposeAction,
  type PurposeForm,
  reducePurpose,
  serverOf,
} from './purpose.ts';
import {fitPlan} from './scroll.ts';
import type {PlanSettings, RestoreSubject, RestoreTask} from './task.ts';
import {staleNames, writingNow} from './writes.ts';

export type RestoreTaskAction =
  | PurposeAction
  /** What it is for is asked first. */
  | {type: 'purpose opened'; subject: RestoreSubject; badSince?: BadSince | null; incident?: Incident}
  | {
      type: 'restore opened';
      subject: RestoreSubject;
      badSince?: BadSince | null;
      badTimes?: RestoreTask['badTimes'];
    }
  | {type: 'directory suggested'; into: string}
  | {type: 'restore looking'; bytes: number}
  | {
      type: 'restore planned';
      plan: RestorePlan;
      reasons: string[];
      /** When it was begun, in milliseconds since the epoch. */
      at?: number;
      settings?: PlanSettings;
      noAudit?: string | null;
    }
  | {type: 'newer found'; newer: NonNullable<RestoreTask['newer']>}
  | {type: 'elsewhere found'; elsewhere: NonNullable<RestoreTask['elsewhere']>}
  | {type: 'loss counted'; dataset: string; loss: Loss}
  | {type: 'audit done without'; reason: string}
  | {type: 'targets watched'; writes: TargetWrite[]}
  | {type: 'although written'}
  | {type: 'service opened'}
  | {type: 'service found'; holders: Holder[]}
  | {type: 'restore refused'; problem: string}
  | {type: 'restore toggled'}
  /** All that can be restored, or nothing again. */
  | {type: 'all toggled'}
  | {type: 'ticket given'; text: string}
  | {type: 'confirm opened'}
  | {type: 'word written'; text: string}
  | {type: 'restore starting'}
  /** It was not started: back to the plan as it is now. */
  | {type: 'restore held back'; plan: RestorePlan | null; reasons: string[]};

const isSame = (a: RestoreSubject, b: RestoreSubject): boolean => a.id === b.id && a.undoes === b.undoes;

const formFields = Object.keys(emptyForm) as (keyof PurposeForm)[];
const formOf = (form: PurposeForm): PurposeForm =>
  Object.fromEntries(formFields.map((name) => [name, form[name]])) as PurposeForm;

/** Where a drill puts its files; null where it is none. */
export const drillInto = (task: RestoreTask): string | null =>
  task.subject.undoes === null ? intoOf(task, task.subject.id) : null;

/** A drill's directory, and where it loads dumps. */
export type Drill = {into: string; intoDatabase: RestoreOptions['intoDatabase']};

/** Null where it is none. */
export function drillOf(task: RestoreTask): Drill | null {
  const into = drillInto(task);
  return into === null ? null : {into, intoDatabase: serverOf(task, task.subject.hasDumps)};
}

const noBadTimes: RestoreTask['badTimes'] = new Map();

function opened(
  task: RestoreTask | null,
  subject: RestoreSubject,
  badSince: BadSince | null,
  badTimes: RestoreTask['badTimes'] = noBadTimes,
): RestoreTask {
  const again = task && isSame(task.subject, subject) ? task : null;
  return {
    // A plan that leads to another backup is for the same reason.
    ...formOf(again ?? (subject.undoes === null && task?.subject.undoes === null ? task : emptyForm)),
    suggested: again?.suggested ?? null,
    subject,
    state: 'planning',
    names: again?.names ?? [],
    chosen: again?.chosen ?? new Set(),
    sets: again?.sets ?? new Map(),
    losses: again?.losses ?? new Map(),
    newer: null,
    elsewhere: null,
    plan: null,
    reasons: [],
    problem: null,
    looked: 0,
    cursor: 0,
    top: 0,
    badSince: subject.undoes === null ? badSince : null,
    badTimes: subject.undoes === null ? badTimes : noBadTimes,
    typed: '',
    plannedAt: null,
    settings: again?.settings ?? {volatile: [], before: [], after: [], datasets: []},
    // Looking again does not make them quiet; to go on all the same is said anew.
    writes: again?.writes ?? [],
    although: new Set(),
    noAudit: null,
    withoutAudit: null,
    holders: again?.holders ?? null,
    serviceTop: 0,
  };
}

/** Why the plan cannot be confirmed as it stands; null when it can. */
export function whyNotGoOn(task: RestoreTask): string | null {
  const {state, plan, problem, reasons} = task;
  if (problem !== null) return 'there is no plan';
  if (state === 'asking' || state === 'planning' || !plan) return 'the plan is still being made';
  if (isOpen(task)) return 'nothing is chosen (Space chooses one, a all)';
  if (reasons.length > 0) return 'fix what has an x, or leave it out (Space)';
  if (changes(plan).length === 0) return whyNothing(task);
  return whyWritten(task) ?? whyUnaudited(task);
}

/** Why it would be told to nobody; null where it can be, or where the operator has said why it need not. */
export const whyUnaudited = ({noAudit, withoutAudit}: RestoreTask): string | null =>
  noAudit !== null && withoutAudit === null ? 'no audit log: r looks again, A restores without it' : null;

/** What somebody writes to, or has written to since, and so holds it up; null where nobody does. */
export function whyBlocked(task: RestoreTask): string | null {
  const {holding} = writingNow(task);
  const [first] = holding;
  if (first) return `${first.dataset} ${holding.length === 1 ? 'is' : 'and others are'} being written`;
  const [stale] = staleNames(task);
  return stale === undefined ? null : `${stale} was written to since this plan was made`;
}

/** The same with what helps. */
export function whyWritten(task: RestoreTask): string | null {
  const why = whyBlocked(task);
  const helps =
    writingNow(task).holding.length > 0
      ? 's says how to stop the service, W restores all the same'
      : 'r looks again';
  return why === null ? null : `${why}: ${helps}`;
}

/** What has to be typed: the backup's id, for an undo the session's number. */
export const wordOf = ({subject}: RestoreTask): string =>
  subject.undoes === null ? subject.id : String(subject.undoes);

/** How much of what was typed is right, from its beginning, in characters. */
export function rightSoFar(task: RestoreTask): {right: number; typed: number; of: number} {
  const word = graphemes(wordOf(task));
  const typed = graphemes(task.typed);
  const wrong = typed.findIndex((each, index) => each !== word[index]);
  return {right: wrong === -1 ? typed.length : wrong, typed: typed.length, of: word.length};
}

/** The one thing that confirms it. */
export const isConfirmed = (task: RestoreTask): boolean =>
  task.state === 'ready' && whyNotGoOn(task) === null && task.typed !== '' && task.typed === wordOf(task);

/** Characters that are kept of what was typed: a key that hangs must not fill the memory. */
const longest = 512;

const typing = (task: RestoreTask, typed: string): RestoreTask =>
  task.state === 'ready' ? {...task, typed: typed.slice(0, longest)} : task;

const setsWith = ({sets}: RestoreTask, plan: RestorePlan, {datasets}: PlanSettings): RestoreTask['sets'] =>
  new Map([...sets, ...byDataset(plan, datasets)]);

function planned(
  task: RestoreTask,
  action: Extract<RestoreTaskAction, {type: 'restore planned'}>,
): RestoreTask {
  const {plan, reasons, at: plannedAt = null, settings = task.settings, noAudit = null} = action;
  const sets = setsWith(task, plan, settings);
  const isFirst = task.names.length === 0;
  const names = isFirst ? [...sets.keys()] : task.names;
  const chosen = isFirst ? firstChoice(task, names) : task.chosen;
  return {...task, state: 'ready', names, chosen, sets, plan, reasons, plannedAt, settings, noAudit};
}

export function reduceRestore(task: RestoreTask | null, action: RestoreTaskAction): RestoreTask | null {
  if (action.type === 'restore opened')
    return opened(task, action.subject, action.badSince ?? null, action.badTimes);
  if (action.type === 'purpose opened') {
    // What was typed for one backup and left is not said of another.
    const again = task && isSame(task.subject, action.subject) ? task : null;
    const asked = opened(again, action.subject, action.badSince ?? null);
    return {...asked, ...filled(formOf(asked), action.incident ?? noIncident), state: 'asking'};
  }
  if (!task) return null;
  switch (action.type) {
    case 'purpose switched':
      if (action.to === task.purpose) return task;
      // What is chosen for a drill is not chosen for an incident.
      return {
        ...task,
        ...reducePurpose(formOf(task), action, task.subject),
        state: 'asking',
        plan: null,
        names: [],
        chosen: new Set(),
        sets: new Map(),
      };
    case 'field chosen':
    case 'field written':
      // The plan that there may be was made for something else.
      return {...task, ...reducePurpose(formOf(task), action, task.subject), state: 'asking', plan: null};
    case 'directory suggested':
      return task.state === 'asking' ? {...task, suggested: action.into} : task;
    case 'restore looking':
      return {...task, looked: action.bytes};
    case 'restore planned':
      return task.state === 'planning' ? planned(task, action) : task;
    case 'restore refused':
      if (task.state === 'asking') return task;
      return {...task, state: 'ready', plan: null, reasons: [], problem: action.problem};
    case 'restore toggled':
      return toggled(task);
    case 'all toggled':
      return allToggled(task);
    case 'newer found':
      return {...task, newer: action.newer};
    case 'elsewhere found':
      return {...task, elsewhere: action.elsewhere};
    case 'loss counted':
      return {...task, losses: new Map([...task.losses, [action.dataset, action.loss]])};
    case 'targets watched':
      return {...task, writes: action.writes};
    case 'although written': {
      const {holding, hooked} = writingNow(task);
      if (task.state !== 'ready' || holding.length + hooked.length === 0) return task;
      const although = new Set([...task.although, ...[...holding, ...hooked].map(({dataset}) => dataset)]);
      // What always changes is planned in another way.
      return {...task, although, state: 'planning', looked: 0, problem: null};
    }
    case 'audit done without':
      return {...task, withoutAudit: bounded(action.reason, longestOf.title).trim() || null};
    case 'service opened':
      return {...task, holders: null, serviceTop: 0};
    case 'service found':
      return {...task, holders: action.holders};
    case 'ticket given':
      return {...task, ticket: bounded(action.text, longestOf.ticket)};
    case 'confirm opened':
      return typing(task, '');
    case 'word written':
      return typing(task, action.text);
    case 'restore starting':
      return isConfirmed(task) ? {...task, state: 'starting', looked: 0} : task;
    case 'restore held back':
      if (task.state !== 'starting') return task;
      return {
        ...task,
        state: 'ready',
        typed: '',
        plan: action.plan ?? task.plan,
        sets: action.plan ? setsWith(task, action.plan, task.settings) : task.sets,
        reasons: action.plan ? action.reasons : task.reasons,
      };
  }
}

/** Of all the steps of a restore; null before the first one, and once it is carried out. */
export const restoreSlice = slice<RestoreTask | null, RestoreTaskAction>('restore', {
  start: null,
  reduce(task, action, {now, size}) {
    const next = reduceRestore(task, action);
    return next && fitPlan(next, now, size);
  },
});
