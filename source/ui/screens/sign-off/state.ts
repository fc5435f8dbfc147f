import type {SignOffPlan} from '../../../engine/checklist/sign-off.ts';
import type {Worth} from '../../../presenters/sign-off.ts';
import {type Move, move} from '../../kit/scroll.ts';
import {slice} from '../../state.ts';

/** `cursor`: which of those is looked at. */
export type Signed = {worth: Worth[]; cursor: number};

/** What is asked before a session is signed off; null while none is. */
export type Signing = {
  session: number;
  /** What it lets go, keeps and writes; null until that was looked at. */
  plan: SignOffPlan | null;
  typed: string;
  /** It is being done. */
  working: boolean;
  /** It is done: what would make its evidence worth more; null before that. */
  signed: Signed | null;
};

export type SigningAction =
  | {type: 'sign-off opened'; session: number}
  | {type: 'sign-off planned'; plan: SignOffPlan}
  | {type: 'number written'; text: string}
  | {type: 'signing begun'}
  | {type: 'signed off'; session: number; worth: Worth[]}
  | {type: 'signing ended'};

/** What is typed by a key that hangs must not fill the memory. */
const longest = 32;

function reduceSigning(signing: Signing | null, action: SigningAction): Signing | null {
  if (action.type === 'sign-off opened')
    return {session: action.session, plan: null, typed: '', working: false, signed: null};
  if (!signing) return null;
  switch (action.type) {
    case 'sign-off planned':
      return action.plan.session === signing.session ? {...signing, plan: action.plan} : signing;
    case 'number written':
      return signing.working || signing.signed ? signing : {...signing, typed: action.text.slice(0, longest)};
    case 'signing begun':
      return isTyped(signing) && !signing.signed ? {...signing, working: true} : signing;
    case 'signed off': {
      const {session, worth} = action;
      if (session !== signing.session) return signing;
      return {...signing, working: false, signed: {worth, cursor: 0}};
    }
    case 'signing ended':
      return null;
  }
}

/** Whether the session's number is typed, below what it means. */
export const isTyped = ({session, plan, typed}: Signing): boolean =>
  plan !== null && typed === String(session);

/** Another of what would make it worth more. */
export function moveWorth(signing: Signing | null, how: Move): Signing | null {
  if (!signing?.signed) return signing;
  const {worth, cursor} = signing.signed;
  const to = move({cursor, top: 0}, how, worth.length, worth.length).cursor;
  return {...signing, signed: {...signing.signed, cursor: to}};
}

/** What gets the one that is looked at; null where there is none. */
export const commandOf = (signing: Signing | null): string | null =>
  signing?.signed?.worth[signing.signed.cursor]?.command ?? null;

export const signOffSlice = slice<Signing | null, SigningAction>('signOff', {
  start: null,
  reduce: reduceSigning,
});
