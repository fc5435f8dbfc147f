import {counted} from '../base/format.ts';
import {sum} from '../base/sum.ts';
import type {DatabaseItem} from './database-item.ts';
import {dataOf, isLine, type LineData} from './lines.ts';
import {namedText} from './owner.ts';
import type {RecordLine} from './record.ts';

/** One step of the checklist after a restore. */
export type StepDefinition = LineData<'checklist'>['steps'][number];

/** The step that asks for evidence: exporting it answers that. */
export const evidenceStep = 'evidence';

/** The step that says that the service is back: since when is asked with it. */
export const serviceStep = 'service';

/** The runbook's own steps; a site's come after them (`checklist` in config.json). */
export const runbookSteps: StepDefinition[] = [
  {
    id: 'manifest',
    title: 'restored files match the manifest',
    help: 'Judged at the switch: a file by its hash, a database by its rows.',
    command: null,
  },
  {
    id: 'verified',
    title: 'backup verified again',
    help: 'Hashes the restored copies again, and tells the rest of that backup apart.',
    command: null,
  },
  {
    id: evidenceStep,
    title: 'evidence captured',
    help: 'One file for the ticket, shown before it is written. Changes no data.',
    command: null,
  },
  {
    id: serviceStep,
    title: 'service resumed',
    help: 'Normal operation is resumed, or downstream migrations are triggered. Asks when the service was back.',
    command: null,
  },
];

export type Answer = LineData<'step'>;

/** An answer of a record: with when and by whom. */
export type GivenAnswer = Answer & {at: string; operator: string};

export type Step = StepDefinition & {
  /** The last answer; null where the step is open. */
  answer: GivenAnswer | null;
  /** Those that it replaced, oldest first. */
  replaced: GivenAnswer[];
};

/** `failed by machine, 2026-11-23T03:09:14Z: 3 of 4 copies match`; not escaped. */
export const givenText = ({state, machine, operator, person, at, note}: GivenAnswer): string =>
  `${state} by ${machine ? 'machine' : namedText({operator, person})}, ${at.slice(0, 19)}Z${note ? `: ${note}` : ''}`;

/**
 * The checklist of a session as its record tells it: the steps that counted when it began, each with its last answer.
 * @param lost what counts where the record does not say: a user who takes it away must not take the steps with it
 */
export function checklistOf(lines: RecordLine[], lost: StepDefinition[]): Step[] {
  // One that was changed may name no step at all.
  const isTold = lines.filter(isLine('checklist')).some((line) => dataOf(line)?.steps.length);
  const unanswered = (each: StepDefinition): Step => ({...each, answer: null, replaced: []});
  const steps = new Map((isTold ? [] : lost).map((each) => [each.id, unanswered(each)]));
  for (const line of lines.filter(isLine('checklist', 'step'))) {
    if (line.type === 'checklist')
      for (const each of dataOf(line)?.steps ?? []) steps.set(each.id, unanswered(each));
    else {
      const answer = dataOf(line);
      const step = answer && steps.get(answer.step);
      if (!step) continue;
      if (step.answer) step.replaced.push(step.answer);
      step.answer = {...answer, at: line.at, operator: line.operator};
    }
  }
  return [...steps.values()];
}

export const openSteps = (steps: Step[]): Step[] => steps.filter(({answer}) => answer === null);

/** Steps that keep a session from being signed off: its evidence is written by that. */
export const stillOpen = (steps: Step[]): Step[] => openSteps(steps).filter(({id}) => id !== evidenceStep);

/** What was counted of a database before it took the place of another. */
function rowsText({name, new: put}: DatabaseItem): string {
  if (put === null) return `database "${name}" is gone again`;
  if (put.load === null) return `database "${name}" is the one of before, no row of it was loaded`;
  if (put.load.rows === null) return `database "${name}" was loaded whole; its manifest counts no rows`;
  const rows = Object.values(put.load.rows);
  return `database "${name}" was loaded with ${counted(sum(rows), 'row')} in ${counted(rows.length, 'table')}, each as the manifest counts it`;
}

/**
 * The first step's answer, by the hashes taken right after the switch, and the rows that were counted before it.
 * @param same for each live file, and each database, whether it is what the manifest says
 * @param databases those among them
 */
export function manifestAnswer(same: boolean[], databases: DatabaseItem[] = []): Answer {
  const good = same.filter(Boolean).length;
  const live = databases.filter((each) => each.new !== null).length;
  const what = [...(same.length > live ? ['files'] : []), ...(live > 0 ? ['databases'] : [])].join(' and ');
  return {
    step: 'manifest',
    state: good === same.length ? 'done' : 'failed',
    machine: true,
    note: [
      `${good} of ${same.length} live ${what || 'files'} are what the manifest says`,
      ...databases.map(rowsText),
    ].join('; '),
  };
}

/** Whether a step can be answered by a machine. */
export const isCheckable = ({id, command}: Step): boolean => command !== null || id === 'verified';
