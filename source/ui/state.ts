import type {AppFacts, FactsEvent} from './facts.ts';
import type {Caret} from './kit/part.tsx';
import type {Move} from './kit/scroll.ts';
import type {Prompt, PromptAction} from './prompt.ts';
import type {Store} from './store.ts';

export type Message = {
  text: string;
  tone: 'plain' | 'beware' | 'bad';
  /** It goes once that is over; without it, at the next key. */
  holds?: (state: AppState) => boolean;
};

/** The app's state: what is known, where the operator is, and what each screen keeps. */
export type AppState = AppFacts & {
  /** Names of screens, from the first one to the one that is seen. */
  screens: string[];
  prompt: Prompt | null;
  /** Where one is in the line that is typed; null at its end. */
  caret: Caret | null;
  message: Message | null;
  /** Asked once to quit although something is running, or by Ctrl+C. */
  quitAsked: boolean;
  /** What each screen keeps, by the name of its slice, which alone reads it; one that is not there is as it starts. */
  slices: Readonly<Record<string, unknown>>;
};

/**
 * What a screen keeps, and how it changes: that half of a screen which others may import. Where several screens are
 * steps of one thing they share a slice.
 */
export type Slice<Value, Action> = {
  name: string;
  start: Value;
  /** Pure; it may look at all of the state, and changes its own part. */
  reduce(value: Value, action: Action, state: AppState): Value;
  /** What it keeps now. */
  of(state: AppState): Value;
  /** The state, with this in its place. */
  with(state: AppState, value: Value): AppState;
  /** An action for it: another's does not compile. */
  to(action: Action): AppAction;
  /** Shows the screen, or which of those that share the slice, after the action. */
  open(action: Action | null, at?: string): AppAction;
  /** The same, and this screen is not gone back to. */
  leave(action: Action, screen: string): AppAction;
};

/** Only a slice makes one. */
export type SliceAction = {type: 'slice'; slice: Slice<unknown, unknown>; action: unknown};

export type AppAction =
  | FactsEvent
  | PromptAction
  | SliceAction
  | {type: 'opened'; screen: string; first: SliceAction | null}
  | {type: 'left'; screen: string; first: SliceAction}
  | {type: 'moved'; how: Move}
  | {type: 'went back'}
  | {type: 'said'; message: Message}
  | {type: 'quit asked'; text: string; holds: (state: AppState) => boolean}
  | {type: 'key pressed'}
  | {type: 'caret moved'; caret: Caret};

export type AppStore = Store<AppState, AppAction>;

export function slice<Value, Action>(
  name: string,
  {start, reduce}: Pick<Slice<Value, Action>, 'start' | 'reduce'>,
): Slice<Value, Action> {
  const toSlice = (action: Action): SliceAction => ({type: 'slice', slice: self, action});
  const self: Slice<Value, Action> = {
    name,
    start,
    reduce,
    // Nothing else writes there.
    of: ({slices}) => (name in slices ? (slices[name] as Value) : start),
    with: (state, value) =>
      value === self.of(state) ? state : {...state, slices: {...state.slices, [name]: value}},
    to: toSlice,
    open: (action, at = name) => ({type: 'opened', screen: at, first: action && toSlice(action)}),
    leave: (action, screen) => ({type: 'left', screen, first: toSlice(action)}),
  };
  return self;
}

/** Of a screen that keeps nothing. */
export const noSlice = (name: string): Slice<null, never> =>
  slice<null, never>(name, {start: null, reduce: () => null});

/** Goes by the names of screens, from the first one to the one that is seen. */
type Stacked = Pick<AppState, 'screens'>;

export const currentScreen = ({screens}: Stacked): string => screens.at(-1) ?? 'backups';

/** Goes to a screen; one that was gone through on the way is not gone through twice. */
export const push = <State extends Stacked>(state: State, screen: string): State =>
  currentScreen(state) === screen
    ? state
    : {...state, screens: [...state.screens.filter((each) => each !== screen), screen]};

/** Leaves screens, wherever they are. */
export const without = <State extends Stacked>(state: State, ...some: string[]): State => ({
  ...state,
  screens: state.screens.filter((each) => !some.includes(each)),
});
