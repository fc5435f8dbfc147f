import {exitCode, Problem} from '../base/problem.ts';
import {runbookSteps, type StepDefinition} from '../session/checklist.ts';
import type {Fault} from './configuration.ts';
import {usualSeconds} from './hook-settings.ts';
import {type OwnFile, ownFileName, readOwnFile} from './own-file.ts';

export type RestoreSettings = {
  /** Names of datasets that change all the time: every run of the PHP CLI rewrites `kernel_state` (FORMAT.md). */
  volatile: string[];
  before: string[][];
  after: string[][];
  /** Seconds that each hook may take. */
  seconds: number;
  /** Days that a safety backup stays; null keeps all. */
  safetyDays: number | null;
  /** What has to be answered after a restore. */
  steps: StepDefinition[];
};

type OwnStep = NonNullable<OwnFile['checklist']>[number];

const stepOf = ({id, title, help, command}: OwnStep): StepDefinition => ({
  id,
  title,
  help: help ?? '',
  command: command ?? null,
});

/** @throws Problem where `config.json` cannot be used: what it says would count */
export function restoreSettings(root: string): RestoreSettings {
  const faults: Fault[] = [];
  const own = readOwnFile(root, faults);
  const [fault] = faults;
  if (fault) {
    throw new Problem(
      exitCode.failed,
      `${ownFileName} ${fault.message}. It may say what has to be stopped before a restore. Nothing was changed.`,
    );
  }
  return {
    volatile: own?.volatile ?? ['kernel_state'],
    before: own?.hooks?.before_restore ?? [],
    after: own?.hooks?.after_restore ?? [],
    seconds: own?.hooks?.seconds ?? usualSeconds,
    safetyDays: own?.safety_days === undefined ? usualSafetyDays : own.safety_days,
    steps: [...runbookSteps, ...(own?.checklist ?? []).map(stepOf)],
  };
}

/** Days that a safety backup stays after its restore, where config.json says nothing (RESTORE.md, "The safety backup"). */
export const usualSafetyDays = 30;
