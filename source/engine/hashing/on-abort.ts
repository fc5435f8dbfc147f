const actions = new WeakMap<AbortSignal, Set<() => void>>();

function tell(this: AbortSignal): void {
  const asked = actions.get(this) ?? [];
  actions.delete(this);
  for (const action of asked) action();
}

/**
 * Does something once a signal is aborted. However many ask, the signal has one listener: each one that is added to it is
 * compared with all that it has.
 * @returns what to call where it is not wanted any more
 */
export function onAbort(signal: AbortSignal, action: () => void): () => void {
  const known = actions.get(signal);
  const asked = known ?? new Set();
  if (!known) {
    actions.set(signal, asked);
    signal.addEventListener('abort', tell, {once: true});
  }
  asked.add(action);
  return () => {
    asked.delete(action);
    if (asked.size > 0 || !actions.delete(signal)) return;
    signal.removeEventListener('abort', tell);
  };
}
