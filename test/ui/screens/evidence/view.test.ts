import {describe, expect, test} from 'vitest';
import {footer} from '../../../../source/ui/frame.ts';
import {bodyHeight} from '../../../../source/ui/layout.ts';
import {evidenceSlice} from '../../../../source/ui/screens/evidence/state.ts';
import {sessionsSlice} from '../../../../source/ui/screens/sessions/state.ts';
import type {AppAction, AppState} from '../../../../source/ui/state.ts';
import {aFile, aSigner, evidenceMade, evidenceWritten} from '../../../support/evidence-states.ts';
import {frameText, lineText, screenOf} from '../../../support/frames.ts';
import {configured} from '../../../support/run-states.ts';
import {aStory, sessionsRead, someSteps} from '../../../support/session-states.ts';
import {anApp, aRow, idAt, noon, reduceAll} from '../../../support/states.ts';

const evidenceScreen = screenOf('evidence');
const checklistScreen = screenOf('checklist');

const id = idAt(3, 'nightly');
const session = {kind: 'restore', session: 12} as const;
const standard = {columns: 80, rows: 24};
const narrow = {columns: 60, rows: 16};
const app = (actions: AppAction[], size = standard, readOnly = false): AppState =>
  reduceAll(anApp([aRow(id)], {size, readOnly}), configured(), sessionsRead(aStory()), ...actions);

/** The screen and its keys, as many lines as it has. */
function frame(actions: AppAction[], size = standard, readOnly = false): string[] {
  const state = app(actions, size, readOnly);
  const lines = evidenceScreen(state);
  expect(lines).toHaveLength(bodyHeight(size));
  return frameText([...lines, footer(state)]).split('\n');
}

describe('the preview', () => {
  test('at 80x24', () => {
    expect(frame(evidenceMade(session))).toEqual([
      ' session 12   20261123_090000_nightly   INC-4711           PREVIEW, NOT WRITTEN',
      '   ! unsigned: shows corruption only; k names a key',
      ' -- the file, lines 1-17 of 40   PgDn more ------------------------------------',
      ' UNSIGNED: this file shows corruption only, not tampering.',
      '',
      ' # Evidence of a restore',
      '',
      ' - fact 1',
      ' - fact 2',
      ' - fact 3',
      ' - fact 4',
      ' - fact 5',
      ' - fact 6',
      ' - fact 7',
      ' - fact 8',
      ' - fact 9',
      ' - fact 10',
      ' - fact 11',
      ' - fact 12',
      ' - fact 13',
      ' x writes it for the ticket; that answers step 3',
      ' x export  k key  Right scroll  Esc back  ? help',
    ]);
  });

  test('at 60x16', () => {
    expect(frame([...evidenceMade(session), {type: 'moved', how: 'last'}], narrow)).toEqual([
      ' session 12   20261123_090000_nightl~  PREVIEW, NOT WRITTEN',
      '   ! unsigned: shows corruption only; k names a key',
      ' -- the file, lines 32-40 of 40 ---------------------------',
      ' - fact 28',
      ' - fact 29',
      ' - fact 30',
      ' - fact 31',
      ' - fact 32',
      ' - fact 33',
      ' ````json',
      ' {"asset":"aa ... cut here, 2012 characters in the file',
      ' ````',
      ' x writes it for the ticket; that answers step 3',
      ' x export  k key  Right scroll  Esc back  ? help',
    ]);
  });

  test('while it is made', () => {
    expect(
      frame([evidenceSlice.open({type: 'evidence opened', subject: {kind: 'verification', id}})], narrow),
    ).toEqual([
      ' 20261123_090000_nightly, its ve~  - MAKING THE PREVIEW ...',
      '   ! unsigned: shows corruption only; k names a key',
      ' -- the file ----------------------------------------------',
      '',
      '   Being made: this changes nothing ...',
      '',
      '',
      '',
      '',
      '',
      '',
      '',
      '',
      ' Esc back  ? help',
    ]);
  });

  test('that cannot be made says why', () => {
    const problem = 'There is no session 12: "magds session list" shows what there is.';
    const lines = frame([
      evidenceSlice.open({type: 'evidence opened', subject: session}),
      evidenceSlice.to({type: 'evidence failed', problem}),
    ]);
    expect(lines.slice(0, 4)).toEqual([
      ' session 12   20261123_090000_nightly   INC-4711                   x NO PREVIEW',
      '   x There is no session 12: "magds session list" shows what there is.',
      '   ! unsigned: shows corruption only; k names a key',
      ' -- the file ------------------------------------------------------------------',
    ]);
  });

  test('of what somebody else has says that its step stays open', () => {
    const bob = {operator: 'bob', from: '10.0.0.2', screen: 'x', at: new Date(noon).toISOString()};
    const lines = frame([sessionsRead(aStory({owners: [bob]})), ...evidenceMade(session)]);
    expect(lines.at(-2)).toBe(' x writes it for the ticket; you watch: step 3 stays open');
  });

  test('with --read-only is all that there is', () => {
    const lines = frame(evidenceMade(session), standard, true);
    expect(lines[1]).toBe('   ! unsigned: shows corruption only');
    expect(lines.slice(-2)).toEqual([' --read-only: shown, not written', ' Right scroll  Esc back  ? help']);
  });

  test('folds its prose, and neither tables nor what stands in a fence', () => {
    const long = 'word '.repeat(20).trim();
    const lines = frame(evidenceMade(session, `- ${long}\n  and more\n| ${long}\n\`\`\`\n${long}\n\`\`\`\n`));
    expect(lines.slice(2, 9)).toEqual([
      ' -- the file, lines 1-6 of 6 --------------------------------------------------',
      ` - ${'word '.repeat(15).trim()}`,
      `   ${'word '.repeat(5)}and more`,
      ` | ${'word '.repeat(15)}~`,
      ' ```',
      ` ${'word '.repeat(15)}wo~`,
      ' ```',
    ]);
  });

  test('looked at sideways', () => {
    const lines = frame([
      ...evidenceMade(session, `|${'0123456789'.repeat(12).slice(1)}\nshort\n`),
      evidenceSlice.to({type: 'evidence sideways', how: 'right'}),
    ]);
    expect(lines.slice(2, 5)).toEqual([
      ' -- the file, lines 1-2 of 2   column 21 --------------------------------------',
      ' ~1234567890123456789012345678901234567890123456789012345678901234567890123456~',
      ' ~',
    ]);
  });

  test('with a key, and while another one is asked for', () => {
    const key = {path: '/root/.ssh/id_ed25519', signer: aSigner};
    const chosen: AppAction[] = [
      evidenceSlice.open({type: 'evidence opened', subject: session}),
      evidenceSlice.to({type: 'evidence key chosen', key}),
      evidenceSlice.to({type: 'evidence made', text: aFile(), lacks: []}),
    ];
    const lines = frame([...chosen, {type: 'asked', kind: 'key', id: '', text: key.path}]);
    expect(lines.slice(1, 4)).toEqual([
      '   + to be signed by SHA256:kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk of',
      '     amira@example.org',
      ' -- the file, lines 1-16 of 40   PgDn more ------------------------------------',
    ]);
    expect(lines.slice(-2)).toEqual([
      " Key file, or .pub of an agent's key: /root/.ssh/id_ed25519_",
      ' Enter confirm  ^U clear  Esc back',
    ]);
  });

  test('that could not be written says why, and who writes', () => {
    const problem =
      'Locked by bob, pid 31877, since 03:10Z: "backup run". Wait until it is done. Nothing was changed.';
    const lines = frame([...evidenceMade(session), evidenceSlice.to({type: 'evidence failed', problem})]);
    expect(lines.slice(0, 5)).toEqual([
      ' session 12   20261123_090000_nightly   INC-4711                  x NOT WRITTEN',
      '   x Locked by bob, pid 31877, since 03:10Z: "backup run". Wait until it is',
      '     done. Nothing was changed.',
      '   ! unsigned: shows corruption only; k names a key',
      ' -- the file, lines 1-15 of 40   PgDn more ------------------------------------',
    ]);
  });
});

describe('what was written', () => {
  test('at 80x24', () => {
    const beware = ['step evidence is still open: session 12 is with bob from 10.0.0.2 since 12:00Z'];
    expect(frame([...evidenceMade(session), evidenceWritten({beware})])).toEqual([
      ' session 12   20261123_090000_nightly   INC-4711                      + WRITTEN',
      '   /srv/magmoboce/storage/runbook/evidence/20261123_120000_session-12.md',
      '   SHA-256 abababababababababababababababababababababababababababababababab',
      '   ! step evidence is still open: session 12 is with bob from 10.0.0.2 since',
      '     12:00Z',
      '   ! unsigned: shows corruption only',
      ' -- the file, lines 1-13 of 40   PgDn more ------------------------------------',
      ' UNSIGNED: this file shows corruption only, not tampering.',
      '',
      ' # Evidence of a restore',
      '',
      ' - fact 1',
      ' - fact 2',
      ' - fact 3',
      ' - fact 4',
      ' - fact 5',
      ' - fact 6',
      ' - fact 7',
      ' - fact 8',
      ' - fact 9',
      ' y copies the path; it is printed too once magds ends',
      ' y copy path  Right scroll  Esc back  ? help',
    ]);
  });

  test('at 60x16, signed', () => {
    expect(frame([...evidenceMade(session), evidenceWritten({signer: aSigner})], narrow)).toEqual([
      ' session 12   20261123_090000_nightly   INC-4711  + WRITTEN',
      '   /srv/magmoboce/storage/runbook/evidence/20261123_12000',
      '     0_session-12.md',
      '   SHA-256 ababababababababababababababababababababababab',
      '     ababababababababab',
      '   + signed by',
      '     SHA256:kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk of',
      '     amira@example.org',
      ' -- the file, lines 1-3 of 40   PgDn more -----------------',
      ' UNSIGNED: this file shows corruption only, not tampering.',
      '',
      ' # Evidence of a restore',
      ' y copies the path; it is printed too once magds ends',
      ' y copy path  Right scroll  Esc back  ? help',
    ]);
  });
});

test('hostile text in the file, its path and its problems stays text', () => {
  const hostile = '\u001b[2J\u202e\u0007';
  for (const state of [
    app([...evidenceMade({kind: 'verification', id: hostile}, `${hostile}\n`, [hostile])]),
    app([...evidenceMade(session), evidenceSlice.to({type: 'evidence failed', problem: hostile})]),
    app([
      ...evidenceMade(session),
      evidenceWritten({file: hostile, beware: [hostile], signer: {fingerprint: hostile, principal: hostile}}),
    ]),
  ])
    for (const line of evidenceScreen(state)) expect(lineText(line)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

describe('on the checklist of a session that is signed off', () => {
  const closed = (...answers: Parameters<typeof someSteps>) =>
    sessionsRead(aStory({closed: true, steps: someSteps(...answers)}));
  const last = (...actions: AppAction[]) =>
    frameText(
      checklistScreen(
        app([...actions, sessionsSlice.open({type: 'checklist opened', session: 12}, 'checklist')], narrow),
      ),
    )
      .split('\n')
      .at(-1);
  const had = closed({step: 'evidence', state: 'done', note: null});
  const read = (file: string | null, of = 12): AppAction => ({
    type: 'final evidence read',
    session: of,
    file,
  });

  test('it is said that evidence of before lacks that, and that there may be none', () => {
    expect(last(had, read(null))).toBe(' Its evidence lacks the sign-off: e exports the final one');
    expect(last(closed({step: 'evidence', state: 'skipped', note: 'later'}), read(null))).toBe(
      ' e exports its evidence',
    );
  });

  test('not before it was looked for, and the final one may be written by another', () => {
    expect(last(had)).toBe(' Looking for its evidence ...');
    expect(last(had, read(null, 11))).toBe(' Looking for its evidence ...');
    expect(last(had, read('/srv/evidence/of-12.md'))).toBe(' + final evidence: of-12.md');
  });

  test('until the final one is written', () => {
    const made = evidenceMade(session);
    expect(last(had, read(null), ...made, evidenceWritten())).toMatch(/lacks the sign-off/);
    expect(last(had, ...made, evidenceWritten({final: true}))).toBe(
      ' + final evidence: 20261123_120000_session-12.md',
    );
  });
});
