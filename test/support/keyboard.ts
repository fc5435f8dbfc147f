import {vi} from 'vitest';
import {createHandler} from '../../source/ui/handle.ts';
import {type IncidentWork, loadIncident} from '../../source/ui/incident.ts';
import {reduce} from '../../source/ui/reduce.ts';
import type {Reach} from '../../source/ui/screen.ts';
import {loadActivity} from '../../source/ui/screens/activity/keys.ts';
import type {ActivityWork} from '../../source/ui/screens/activity/work.ts';
import {loadBackups} from '../../source/ui/screens/backups/open.ts';
import type {BackupsWork} from '../../source/ui/screens/backups/work.ts';
import {loadDifferences} from '../../source/ui/screens/differences/open.ts';
import type {DifferencesWork} from '../../source/ui/screens/differences/work.ts';
import {loadEvidence} from '../../source/ui/screens/evidence/open.ts';
import type {EvidenceWork} from '../../source/ui/screens/evidence/work.ts';
import {loadFiles} from '../../source/ui/screens/files/open.ts';
import type {FilesWork} from '../../source/ui/screens/files/work.ts';
import {loadManifest} from '../../source/ui/screens/manifest/open.ts';
import type {ManifestWork} from '../../source/ui/screens/manifest/work.ts';
import {loadPrune} from '../../source/ui/screens/prune/open.ts';
import type {PruneWork} from '../../source/ui/screens/prune/work.ts';
import {loadRestore} from '../../source/ui/screens/restore/open.ts';
import type {RestoreWork} from '../../source/ui/screens/restore/work.ts';
import {loadRun} from '../../source/ui/screens/run/open.ts';
import type {RunWork} from '../../source/ui/screens/run/work.ts';
import {loadSessions} from '../../source/ui/screens/sessions/open.ts';
import type {SessionsWork} from '../../source/ui/screens/sessions/work.ts';
import {loadSignOff} from '../../source/ui/screens/sign-off/open.ts';
import type {SignOffWork} from '../../source/ui/screens/sign-off/work.ts';
import {loadVerify} from '../../source/ui/screens/verify/open.ts';
import type {VerifyWork} from '../../source/ui/screens/verify/work.ts';
import type {AppState} from '../../source/ui/state.ts';
import {createStore} from '../../source/ui/store.ts';
import type {Ask, Load} from '../../source/ui/work.ts';

/** A keyboard without a terminal: keys go in, the state and what is asked of the work can be looked at. */
export function keyboard(initial: AppState) {
  const store = createStore(initial, reduce);
  let painted = initial;
  const work = {
    openManifest: vi.fn<ManifestWork['open']>(),
    verify: vi.fn<VerifyWork['verify']>((id) => store.dispatch({type: 'verify started', id})),
    stopVerify: vi.fn<VerifyWork['stop']>(),
    compare: vi.fn<DifferencesWork['compare']>(),
    openDifference: vi.fn<DifferencesWork['open']>(),
    openRows: vi.fn<DifferencesWork['openRows']>(),
    stopComparing: vi.fn<DifferencesWork['stop']>(),
    lookInto: vi.fn<FilesWork['look']>(),
    stopLooking: vi.fn<FilesWork['stop']>(),
    extract: vi.fn<FilesWork['extract']>(),
    finish: vi.fn<FilesWork['finish']>(),
    planRun: vi.fn<RunWork['plan']>(),
    run: vi.fn<RunWork['run']>(),
    stopRun: vi.fn<RunWork['stop']>(),
    planPrune: vi.fn<PruneWork['plan']>(),
    prune: vi.fn<PruneWork['prune']>(),
    hold: vi.fn<BackupsWork['hold']>(),
    letGo: vi.fn<BackupsWork['letGo']>(),
    planRestore: vi.fn<RestoreWork['plan']>(),
    stopPlanning: vi.fn<RestoreWork['stopPlanning']>(),
    findService: vi.fn<RestoreWork['findService']>(),
    restore: vi.fn<RestoreWork['start']>(),
    cancelRestore: vi.fn<RestoreWork['cancel']>(),
    answer: vi.fn<SessionsWork['answer']>(),
    recordTime: vi.fn<SessionsWork['recordTime']>(),
    check: vi.fn<SessionsWork['check']>(),
    stopCheck: vi.fn<SessionsWork['stopCheck']>(),
    planSignOff: vi.fn<SignOffWork['plan']>(),
    signOff: vi.fn<SignOffWork['sign']>(),
    takeOver: vi.fn<SessionsWork['takeOver']>(),
    recover: vi.fn<SessionsWork['recover']>(),
    previewEvidence: vi.fn<EvidenceWork['preview']>(),
    exportEvidence: vi.fn<EvidenceWork['write']>(),
    chooseKey: vi.fn<EvidenceWork['chooseKey']>(),
    sayIncident: vi.fn<IncidentWork['say']>(),
    followActivity: vi.fn<ActivityWork['follow']>(),
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
