import type {ReactNode} from 'react';
import type {FactsEvent} from './facts.ts';
import type {Move} from './kit/scroll.ts';
import type {Prompt} from './prompt.ts';
import type {Reason} from './reasons.ts';
import {type AppAction, type AppState, type AppStore, currentScreen, type Slice} from './state.ts';
import type {Ask} from './work.ts';

/** What a key reaches, beside the state. */
export type Reach = {
  /** Has something done by the work of a screen, which is loaded when it is first asked for. */
  ask: Ask;
  copy(text: string): void;
  /** Who is at the keyboard. */
  operator(): string;
  /** Keeps their name as it was typed, for what is recorded from now on; empty where there is none. */
  callOperator(name: string): void;
  suspend(): void;
  /** Paints everything again. */
  repaint(): void;
  quit(): void;
  /** The state that was on the screen last: a warning counts only once it could be read. */
  painted(): AppState;
  /** Milliseconds for which the screen that is seen has been on the terminal; keys of before were meant for another. */
  shownFor(): number;
  screens: Screens;
  /** Does what a key does, or says why it cannot be done just now. */
  attempt(binding: Binding): void;
};

export type Perform = (store: AppStore, reach: Reach) => void;

/** A key: what it does, and what the footer, the help and the menu say of it. */
export type Binding = {
  keys: string[];
  label: string;
  /** Short form for the footer, or when it stands there; without it, the help alone names the key. */
  hint?: string | ((state: AppState, screen: Screen) => string | null);
  /** Why it cannot be done just now; null when it can. */
  why?: Reason;
  run: Perform;
  /** Obeyed in a terminal that is too small to show anything. */
  blind?: boolean;
  /** Its second press answers what the first one asked: what was said stays. */
  again?: boolean;
  /** Only leads away from the screen, or moves what is seen of it: the menu does not offer it. */
  unlisted?: boolean;
};

/** Something that characters are typed into. */
export type Typing = {
  /** Heads its keys in the help. */
  help: string;
  keys: Binding[];
  /** What is typed so far. */
  text(state: AppState): string;
  /** Has it be that from now on. */
  write(text: string): AppAction;
  /** The characters it takes; the others are keys. All when left out. */
  takes?: RegExp;
  /** It sets off nothing by itself: a line may be pasted into it, and it is edited as lines are. */
  isLine?: boolean;
  /** The screen's own keys work beside it. */
  beside?: boolean;
};

/** A question on one line, and what its answer does. */
export type Question = {
  /** Why what is typed will not do; null when it will, as anything does without it. */
  lacks?: (prompt: Prompt) => string | null;
  /** Characters that it may have. */
  most?: number;
  /** There is nothing to say but yes: nothing is typed. */
  wordless?: boolean;
  /** `give` ends the question itself: what is no time is asked for again, with what was typed. */
  stays?: boolean;
  give: (prompt: Prompt, store: AppStore, reach: Reach) => void;
};

/** By their kinds. */
export type Questions = Readonly<Record<string, Question>>;

/** What a view is given: `slice` is what its screen keeps; of another's it asks that slice, `xSlice.of(state)`. */
export type ViewProps<Value = unknown> = {state: AppState; slice: Value};

/**
 * A screen: all that is known of it. `screens.ts` lists them. What it keeps and how that changes is its slice, in its
 * `state.ts`, which others may import; this is the other half: what is seen of it, and its keys.
 *
 * A view reads what is known (the catalog, the size, the time) from `state`, and what its screen keeps from `slice`.
 */
export type Screen<Value = unknown, Action = unknown> = {
  slice: Slice<Value, Action>;
  title: string;
  /** Heads its keys in the help; null where they need no explanation. */
  help: string | null;
  keys: Binding[];
  /** Keys of the first screen that lead here: the screen says itself how it is come to. */
  entries?: Binding[];
  View(props: ViewProps<Value>): ReactNode;
  /** What a move does to what scrolls. */
  move?(value: Value, how: Move, state: AppState): Value;
  /** Keeps what is seen inside a terminal of another size. */
  fit?(value: Value, state: AppState): Value;
  /**
   * Follows what is known, whenever that changes.
   * @param before null when the app begins
   */
  follow?(value: Value, state: AppState, before: AppState | null): Value;
  /** Some of what happens leads here, or away: the state with other `screens`, else as it is. */
  leads?(event: FactsEvent, state: AppState, before: AppState): AppState;
  /** Screens that are not gone back to from this one. */
  replaces?(value: Value): string[];
  /** What it lets type, for the help. */
  typings?: Typing[];
  /** What typed characters go into just now, where no question is asked; null where keys are commands. */
  typing?(state: AppState): Typing | null;
  questions?: Questions;
  /** The backup that its keys are about; where there is none, it is the one that is chosen in the list. */
  subject?(value: Value, state: AppState): string | null;
  /** The dataset that it is on; another screen about the same backup begins with that. */
  dataset?(value: Value): string | null;
  /** What Esc ends here before it goes back, for the footer; null where it goes back. */
  ends?(value: Value): string | null;
  /** What Esc does before it goes back, or instead of it: then true. */
  back?(store: AppStore, reach: Reach): boolean;
  /** A word typed here changes live files: what was typed before it could be read does not count. */
  writes?: boolean;
  /** Any key leaves it but its own. */
  passing?: boolean;
};

/** By their names. */
export type Screens = Readonly<Record<string, Screen>>;

/** The question that the screen that is seen has asked, and that is not answered yet. */
export const questionOf = (state: AppState, screens: Screens): Question | null =>
  (state.prompt && screens[currentScreen(state)]?.questions?.[state.prompt.kind]) ?? null;

/** The screen that an action is about, also while the menu lies over it. */
const screenBelow = ({screens: shown}: AppState, screens: Screens): Screen | undefined =>
  screens[shown.findLast((each) => each !== 'palette') ?? ''];

/** The backup that an action is about. */
export function subject(state: AppState, screens: Screens): string | null {
  const of = (screen: Screen | undefined) => screen?.subject?.(screen.slice.of(state), state);
  return of(screenBelow(state, screens)) ?? of(screens[state.screens[0] ?? '']) ?? null;
}

/** The dataset that an action is about; null where it is about none. */
export function subjectDataset(state: AppState, screens: Screens): string | null {
  const screen = screenBelow(state, screens);
  return screen?.dataset?.(screen.slice.of(state)) ?? null;
}

export const withSubject =
  (action: (id: string, reach: Reach, store: AppStore) => void): Perform =>
  (store, reach) => {
    const id = subject(store.get(), reach.screens);
    if (id !== null) action(id, reach, store);
  };

/** Whether a question has been read: the first time it is asked, and what was pressed then does nothing else. */
export function isAsked(text: string, store: AppStore, reach: Pick<Reach, 'painted'>): boolean {
  if (reach.painted().message?.text === text) return true;
  say(store, text, 'beware');
  return false;
}

/** @param holds for how long it is true, where that is not just until the next key */
export const say = (
  store: AppStore,
  text: string,
  tone: 'plain' | 'beware',
  holds?: (state: AppState) => boolean,
): void => store.dispatch({type: 'said', message: {text, tone, ...(holds && {holds})}});

/**
 * Says why what was typed does not count yet: it is not all there, or only not on the screen yet. True until that changes.
 * @param typedIn what it confirms; null where it confirms nothing yet
 */
export function sayNotTyped(
  store: AppStore,
  typedIn: (state: AppState) => unknown,
  texts: {missing: string; unread?: string},
): void {
  const typed = typedIn(store.get());
  const text = typed === null ? texts.missing : (texts.unread ?? 'All of it is there now: Enter once more.');
  const screen = currentScreen(store.get());
  say(store, text, 'beware', (state) => currentScreen(state) === screen && typedIn(state) === typed);
}

/** Said where `Enter` came before what it would agree to had been on the screen. */
export const sayUnread = (store: AppStore): void =>
  say(store, 'Enter came before the plan could be read. Read it, then Enter again.', 'beware');
