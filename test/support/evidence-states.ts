import type {EvidenceSubject} from '../../source/engine/evidence/collect.ts';
import {evidenceSlice} from '../../source/ui/screens/evidence/state.ts';
import type {Written} from '../../source/ui/screens/evidence/task.ts';
import type {AppAction} from '../../source/ui/state.ts';

/** The text of an evidence file of so many lines, the record among them. */
export const aFile = (
  lines = 40,
  first = 'UNSIGNED: this file shows corruption only, not tampering.',
): string =>
  [
    first,
    '',
    '# Evidence of a restore',
    '',
    ...Array.from({length: lines - 7}, (_, index) => `- fact ${index + 1}`),
    '````json',
    `{"asset":"${'a'.repeat(2000)}"}`,
    '````',
    '',
  ].join('\n');

export const aSigner = {fingerprint: `SHA256:${'k'.repeat(43)}`, principal: 'amira@example.org'};

/** The preview is on the screen. */
export const evidenceMade = (subject: EvidenceSubject, text = aFile(), lacks: string[] = []): AppAction[] => [
  evidenceSlice.open({type: 'evidence opened', subject}),
  evidenceSlice.to({type: 'evidence made', text, lacks}),
];

export const aWritten = (changes: Partial<Written> = {}): Written => ({
  file: '/srv/magmoboce/storage/runbook/evidence/20261123_120000_session-12.md',
  sha256: 'ab'.repeat(32),
  session: 12,
  final: false,
  signer: null,
  beware: [],
  ...changes,
});

export const evidenceWritten = (changes: Partial<Written> = {}, text = aFile()): AppAction =>
  evidenceSlice.to({
    type: 'evidence written',
    written: aWritten(changes),
    text,
  });
