import {needsProject, whySafety} from '../../reasons.ts';
import {type Binding, type Perform, type Screen, say} from '../../screen.ts';
import {typingInto} from '../../typings.ts';
import {openDifferences} from '../differences/open.ts';
import {openPurpose} from '../restore/open.ts';
import {startVerify} from '../verify/open.ts';
import {
  fitManifest,
  followResults,
  type ManifestAction,
  type ManifestState,
  manifestSlice,
  moveManifest,
} from './state.ts';
import {ManifestView} from './View.tsx';

const copyField =
  (field: 'hash' | 'backup'): Perform =>
  (store, reach) => {
    const manifest = manifestSlice.of(store.get());
    const text = manifest?.manifest?.datasets[manifest.cursor]?.[field];
    if (text) reach.copy(text);
    else say(store, 'There is nothing to copy here.', 'plain');
  };

const finding = typingInto({
  help: 'Manifest, while a word is looked for',
  text: (state) => manifestSlice.of(state)?.find ?? '',
  write: (text) => manifestSlice.to({type: 'filter written', text}),
  isLine: true,
  keys: [
    {
      keys: ['enter'],
      label: 'stay where it was found',
      hint: 'stay',
      run: (store) => store.dispatch(manifestSlice.to({type: 'filter kept'})),
    },
    {
      keys: ['tab', 'down'],
      label: 'to the next that holds it',
      hint: 'next',
      run: (store) => store.dispatch(manifestSlice.to({type: 'found next'})),
    },
  ],
});

const keys: Binding[] = [
  {
    keys: ['tab', 'enter'],
    label: 'table or raw JSON',
    hint: 'table/raw',
    run: (store) => store.dispatch(manifestSlice.to({type: 'manifest view switched'})),
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
    why: (state) => whySafety(state, manifestSlice.of(state)?.id ?? null) ?? needsProject(state),
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
  {
    keys: ['/'],
    label: 'look for a dataset, or in the raw file for a word',
    run: (store) => store.dispatch(manifestSlice.to({type: 'filter opened'})),
  },
];

/** What a backup's manifest says: a table, or as it stands in the file. */
export const manifest: Screen<ManifestState | null, ManifestAction> = {
  slice: manifestSlice,
  title: 'Manifest',
  help: 'Manifest',
  keys,
  View: ManifestView,
  subject: (opened) => opened?.id ?? null,
  dataset: (opened) => (opened?.view === 'table' && opened.manifest?.datasets[opened.cursor]?.name) || null,
  move: (opened, how, {size}) => opened && moveManifest(opened, how, size),
  fit: (opened, {size}) => opened && fitManifest(opened, size),
  follow: followResults,
  typings: [finding],
  typing: (state) => (typeof manifestSlice.of(state)?.find === 'string' ? finding : null),
  ends: (opened) => (typeof opened?.find === 'string' ? 'end search' : null),
  back(store) {
    if (typeof manifestSlice.of(store.get())?.find !== 'string') return false;
    store.dispatch(manifestSlice.to({type: 'filter cleared'}));
    return true;
  },
};
