import {sidewaysKeys} from '../../moving.ts';
import {atWork, cannotWrite, either} from '../../reasons.ts';
import type {Binding, Question} from '../../screen.ts';
import type {AppState} from '../../state.ts';

const notReady = ({evidence: {opened}}: AppState): string | null => {
  if (!opened || opened.state === 'making') return 'the preview is still being made';
  if (opened.lines === null) return 'there is nothing that could be written';
  return opened.written ? 'it is written already: Esc, then e makes another one' : null;
};

const isWritten = ({evidence: {opened}}: AppState): string | null =>
  opened?.written ? 'it is written already' : null;

const notWritten = ({evidence: {opened}}: AppState): string | null =>
  opened?.written ? null : 'nothing is written yet';

const making = ({evidence: {opened}}: AppState): string | null =>
  opened?.state === 'ready' ? null : 'wait a moment: it is being made';

const nothingShown = ({evidence: {opened}}: AppState): string | null =>
  opened?.lines ? null : 'there is nothing to be seen yet';

export const evidenceKeys: Binding[] = [
  {
    keys: ['x', 'enter'],
    label: 'export: write it to storage/runbook/evidence, and its digest beside it',
    hint: 'export',
    why: either(cannotWrite, atWork, notReady),
    run(store, effects) {
      const seen = effects.painted().evidence.opened;
      // What has not been on the screen has not been agreed to.
      if (seen && seen.lines === store.get().evidence.opened?.lines)
        effects.work.evidence((each) => each.write());
    },
  },
  {
    keys: ['k'],
    label: 'which key signs it: a private key, or the .pub of one that an agent holds',
    hint: 'key',
    why: either(cannotWrite, isWritten, making),
    run: (store) =>
      store.dispatch({type: 'asked', kind: 'key', id: '', text: store.get().evidence.key?.path ?? ''}),
  },
  {
    keys: ['y'],
    label: "copy the file's path to your clipboard",
    hint: 'copy path',
    why: notWritten,
    run(store, effects) {
      const file = store.get().evidence.opened?.written?.file;
      if (file !== undefined) effects.copy(file);
    },
  },
  ...sidewaysKeys(nothingShown, (how) => ({type: 'evidence sideways', how})),
];

/** Which key signs from now on. */
export const keyQuestion: Question = {
  give: ({text}, _, effects) => effects.work.evidence((each) => each.chooseKey(text.trim())),
};
