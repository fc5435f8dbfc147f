/**
 * State outside React, so that several keys of one chunk each see what the one before did (TERMINAL.md).
 */
export type Store<State, Action> = {
  get(): State;
  dispatch(action: Action): void;
  subscribe(listener: () => void): () => void;
};

export function createStore<State, Action>(
  initial: State,
  reduce: (state: State, action: Action) => State,
): Store<State, Action> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    dispatch(action) {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
