import {vi} from 'vitest';
import type {Effects, Work} from '../../source/ui/effects.ts';
import {createHandler} from '../../source/ui/handle.ts';
import {reduce} from '../../source/ui/reduce.ts';
import type {ActivityTasks} from '../../source/ui/screens/activity/work.ts';
import type {DifferencesTasks} from '../../source/ui/screens/differences/work.ts';
import type {EvidenceTasks} from '../../source/ui/screens/evidence/work.ts';
import {pruneSlice} from '../../source/ui/screens/prune/state.ts';
import type {RestoreTasks} from '../../source/ui/screens/restore/work.ts';
import {runSlice} from '../../source/ui/screens/run/state.ts';
import type {WritingTasks} from '../../source/ui/screens/run/work.ts';
import type {SessionTasks} from '../../source/ui/screens/sessions/work.ts';
import type {AppState} from '../../source/ui/state.ts';
import {createStore} from '../../source/ui/store.ts';

/** A keyboard without a terminal: keys go in, the state and the effects can be looked at. */
export function keyboard(initial: AppState) {
  const store = createStore(initial, reduce);
  let painted = initial;
  const work = {
    openManifest: vi.fn<Work['openManifest']>(),
    verify: vi.fn<Work['verify']>((id) => store.dispatch({type: 'verify started', id})),
    stopVerify: vi.fn<Work['stopVerify']>(),
    compare: vi.fn<DifferencesTasks['compare']>(),
    openDifference: vi.fn<DifferencesTasks['open']>(),
    stopComparing: vi.fn<DifferencesTasks['stop']>(),
    planRun: vi.fn<WritingTasks['planRun']>(),
    run: vi.fn<WritingTasks['run']>(() => store.dispatch(runSlice.to({type: 'run started'}))),
    stopRun: vi.fn<WritingTasks['stopRun']>(),
    planPrune: vi.fn<WritingTasks['planPrune']>(),
    prune: vi.fn<WritingTasks['prune']>(() => store.dispatch(pruneSlice.to({type: 'prune started'}))),
    hold: vi.fn<WritingTasks['hold']>(),
    letGo: vi.fn<WritingTasks['letGo']>(),
    planRestore: vi.fn<RestoreTasks['plan']>(),
    stopPlanning: vi.fn<RestoreTasks['stopPlanning']>(),
    findService: vi.fn<RestoreTasks['findService']>(),
    restore: vi.fn<RestoreTasks['start']>(),
    cancelRestore: vi.fn<RestoreTasks['cancel']>(),
    answer: vi.fn<SessionTasks['answer']>(),
    recordTime: vi.fn<SessionTasks['recordTime']>(),
    check: vi.fn<SessionTasks['check']>(),
    stopCheck: vi.fn<SessionTasks['stopCheck']>(),
    closeSession: vi.fn<SessionTasks['close']>(),
    takeOver: vi.fn<SessionTasks['takeOver']>(),
    recover: vi.fn<SessionTasks['recover']>(),
    previewEvidence: vi.fn<EvidenceTasks['preview']>(),
    exportEvidence: vi.fn<EvidenceTasks['write']>(),
    chooseKey: vi.fn<EvidenceTasks['chooseKey']>(),
    followActivity: vi.fn<ActivityTasks['follow']>(),
  };
  const others = {
    operator: vi.fn<Effects['operator']>(() => 'amira'),
    copy: vi.fn<Effects['copy']>(),
    suspend: vi.fn<Effects['suspend']>(),
    quit: vi.fn<Effects['quit']>(),
    painted: () => painted,
    shownFor: vi.fn<Effects['shownFor']>(() => 1000),
  };
  const effects = {...work, ...others};
  const {closeSession: close, restore: start, cancelRestore: cancel, planRestore: plan} = work;
  const handle = createHandler(store, {
    ...others,
    work: {
      ...work,
      writing: work,
      differences: (action) =>
        action({compare: work.compare, open: work.openDifference, stop: work.stopComparing}),
      restore: (action) => action({...work, plan, start, cancel}),
      sessions: (action) => action({...work, close}),
      evidence: (action) => action({...work, preview: work.previewEvidence, write: work.exportEvidence}),
      activity: (action) => action({follow: work.followActivity}),
    },
  });
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
