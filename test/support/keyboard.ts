import {vi} from 'vitest';
import {createHandler} from '../../source/ui/handle.ts';
import {type incidentWork, loadIncident} from '../../source/ui/incident.ts';
import {reduce} from '../../source/ui/reduce.ts';
import type {Reach} from '../../source/ui/screen.ts';
import {loadActivity} from '../../source/ui/screens/activity/keys.ts';
import type {activityWork} from '../../source/ui/screens/activity/work.ts';
import {loadBackups} from '../../source/ui/screens/backups/open.ts';
import type {backupsWork} from '../../source/ui/screens/backups/work.ts';
import {loadDifferences} from '../../source/ui/screens/differences/open.ts';
import type {differencesWork} from '../../source/ui/screens/differences/work.ts';
import {loadEvidence} from '../../source/ui/screens/evidence/open.ts';
import type {evidenceWork} from '../../source/ui/screens/evidence/work.ts';
import {loadFiles} from '../../source/ui/screens/files/open.ts';
import type {filesWork} from '../../source/ui/screens/files/work.ts';
import {loadManifest} from '../../source/ui/screens/manifest/open.ts';
import type {manifestWork} from '../../source/ui/screens/manifest/work.ts';
import {loadPrune} from '../../source/ui/screens/prune/open.ts';
import type {pruneWork} from '../../source/ui/screens/prune/work.ts';
import {loadRestore} from '../../source/ui/screens/restore/open.ts';
import type {restoreWork} from '../../source/ui/screens/restore/work.ts';
import {loadRun} from '../../source/ui/screens/run/open.ts';
import type {runWork} from '../../source/ui/screens/run/work.ts';
import {loadSessions} from '../../source/ui/screens/sessions/open.ts';
import type {sessionsWork} from '../../source/ui/screens/sessions/work.ts';
import {loadSignOff} from '../../source/ui/screens/sign-off/open.ts';
import type {signOffWork} from '../../source/ui/screens/sign-off/work.ts';
import {loadVerify} from '../../source/ui/screens/verify/open.ts';
import type {verifyWork} from '../../source/ui/screens/verify/work.ts';
import type {AppState} from '../../source/ui/state.ts';
import {createStore} from '../../source/ui/store.ts';
import type {Ask, Load} from '../../source/ui/work.ts';

/** What a screen's work can do. */
type Work<Make extends (place: never) => object> = ReturnType<Make>;

/**
 * A keyboard without a terminal: keys go in, the state and what is asked of the work can be looked at.
 * @param own the work of a screen that is not among those below, by what loads it
 */
export function keyboard(initial: AppState, own: [Load<never>, object][] = []) {
  const store = createStore(initial, reduce);
  let painted = initial;
  const work = {
    openManifest: vi.fn<Work<typeof manifestWork>['open']>(),
    verify: vi.fn<Work<typeof verifyWork>['verify']>((id) => store.dispatch({type: 'verify started', id})),
    stopVerify: vi.fn<Work<typeof verifyWork>['stop']>(),
    compare: vi.fn<Work<typeof differencesWork>['compare']>(),
    openDifference: vi.fn<Work<typeof differencesWork>['open']>(),
    openRows: vi.fn<Work<typeof differencesWork>['openRows']>(),
    stopComparing: vi.fn<Work<typeof differencesWork>['stop']>(),
    lookInto: vi.fn<Work<typeof filesWork>['look']>(),
    stopLooking: vi.fn<Work<typeof filesWork>['stop']>(),
    extract: vi.fn<Work<typeof filesWork>['extract']>(),
    finish: vi.fn<Work<typeof filesWork>['finish']>(),
    planRun: vi.fn<Work<typeof runWork>['plan']>(),
    run: vi.fn<Work<typeof runWork>['run']>(),
    stopRun: vi.fn<Work<typeof runWork>['stop']>(),
    planPrune: vi.fn<Work<typeof pruneWork>['plan']>(),
    prune: vi.fn<Work<typeof pruneWork>['prune']>(),
    hold: vi.fn<Work<typeof backupsWork>['hold']>(),
    letGo: vi.fn<Work<typeof backupsWork>['letGo']>(),
    planRestore: vi.fn<Work<typeof restoreWork>['plan']>(),
    stopPlanning: vi.fn<Work<typeof restoreWork>['stopPlanning']>(),
    suggestDirectory: vi.fn<Work<typeof restoreWork>['suggestDirectory']>(),
    findService: vi.fn<Work<typeof restoreWork>['findService']>(),
    restore: vi.fn<Work<typeof restoreWork>['start']>(),
    cancelRestore: vi.fn<Work<typeof restoreWork>['cancel']>(),
    answer: vi.fn<Work<typeof sessionsWork>['answer']>(),
    recordTime: vi.fn<Work<typeof sessionsWork>['recordTime']>(),
    check: vi.fn<Work<typeof sessionsWork>['check']>(),
    stopCheck: vi.fn<Work<typeof sessionsWork>['stopCheck']>(),
    planSignOff: vi.fn<Work<typeof signOffWork>['plan']>(),
    signOff: vi.fn<Work<typeof signOffWork>['sign']>(),
    takeOver: vi.fn<Work<typeof sessionsWork>['takeOver']>(),
    recover: vi.fn<Work<typeof sessionsWork>['recover']>(),
    previewEvidence: vi.fn<Work<typeof evidenceWork>['preview']>(),
    exportEvidence: vi.fn<Work<typeof evidenceWork>['write']>(),
    chooseKey: vi.fn<Work<typeof evidenceWork>['chooseKey']>(),
    sayIncident: vi.fn<Work<typeof incidentWork>['say']>(),
    followActivity: vi.fn<Work<typeof activityWork>['follow']>(),
  };
  const {answer, recordTime, check, stopCheck, takeOver, recover} = work;
  const works = new Map<Load<never>, object>([
    [loadManifest, {open: work.openManifest}],
    [loadVerify, {verify: work.verify, stop: work.stopVerify}],
    [
      loadDifferences,
      {compare: work.compare, open: work.openDifference, openRows: work.openRows, stop: work.stopComparing},
    ],
    [loadFiles, {look: work.lookInto, stop: work.stopLooking, extract: work.extract, finish: work.finish}],
    [loadRun, {plan: work.planRun, run: work.run, stop: work.stopRun}],
    [loadPrune, {plan: work.planPrune, prune: work.prune}],
    [loadBackups, {hold: work.hold, letGo: work.letGo}],
    [
      loadRestore,
      {
        plan: work.planRestore,
        stopPlanning: work.stopPlanning,
        suggestDirectory: work.suggestDirectory,
        findService: work.findService,
        start: work.restore,
        cancel: work.cancelRestore,
      },
    ],
    [loadSessions, {answer, recordTime, check, stopCheck, takeOver, recover}],
    [loadSignOff, {plan: work.planSignOff, sign: work.signOff}],
    [loadEvidence, {preview: work.previewEvidence, write: work.exportEvidence, chooseKey: work.chooseKey}],
    [loadIncident, {say: work.sayIncident}],
    [loadActivity, {follow: work.followActivity}],
    ...own,
  ] as [Load<never>, object][]);
  const others = {
    operator: vi.fn<Reach['operator']>(() => 'amira'),
    callOperator: vi.fn<Reach['callOperator']>((name) =>
      store.dispatch({type: 'name asked', name: name || null}),
    ),
    copy: vi.fn<Reach['copy']>(),
    suspend: vi.fn<Reach['suspend']>(),
    repaint: vi.fn<Reach['repaint']>(),
    quit: vi.fn<Reach['quit']>(),
    painted: () => painted,
    shownFor: vi.fn<Reach['shownFor']>(() => 1000),
  };
  const effects = {...work, ...others};
  // What a screen has done that is not listed here is not done.
  const ask: Ask = (load, action) => {
    const known = works.get(load as Load<never>);
    if (known) void action(known as never);
  };
  const handle = createHandler(store, {...others, ask});
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
