import type {Lack} from '../engine/retention/hold.ts';
import {some} from './fact.ts';

/** Datasets that are named with their reasons. */
const mostNamed = 3;

/** `Not held, because there is no copy: ledger (the copy is missing)`. */
export const withoutText = (without: Lack[]): string =>
  `Not held, because there is no copy: ${some(
    without.map(({name, reason}) => `${name} (${reason})`),
    mostNamed,
  )}`;
