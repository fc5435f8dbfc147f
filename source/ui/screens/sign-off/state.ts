import type {SignOffPlan} from '../../../engine/checklist/sign-off.ts';
import {withoutLast} from '../../../presenters/graphemes.ts';
import {slice} from '../../state.ts';

/** What is asked before a session is signed off; null while none is. */
export type Signing = {
  session: number;
  /** What it lets go, keeps and writes; null until that was looked at. */
  plan: SignOffPlan | null;
  typed: string;
  /** It is being done. */
  working: boolean;
};

export type SigningAction =
  | {type: 'sign-off opened'; session: number}
  | {type: 'sign-off planned'; plan: SignOffPlan}
  | {type: 'number typed'; text: string}
  | {type: 'number erased'}
  | {type: 'number cleared'}
  | {type: 'signing begun'}
  | {type: 'signing ended'};

/** What is typed by a key that hangs must not fill the memory. */
const longest = 32;

function reduceSigning(signing: Signing | null, action: SigningAction): Signing | null {
  if (action.type === 'sign-off opened')
    return {session: action.session, plan: null, typed: '', working: false};
  if (!signing) return null;
  const typing = (typed: string): Signing =>
    signing.working ? signing : {...signing, typed: typed.slice(0, longest)};
  switch (action.type) {
    case 'sign-off planned':
      return action.plan.session === signing.session ? {...signing, plan: action.plan} : signing;
    case 'number typed':
      return typing(signing.typed + action.text);
    case 'number erased':
      return typing(withoutLast(signing.typed));
    case 'number cleared':
      return typing('');
    case 'signing begun':
      return isTyped(signing) ? {...signing, working: true} : signing;
    case 'signing ended':
      return null;
  }
}

/** Whether the session's number is typed, below what it means. */
export const isTyped = ({session, plan, typed}: Signing): boolean =>
  plan !== null && typed === String(session);

export const signOffSlice = slice<Signing | null, SigningAction>('signOff', {
  start: null,
  reduce: reduceSigning,
});
