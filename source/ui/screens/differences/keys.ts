import {isSame} from '../../../engine/differences/tables.ts';
import {sidewaysKeys} from '../../moving.ts';
import {either, needsProject, restoring} from '../../reasons.ts';
import type {Binding, Perform, Reach} from '../../screen.ts';
import type {AppState, AppStore} from '../../state.ts';
import {extractKey} from '../files/extract.tsx';
import {openManifest} from '../manifest/open.ts';
import {openPurpose} from '../restore/open.ts';
import {compareWith, loadDifferences} from './open.ts';
import {chosenDifference, chosenTable, differencesSlice, othersOf} from './state.ts';

/** Undoing brings back what a safety backup holds. */
const ofUndo = (state: AppState): string | null => {
  const differences = differencesSlice.of(state);
  return differences?.safetyIn ? 'it is a safety backup: undoing its session brings it back' : null;
};

/** The list says it of the chosen backup; this is the one that is compared. */
const ofCutOff = (state: AppState): string | null =>
  state.catalog.rows.get(differencesSlice.of(state)?.id ?? '')?.state === 'interrupted'
    ? 'it was cut off, and nothing says what it should hold: Enter on it in the list, then m, makes it a backup'
    : null;

const nothingElse = (state: AppState): string | null => {
  const differences = differencesSlice.of(state);
  const why = ofUndo(state);
  if (why !== null) return why;
  return differences && othersOf(state, differences.id).length > 1
    ? null
    : 'there is nothing else to compare it with';
};

const noLines = (state: AppState): string | null => {
  const differences = differencesSlice.of(state);
  return differences?.opened?.difference?.kind === 'lines' ? null : 'there are no lines here';
};

function openDifference(name: string, reach: Reach, store: AppStore): void {
  store.dispatch(differencesSlice.open({type: 'difference opened', name}, 'difference'));
  reach.ask(loadDifferences, (work) => work.open(name));
}

const openOthers: Perform = (store) =>
  store.dispatch(differencesSlice.open({type: 'others opened'}, 'others'));

export const differencesKeys: Binding[] = [
  {
    keys: ['enter'],
    label: 'show how the dataset differs',
    hint: 'show',
    why: (state) => (chosenDifference(state) ? null : 'there is no dataset here'),
    run(store, reach) {
      const chosen = chosenDifference(store.get());
      if (chosen) openDifference(chosen.name, reach, store);
    },
  },
  {
    keys: ['w'],
    label: 'with: choose what to compare it with, live or any other backup',
    hint: 'with another',
    why: nothingElse,
    run: openOthers,
  },
  extractKey((state) => {
    const id = differencesSlice.of(state)?.id;
    const chosen = chosenDifference(state);
    return id !== undefined && chosen?.one.state === 'there' ? {id, dataset: chosen.name} : null;
  }),
  {
    keys: ['m'],
    label: 'open the manifest',
    hint: 'manifest',
    why: ofUndo,
    run: openManifest,
  },
  {
    keys: ['r'],
    label: 'restore this backup: the plan first, which writes nothing',
    hint: 'restore',
    why: (state) =>
      ofUndo(state) ?? (restoring(state) || state.stopped ? null : either(ofCutOff, needsProject)(state)),
    run: openPurpose,
  },
];

const noRows = (state: AppState): string | null => {
  if (differencesSlice.of(state)?.opened?.difference?.kind !== 'tables') return 'there are no tables here';
  const table = chosenTable(state);
  if (!table) return 'there is no table here';
  if (table.reason !== null) return 'it was not compared';
  if (table.rows.length > 0) return null;
  // They are read when they are asked for.
  if (table.isCounted && table.one !== null && table.other !== null)
    return state.readOnly ? 'its rows are put into private files, and --read-only writes nothing' : null;
  return isSame(table) ? 'its rows are the same' : 'none of its rows are listed';
};

export const differenceKeys: Binding[] = [
  {
    keys: ['enter'],
    label: 'of a table: list the rows that differ; those of a database are read first',
    hint: (state) => (noRows(state) === null ? 'rows' : null),
    why: noRows,
    run(store, reach) {
      const table = chosenTable(store.get());
      store.dispatch(differencesSlice.open({type: 'rows opened'}, 'rows'));
      if (table?.isCounted) reach.ask(loadDifferences, (work) => work.openRows(table.name));
    },
  },
  {
    keys: ['n'],
    label: 'to the next change',
    hint: 'next change',
    why: noLines,
    run: (store) => store.dispatch(differencesSlice.to({type: 'change sought', how: 'next'})),
  },
  {
    keys: ['N'],
    label: 'to the change before',
    why: noLines,
    run: (store) => store.dispatch(differencesSlice.to({type: 'change sought', how: 'previous'})),
  },
  ...sidewaysKeys(noLines, (how) => differencesSlice.to({type: 'looked sideways', how})),
  {
    keys: ['w'],
    label: 'with: choose what to compare it with',
    hint: 'with another',
    why: nothingElse,
    run: openOthers,
  },
];

export const rowsKeys: Binding[] = sidewaysKeys(
  () => null,
  (how) => differencesSlice.to({type: 'looked sideways', how}),
);

export const othersKeys: Binding[] = [
  {
    keys: ['enter'],
    label: 'compare with this',
    hint: 'compare',
    run(store, reach) {
      const state = store.get();
      const differences = differencesSlice.of(state);
      if (!differences) return;
      const other = othersOf(state, differences.id)[differences.choice] ?? null;
      // Whoever was looking at one dataset goes on with it.
      const name = state.screens.includes('difference') ? differences.opened?.name : undefined;
      store.dispatch({type: 'went back'});
      compareWith(differences.id, other, reach, store);
      if (name !== undefined) openDifference(name, reach, store);
    },
  },
];
