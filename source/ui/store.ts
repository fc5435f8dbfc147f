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

/** Waits until the state is so, or until it is over. */
export const until = <State>(
  {get, subscribe}: Pick<Store<State, never>, 'get' | 'subscribe'>,
  isSo: (state: State) => boolean,
  signal: AbortSignal,
): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (!signal.aborted && !isSo(get())) return;
      stop();
      signal.removeEventListener('abort', look);
      resolve();
    };
    const stop = subscribe(look);
    signal.addEventListener('abort', look);
    look();
  });

/** A store that tells no more often than that: at once, and then the last of what came meanwhile. */
export function throttled<State, Action>(
  {get, subscribe}: Pick<Store<State, Action>, 'get' | 'subscribe'>,
  milliseconds: number,
): Pick<Store<State, Action>, 'get' | 'subscribe'> {
  let state = get();
  let timer: NodeJS.Timeout | undefined;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    timer = undefined;
    if (state === get()) return;
    state = get();
    timer = setTimeout(tell, milliseconds);
    for (const listener of listeners) listener();
  };
  let stop = (): void => {};
  return {
    get: () => state,
    subscribe(listener) {
      if (listeners.size === 0) {
        stop = subscribe(() => {
          if (timer === undefined) tell();
        });
        // What happened before anybody listened.
        tell();
      }
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stop();
        clearTimeout(timer);
        timer = undefined;
      };
    },
  };
}
