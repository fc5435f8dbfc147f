import {seenAt} from '../base/files.ts';
import type {RunPlace} from '../config/project.ts';
import type {PlannedSources} from '../datasets/type.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import type {Subject} from './subject.ts';

/** `beware`: something to look at. `wrong`: it needs the operator. `unknown`: it could not be found out. */
export type CheckState = 'ok' | 'beware' | 'wrong' | 'unknown';

/** What was looked at, what was found, and what to do about it. Nothing in it is escaped. */
export type Check = {
  /** The same in every run; one that found several things has several rows. */
  id: string;
  state: CheckState;
  what: string;
  /** What to do about it; null where there is nothing to do. */
  advice: string | null;
  /** To be copied into a shell, each as it is. */
  commands: string[];
};

export type Found = Omit<Check, 'id'>;

/** What a check finds; it returns what is said where that is nothing. */
export type Findings = Generator<Found, string | undefined, undefined>;
export type LaterFindings = AsyncGenerator<Found, string | undefined, undefined>;
/** A check of one thing; null where there is no such thing. */
export type Find = (subject: Subject) => Findings | LaterFindings | null;

export type InRoot = Subject & {root: string};
/** The root has a configuration. */
export type InProject = InRoot & {
  configuration: RunPlace['configuration'];
  place: RunPlace;
  sources: Promise<PlannedSources>;
};

const finding =
  (state: CheckState) =>
  (what: string, advice: string | null = null, commands: string[] = []): Found => ({
    state,
    what,
    advice,
    commands,
  });

export const ok = finding('ok');
export const beware = finding('beware');
export const wrong = finding('wrong');
export const unknown = finding('unknown');

type FindIn<Of> = (subject: Of) => Findings | LaterFindings;

export const inRoot =
  (find: FindIn<InRoot>): Find =>
  (subject) =>
    subject.root === null ? null : find(subject as InRoot);

export const inProject =
  (find: FindIn<InProject>): Find =>
  (subject) =>
    subject.place === null ? null : find(subject as InProject);

function* hidden(): Findings {
  yield unknown(`${stateName} cannot be opened, so nothing is known of it`);
  return undefined;
}

/** A check of our own state, which this user may not be allowed to look into. */
export const inState = (find: FindIn<InRoot>): Find =>
  inRoot((subject) => {
    const {root, state} = subject;
    const isHidden = state === null && seenAt(`${root}/${stateName}`);
    return isHidden ? hidden() : find(subject);
  });
