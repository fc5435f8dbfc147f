import {datasetsLayout} from '../../layout.ts';
import {lacksReason} from '../../prompt.ts';
import {
  backingUp,
  busyWriting,
  cannotWrite,
  either,
  needsBackup,
  needsProject,
  notCutOff,
  notHeld,
  notSafety,
  notWhole,
  pruning,
  restoring,
} from '../../reasons.ts';
import {type Binding, type Questions, say, withSubject} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {openDifferences} from '../differences/open.ts';
import {openFiles} from '../files/open.ts';
import {openManifest} from '../manifest/open.ts';
import {openPrune} from '../prune/open.ts';
import {openPurpose} from '../restore/open.ts';
import {openRun} from '../run/open.ts';
import {startVerify, verifySlice} from '../verify/open.ts';
import {loadBackups} from './open.ts';
import {askSince, giveSince} from './since.ts';
import {backupsSlice, type SortKey, unpinWord} from './state.ts';

const onlyHeld = (id: string): string =>
  `It is the only copy left: PHP has deleted the original. To delete it for good: magds backup unpin ${id} --yes=${id}`;

const sortBy = (key: SortKey, letter: string, label: string): Binding => ({
  keys: [letter],
  label,
  run: (store) => store.dispatch(backupsSlice.to({type: 'sorted', key})),
});

const isCutOff = (state: AppState): boolean =>
  state.catalog.rows.get(backupsSlice.of(state).selected ?? '')?.state === 'interrupted';

function isAllSeen(state: AppState): boolean {
  const {datasets} = backupsSlice.of(state);
  return datasetsLayout(state.size, datasets, 0).seen >= datasets.length;
}

const goAcross = (letter: string, by: 1 | -1, label: string): Binding => ({
  keys: [letter],
  label,
  hint: (state) => (by < 0 || isAllSeen(state) ? null : 'datasets'),
  why: (state) => (isAllSeen(state) ? 'all datasets are seen' : null),
  unlisted: true,
  run: (store) => store.dispatch(backupsSlice.to({type: 'went across', by})),
});

export const backupsKeys: Binding[] = [
  {
    keys: ['enter'],
    label: 'differences: to the live files or another backup; of one that was cut off, its files',
    hint: (state) => (isCutOff(state) ? 'files' : 'diff'),
    why: needsBackup,
    run(store, reach) {
      const state = store.get();
      const {selected} = backupsSlice.of(state);
      if (isCutOff(state) && selected !== null) openFiles(selected, reach, store);
      else openDifferences(store, reach);
    },
  },
  {
    keys: ['v'],
    label: 'verify: hash the copies again and compare',
    hint: 'verify',
    why: either(needsBackup, notCutOff),
    run: startVerify,
  },
  {
    keys: ['r'],
    label: 'restore: its purpose, then a plan that writes nothing, then the id to confirm it',
    hint: 'restore',
    // One that is at work is shown.
    why: (state) =>
      restoring(state) || state.stopped
        ? null
        : either(needsBackup, notSafety, notCutOff, needsProject)(state),
    run: openPurpose,
  },
  {
    keys: ['t'],
    label: 'bad since: when things went wrong; marks the newest good copy of each dataset before it',
    hint: 'bad since',
    run: askSince,
  },
  {
    keys: ['b'],
    label: 'back up: shows what will be copied, asks for a label, then starts',
    hint: 'back up',
    // One that runs already is shown.
    why: (state) => (backingUp(state) ? null : either(cannotWrite, busyWriting)(state)),
    run: openRun,
  },
  goAcross('>', 1, 'the next dataset, where not all fit'),
  goAcross('<', -1, 'the dataset before'),
  {
    keys: ['m'],
    label: 'open the manifest',
    hint: (state) => (isCutOff(state) ? null : 'manifest'),
    why: either(needsBackup, notCutOff),
    run: openManifest,
  },
  {
    keys: ['h'],
    label: "hold: keep it where no retention can delete it, not even PHP's",
    hint: 'hold',
    why: either(needsBackup, notSafety, notWhole, cannotWrite, busyWriting),
    run: withSubject((id, _, store) => {
      const text = store.get().catalog.held.get(id)?.reason ?? '';
      store.dispatch({type: 'asked', kind: 'pin', id, text});
    }),
  },
  {
    keys: ['w'],
    label: 'verification: the one that is running, or the last one',
    hint: 'progress',
    why: (state) => (state.verify ? null : 'nothing has been verified yet'),
    run: (store) => store.dispatch(verifySlice.open(null)),
  },
  {
    keys: ['/'],
    label: 'filter by any text of a line; ! in front inverts',
    hint: 'filter',
    run: (store) => store.dispatch(backupsSlice.to({type: 'filter opened'})),
  },
  sortBy('backup', 'B', 'sort by time; again: the other way'),
  sortBy('data', 'D', 'sort by usable copies'),
  sortBy('size', 'S', 'sort by size'),
  sortBy('verified', 'V', 'sort by verification, what needs you first'),
  {
    keys: ['y'],
    label: "copy the backup's id to your clipboard",
    hint: 'copy id',
    why: needsBackup,
    run: withSubject((id, reach) => reach.copy(id)),
  },
  {
    keys: ['u'],
    label: 'release a held backup',
    why: either(needsBackup, notHeld, cannotWrite, busyWriting),
    run: withSubject((id, _, store) => {
      if (store.get().catalog.held.get(id)?.only) say(store, onlyHeld(id), 'beware');
      else store.dispatch({type: 'asked', kind: 'unpin', id, text: ''});
    }),
  },
  {
    keys: ['P'],
    label: 'prune: what retention deletes, and why; asks for the count',
    why: (state) => (pruning(state) ? null : either(cannotWrite, busyWriting)(state)),
    run: openPrune,
  },
];

/** Questions of the list. */
export const backupsQuestions: Questions = {
  pin: {
    lacks: lacksReason,
    give: ({id, text}, _, reach) => reach.ask(loadBackups, (work) => work.hold(id, text.trim())),
  },
  unpin: {
    lacks: ({text}) => (text === unpinWord ? null : `Type ${unpinWord} to release it; Esc leaves it held.`),
    give: ({id}, _, reach) => reach.ask(loadBackups, (work) => work.letGo(id)),
  },
  since: {stays: true, give: ({text}, store, reach) => giveSince(text, store, reach)},
};
