import type {Binding} from '../../common-keys.ts';
import {needsProject, restoring} from '../../reasons.ts';
import type {AppState} from '../../state.ts';
import {chosenDifference, othersOf} from './state.ts';

/** A safety backup is looked at from the plan of an undo, which lies behind it. */
const ofUndo = ({differences}: AppState): string | null =>
  differences?.safetyIn ? 'it is the safety backup of an undo, whose plan is behind: Esc' : null;

const nothingElse = (state: AppState): string | null => {
  const {differences} = state;
  const why = ofUndo(state);
  if (why !== null) return why;
  return differences && othersOf(state, differences.id).length > 1
    ? null
    : 'there is nothing else to compare it with';
};

const noLines = ({differences}: AppState): string | null =>
  differences?.opened?.difference?.kind === 'lines' ? null : 'there are no lines here';

/** The keys of what compares a backup. */
export const differencesBindings: Binding[] = [
  {
    id: 'difference',
    keys: ['enter'],
    scope: 'differences',
    label: 'show how the dataset differs',
    hint: 'show',
    disabledReason: (state) => (chosenDifference(state) ? null : 'there is no dataset here'),
  },
  {
    id: 'others',
    keys: ['w'],
    scope: 'differences',
    label: 'with: choose what to compare it with, live or any other backup',
    hint: 'with another',
    disabledReason: nothingElse,
  },
  {
    id: 'open',
    keys: ['m'],
    scope: 'differences',
    label: 'open the manifest',
    hint: 'manifest',
    disabledReason: ofUndo,
  },
  {
    id: 'restore',
    keys: ['r'],
    scope: 'differences',
    label: 'restore this backup: the plan first, which writes nothing',
    hint: 'restore',
    disabledReason: (state) =>
      ofUndo(state) ?? (restoring(state) || state.stopped ? null : needsProject(state)),
  },

  {
    id: 'nextChange',
    keys: ['n'],
    scope: 'difference',
    label: 'to the next change',
    hint: 'next change',
    disabledReason: noLines,
  },
  {
    id: 'previousChange',
    keys: ['N'],
    scope: 'difference',
    label: 'to the change before',
    disabledReason: noLines,
  },
  {
    id: 'right',
    keys: ['right', 'l'],
    scope: 'difference',
    label: 'look further right',
    hint: 'sideways',
    disabledReason: noLines,
  },
  {id: 'left', keys: ['left', 'h'], scope: 'difference', label: 'look further left', disabledReason: noLines},
  {
    id: 'others',
    keys: ['w'],
    scope: 'difference',
    label: 'with: choose what to compare it with',
    hint: 'with another',
    disabledReason: nothingElse,
  },

  {id: 'chooseOther', keys: ['enter'], scope: 'others', label: 'compare with this', hint: 'compare'},
];
