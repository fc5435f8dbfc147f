import {exitCode, Problem} from '../base/problem.ts';
import {runbookSteps, type StepDefinition} from '../session/checklist.ts';
import {isBelow} from '../storage/dataset.ts';
import {type Configuration, describeFault, type Fault} from './configuration.ts';
import {type Hook, hookOf, type OwnFile, ownFileName, readOwnFile} from './own-file.ts';

/** Seconds that a hook may take where nothing is configured. */
const usualSeconds = 60;

/** Days that a safety backup stays after its restore, where config.json says nothing (RESTORE.md, "The safety backup"). */
const usualSafetyDays = 30;
const usualHoldDays = 7;

/** Every run of the PHP CLI rewrites it (FORMAT.md). */
export const usualVolatile = ['kernel_state'];

/** One that names no dataset, nor a file of one, has no effect. */
export function wrongWithVolatile({
  volatile: {value, from},
  datasets,
}: Pick<Configuration, 'volatile' | 'datasets'>): string | null {
  const names = datasets.value.map(({name}) => name);
  const unknown = value.filter((given) => !names.some((name) => isBelow(given, name)));
  return from === 'default' || unknown.length === 0
    ? null
    : `there is no dataset ${unknown.join(', ')}; there are ${names.join(', ') || 'none'}`;
}

/** What a root's `config.json` says now, and why it cannot be used or is not obeyed; nothing where there is none. */
function readOwn(root: string): {own: Partial<OwnFile>; problem: string | null} {
  const faults: Fault[] = [];
  const own = readOwnFile(root, faults) ?? {};
  const said = faults.map((fault) => describeFault({...fault, file: ownFileName}));
  return {own, problem: said.length > 0 ? said.join('; ') : null};
}

/** @throws Problem where `config.json` cannot be used, with what that means: what it says would count */
function needOwn(root: string, means: string): Partial<OwnFile> {
  const {own, problem} = readOwn(root);
  if (problem !== null) throw new Problem(exitCode.failed, `${problem}. ${means}`);
  return own;
}

/** The site's own commands that are run around backups and for events; each is its arguments, never a line for a shell. */
export type HookSettings = {
  beforeBackup: Hook[];
  afterBackup: Hook[];
  /** By the event that they are for, or a name in which `*` stands for any text. */
  on: [event: string, hooks: Hook[]][];
  /** Seconds that each may take. */
  seconds: number;
};

/**
 * The hooks of a root as its `config.json` has them now.
 * @returns none, and why, where that file cannot be used, or is not obeyed; none where there is no such file
 */
export function readHooks(root: string): {hooks: HookSettings; problem: string | null} {
  const {own, problem} = readOwn(root);
  const {before_backup: before = [], after_backup: after = [], on = {}, seconds} = own.hooks ?? {};
  const hooks: HookSettings = {
    beforeBackup: before.map(hookOf),
    afterBackup: after.map(hookOf),
    on: Object.entries(on).map(([event, list]) => [event, list.map(hookOf)]),
    seconds: seconds ?? usualSeconds,
  };
  return {hooks, problem};
}

export type RestoreSettings = {
  /** Names of datasets that change all the time. */
  volatile: string[];
  before: string[][];
  after: string[][];
  /** Seconds that each hook may take. */
  seconds: number;
  /** Days that a safety backup stays; null keeps all. */
  safetyDays: number | null;
  /** Days that a backup stays held once the restore of it is signed off. */
  holdDays: number;
  /** What has to be answered after a restore. */
  steps: StepDefinition[];
};

/** @throws Problem where `config.json` cannot be used: what it says would count */
export function restoreSettings(root: string): RestoreSettings {
  const {volatile, hooks, safety_days, hold_days, checklist} = needOwn(
    root,
    'It may say what has to be stopped before a restore. Nothing was changed.',
  );
  const own = (checklist ?? []).map(({help = '', command = null, ...step}) => ({...step, help, command}));
  return {
    volatile: volatile ?? usualVolatile,
    before: hooks?.before_restore ?? [],
    after: hooks?.after_restore ?? [],
    seconds: hooks?.seconds ?? usualSeconds,
    safetyDays: safety_days === undefined ? usualSafetyDays : safety_days,
    holdDays: hold_days ?? usualHoldDays,
    steps: [...runbookSteps, ...own],
  };
}

export type EvidenceSettings = NonNullable<OwnFile['evidence']>;

/** @throws Problem where `config.json` cannot be used: what it says would count */
export const evidenceSettings = (root: string): EvidenceSettings =>
  needOwn(root, 'No evidence was written.').evidence ?? {};
