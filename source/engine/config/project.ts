import {exitCode, Problem} from '../base/problem.ts';
import type {Configuration} from './configuration.ts';
import {describeConflict} from './environment.ts';

/** Where to work. All paths absolute. */
export type RunPlace = {root: string; backups: string; configuration: Configuration};

/**
 * Whether this configuration may be written by.
 * @throws Problem that says what has to be settled first
 */
export function checkMayWrite({conflict, blocking, environment}: Configuration): void {
  if (conflict && environment.from !== '--env') {
    throw new Problem(
      exitCode.usage,
      `${describeConflict(conflict)}. Say which counts: --env=${conflict.file} or --env=${conflict.process}. Nothing was changed.`,
    );
  }
  if (blocking.length > 0) {
    throw new Problem(
      exitCode.failed,
      `Fix the configuration first: ${blocking.join('; ')}. "magds config" shows it all. Nothing was changed.`,
    );
  }
}

/** @throws Problem where backups are switched off */
export function checkEnabled({enabled}: Configuration): void {
  if (enabled.value) return;
  throw new Problem(
    exitCode.failed,
    `Backups are switched off: magds.backup.enabled is false (${enabled.from}). Nothing was written.`,
  );
}
