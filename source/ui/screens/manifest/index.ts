import {wrap} from '../../../presenters/graphemes.ts';
import {clampText, settle} from '../../kit/scroll.ts';
import {manifestLayout, rawHeight, rawWidth} from '../../layout.ts';
import {needsProject} from '../../reasons.ts';
import {type Binding, type Perform, type Screen, say} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {openDifferences} from '../differences/open.ts';
import {openPurpose} from '../restore/open.ts';
import {startVerify} from '../verify/open.ts';
import {moveInRaw, moveInTable} from './state.ts';
import {ManifestView} from './View.tsx';

const copyField =
  (field: 'hash' | 'backup'): Perform =>
  (store, effects) => {
    const {manifest} = store.get();
    const text = manifest?.manifest?.datasets[manifest.cursor]?.[field];
    if (text) effects.copy(text);
    else say(store, 'There is nothing to copy here.', 'plain');
  };

const keys: Binding[] = [
  {
    keys: ['tab', 'enter'],
    label: 'table or raw JSON',
    hint: 'table/raw',
    run: (store) => store.dispatch({type: 'manifest view switched'}),
  },
  {
    keys: ['d'],
    label: 'differences from the live files, or from another backup',
    hint: 'differences',
    run: openDifferences,
  },
  {keys: ['v'], label: 'verify this backup', hint: 'verify', run: startVerify},
  {
    keys: ['r'],
    label: 'restore this backup: the plan first, which writes nothing',
    hint: 'restore',
    why: needsProject,
    run: openPurpose,
  },
  {
    keys: ['y'],
    label: 'copy the recorded hash of the dataset',
    hint: 'copy hash',
    run: copyField('hash'),
  },
  {
    keys: ['p'],
    label: "copy the path of the dataset's copy",
    hint: 'copy path',
    run: copyField('backup'),
  },
];

function fit(state: AppState): AppState {
  const {manifest, size} = state;
  if (!manifest) return state;
  const raw = wrap(manifest.text, rawWidth(size));
  const position = settle(manifest, manifest.manifest?.datasets.length ?? 0, manifestLayout(size).list);
  const rawTop = clampText(manifest.rawTop, raw.length, rawHeight(size));
  return {...state, manifest: {...manifest, ...position, raw, rawTop}};
}

/** What a backup's manifest says: a table, or as it stands in the file. */
export const manifest: Screen = {
  title: 'Manifest',
  help: 'Manifest',
  keys,
  View: ManifestView,
  subject: (state) => state.manifest?.id ?? null,
  move(state, how) {
    const {manifest: opened, size} = state;
    if (!opened) return state;
    return {
      ...state,
      manifest:
        opened.view === 'table'
          ? moveInTable(opened, how, manifestLayout(size).list)
          : moveInRaw(opened, how, opened.raw.length, rawHeight(size)),
    };
  },
  fit,
};
