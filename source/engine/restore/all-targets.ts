import type {Journal} from '../session/journal.ts';
import {DatabaseTargets} from './database-targets.ts';
import {FileTargets} from './file-targets.ts';
import type {Targets} from './targets.ts';

/** What a restore changes, by the parts of its journal: a kind a line, in the order in which they are switched. */
export const targetsOf = (file: {journal: Journal}): Targets[] => [
  new DatabaseTargets(file),
  new FileTargets(file),
];
