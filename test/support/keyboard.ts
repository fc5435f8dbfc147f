import {vi} from 'vitest';
import type {Effects} from '../../source/ui/effects.ts';
import {createHandler} from '../../source/ui/handle.ts';
import {reduce} from '../../source/ui/reduce.ts';
import type {AppState} from '../../source/ui/state.ts';
import {createStore} from '../../source/ui/store.ts';

/** A keyboard without a terminal: keys go in, the state and the effects can be looked at. */
export function keyboard(initial: AppState) {
  const store = createStore(initial, reduce);
  let painted = initial;
  const effects = {
    openManifest: vi.fn<Effects['openManifest']>(),
    compare: vi.fn<Effects['compare']>(),
    openDifference: vi.fn<Effects['openDifference']>(),
    stopComparing: vi.fn<Effects['stopComparing']>(),
    verify: vi.fn<Effects['verify']>((id) => store.dispatch({type: 'verify started', id})),
    stopVerify: vi.fn<Effects['stopVerify']>(),
    planRun: vi.fn<Effects['planRun']>(),
    run: vi.fn<Effects['run']>(() => store.dispatch({type: 'run started'})),
    stopRun: vi.fn<Effects['stopRun']>(),
    planPrune: vi.fn<Effects['planPrune']>(),
    prune: vi.fn<Effects['prune']>(() => store.dispatch({type: 'prune started'})),
    planRestore: vi.fn<Effects['planRestore']>(),
    stopPlanning: vi.fn<Effects['stopPlanning']>(),
    findService: vi.fn<Effects['findService']>(),
    restore: vi.fn<Effects['restore']>(),
    cancelRestore: vi.fn<Effects['cancelRestore']>(),
    answer: vi.fn<Effects['answer']>(),
    recordTime: vi.fn<Effects['recordTime']>(),
    check: vi.fn<Effects['check']>(),
    stopCheck: vi.fn<Effects['stopCheck']>(),
    closeSession: vi.fn<Effects['closeSession']>(),
    takeOver: vi.fn<Effects['takeOver']>(),
    recover: vi.fn<Effects['recover']>(),
    previewEvidence: vi.fn<Effects['previewEvidence']>(),
    exportEvidence: vi.fn<Effects['exportEvidence']>(),
    chooseKey: vi.fn<Effects['chooseKey']>(),
    followActivity: vi.fn<Effects['followActivity']>(),
    hold: vi.fn<Effects['hold']>(),
    letGo: vi.fn<Effects['letGo']>(),
    operator: vi.fn<Effects['operator']>(() => 'amira'),
    copy: vi.fn<Effects['copy']>(),
    suspend: vi.fn<Effects['suspend']>(),
    quit: vi.fn<Effects['quit']>(),
    painted: () => painted,
    shownFor: vi.fn<Effects['shownFor']>(() => 1000),
  } satisfies Effects;
  const handle = createHandler(store, effects);
  return {
    store,
    effects,
    state: () => store.get(),
    press: (...keys: string[]) => {
      for (const key of keys) handle(key);
    },
    /** What the state is now has been seen. */
    paint: () => {
      painted = store.get();
    },
  };
}
