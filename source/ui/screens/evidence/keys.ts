import type {Binding} from '../../common-keys.ts';
import {atWork, cannotWrite, either} from '../../reasons.ts';
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

/** The keys of the screen that shows evidence and writes it. */
export const evidenceBindings: Binding[] = [
  {
    id: 'exportEvidence',
    keys: ['x', 'enter'],
    scope: 'evidence',
    label: 'export: write it to storage/runbook/evidence, and its digest beside it',
    hint: 'export',
    disabledReason: either(cannotWrite, atWork, notReady),
  },
  {
    id: 'signingKey',
    keys: ['k'],
    scope: 'evidence',
    label: 'which key signs it: a private key, or the .pub of one that an agent holds',
    hint: 'key',
    disabledReason: either(cannotWrite, isWritten, making),
  },
  {
    id: 'copyEvidence',
    keys: ['y'],
    scope: 'evidence',
    label: "copy the file's path to your clipboard",
    hint: 'copy path',
    disabledReason: notWritten,
  },
  {
    id: 'right',
    keys: ['right', 'l'],
    scope: 'evidence',
    label: 'look further right',
    hint: 'sideways',
    disabledReason: nothingShown,
  },
  {
    id: 'left',
    keys: ['left', 'h'],
    scope: 'evidence',
    label: 'look further left',
    disabledReason: nothingShown,
  },
];
