import type {EventName} from '../storage/events.ts';
import type {Fault} from './configuration.ts';
import {type OwnFile, ownFileName, readOwnFile} from './own-file.ts';

/** The site's own commands that are run around backups and for events; each is its arguments, never a line for a shell. */
export type HookSettings = {
  beforeBackup: string[][];
  afterBackup: string[][];
  on: {[Name in EventName]?: string[][] | undefined};
  /** Seconds that each may take. */
  seconds: number;
};

/** Seconds that a hook may take where nobody says. */
export const usualSeconds = 60;

/**
 * The hooks of a root as its `config.json` has them now.
 * @returns none, and why, where that file cannot be used, or is not obeyed; none where there is no such file
 */
export function readHooks(root: string): {hooks: HookSettings; problem: string | null} {
  const faults: Fault[] = [];
  const own: OwnFile['hooks'] = readOwnFile(root, faults)?.hooks;
  const [fault] = faults;
  return {
    hooks: {
      beforeBackup: own?.before_backup ?? [],
      afterBackup: own?.after_backup ?? [],
      on: own?.on ?? {},
      seconds: own?.seconds ?? usualSeconds,
    },
    problem: fault ? `${ownFileName} ${fault.message}` : null,
  };
}
