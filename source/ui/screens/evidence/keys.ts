import {sidewaysKeys} from '../../moving.ts';
import {asWhom} from '../../person.ts';
import {atWork, cannotWrite, either} from '../../reasons.ts';
import type {Binding, Perform, Question} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {loadEvidence} from './open.ts';
import {evidenceSlice} from './state.ts';

const notReady = (state: AppState): string | null => {
  const {opened} = evidenceSlice.of(state);
  if (!opened || opened.state === 'making') return 'the preview is still being made';
  if (opened.lines === null) return 'there is nothing to write';
  return opened.written ? 'it is written already: Esc, then e makes another one' : null;
};

const isWritten = (state: AppState): string | null => {
  const {opened} = evidenceSlice.of(state);
  return opened?.written ? 'it is written already' : null;
};

const notWritten = (state: AppState): string | null => {
  const {opened} = evidenceSlice.of(state);
  return opened?.written ? null : 'nothing is written yet';
};

const making = (state: AppState): string | null => {
  const {opened} = evidenceSlice.of(state);
  return opened?.state === 'ready' ? null : 'wait a moment: it is being made';
};

const nothingShown = (state: AppState): string | null => {
  const {opened} = evidenceSlice.of(state);
  return opened?.lines ? null : 'there is nothing to see yet';
};

const write: Perform = (_, reach) => reach.ask(loadEvidence, (work) => work.write());

export const evidenceKeys: Binding[] = [
  {
    // Not Enter, which has just led here: it would write a file that nobody has read.
    keys: ['x'],
    label: 'export: write it to storage/runbook/evidence, and its digest beside it',
    hint: 'export',
    why: either(cannotWrite, atWork, notReady),
    run(store, reach) {
      const seen = evidenceSlice.of(reach.painted()).opened;
      // What has not been on the screen has not been agreed to, but for the name, which is asked for then.
      if (seen && seen.lines === evidenceSlice.of(store.get()).opened?.lines)
        asWhom('x', write)(store, reach);
    },
  },
  {
    keys: ['k'],
    label: 'which key signs it: a private key, or the .pub of one that an agent holds',
    hint: 'key',
    why: either(cannotWrite, isWritten, making),
    run: (store) =>
      store.dispatch({
        type: 'asked',
        kind: 'key',
        id: '',
        text: evidenceSlice.of(store.get()).key?.path ?? '',
      }),
  },
  {
    keys: ['y'],
    label: "copy the file's path to your clipboard",
    hint: 'copy path',
    why: notWritten,
    run(store, reach) {
      const file = evidenceSlice.of(store.get()).opened?.written?.file;
      if (file !== undefined) reach.copy(file);
    },
  },
  ...sidewaysKeys(nothingShown, (how) => evidenceSlice.to({type: 'evidence sideways', how})),
];

/** Which key signs from now on. */
export const keyQuestion: Question = {
  give: ({text}, _, reach) => reach.ask(loadEvidence, (work) => work.chooseKey(text.trim())),
};
