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

/** Checks that are shown together. */
export type Group = {
  title: string;
  /** Each by its id, which is told where it cannot be carried out. */
  checks: Record<string, (subject: Subject) => Found>;
};

/** What a check found: several rows, or one, at once or later. */
export type Found = Finding[] | Promise<Finding[]>;
export type Finding = Omit<Check, 'id'>;

const finding =
  (state: CheckState) =>
  (what: string, advice: string | null = null, commands: string[] = []): Finding => ({
    state,
    what,
    advice,
    commands,
  });

export const ok = finding('ok');
export const beware = finding('beware');
export const wrong = finding('wrong');
export const unknown = finding('unknown');

/** Names of the first three, and how many there are beside. */
export const some = (names: string[], most = 3): string => {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
};

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
