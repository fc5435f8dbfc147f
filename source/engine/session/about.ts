import {exitCode, Problem} from '../base/problem.ts';

/** What a restore is for (EVIDENCE.md, "What this is"). */
export const purposes = ['incident', 'drill', 'verification'] as const;
type Purpose = (typeof purposes)[number];

/** What a restore is for, as the operator who asks for it says; null where he has not said. */
export type About = {
  purpose: Purpose | null;
  ticket: string | null;
  title: string | null;
  /** Who said yes to it beforehand, or "emergency" and why. */
  authorisedBy: string | null;
  /** When things went wrong, as the operator says: UTC, ISO 8601. */
  badSince: string | null;
};

/** Characters that each may have: they go into every list of sessions, and into the evidence. */
export const longestOf = {ticket: 64, title: 120, authorisedBy: 120} as const;

/** Characters of a text, not halves of them. */
export const lengthOf = (text: string): number => [...text].length;

/** No more than so many characters of a text. */
export const bounded = (text: string, most: number): string => [...text].slice(0, most).join('');

const isPurpose = (text: string): text is Purpose => purposes.some((each) => each === text);

/** @throws Problem (wrong usage) where it is none of the words */
export function purposeOf(text: string | undefined, flag: string): Purpose | null {
  if (text === undefined) return null;
  if (isPurpose(text)) return text;
  throw new Problem(
    exitCode.usage,
    `${flag}=${text}: give incident, drill or verification. Nothing was changed.`,
  );
}

/** @throws Problem (wrong usage) where it is too long to be told in one line */
export function oneLineOf(text: string | undefined, most: number, flag: string): string | null {
  if (text === undefined) return null;
  const length = lengthOf(text);
  if (length <= most) return text;
  throw new Problem(
    exitCode.usage,
    `${flag} has ${length} characters: at most ${most}. Nothing was changed.`,
  );
}
