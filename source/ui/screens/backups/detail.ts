import {escapeText} from '../../../engine/base/escape.ts';
import {formatBytes} from '../../../engine/base/format.ts';
import type {HeldEntry} from '../../../engine/catalog/list.ts';
import type {Row} from '../../../engine/catalog/row.ts';
import {lacks} from '../../../engine/catalog/suggest.ts';
import {partialTexts} from '../../../engine/storage/manifest/partial.ts';
import {atMost, cut, wrapWords} from '../../../presenters/graphemes.ts';
import {judgeRow} from '../../../presenters/row-view.ts';
import {configuredOf} from '../../facts.ts';
import {
  clip,
  fill,
  type Line,
  pad,
  padStart,
  plain,
  rule,
  type Style,
  theme,
  toneStyle,
} from '../../kit/line.ts';
import type {AppState} from '../../state.ts';
import {backupsSlice} from './state.ts';
import {type Strip, strips} from './strip.ts';

/** A rule with the id, then `height` lines about the backup that the cursor rests on. */
export function backupDetail(state: AppState, id: string | null, height: number): Line[] {
  const {columns} = state.size;
  const row = id === null ? undefined : state.catalog.rows.get(id);
  if (id === null || !row) return [rule('', columns), ...fill([], height)];
  const {text, style} = sentence(row, state.now, configuredOf(state));
  const words = (told: string): string[] => wrapWords(escapeText(told), columns - 4);
  const indented = (line: string, look: Style = {}): Line => plain(`   ${line}`, look);
  // What is said first must be read to its end; the datasets get what it leaves.
  const said = atMost(words(text), Math.max(1, height - 3)).map((line) => indented(line, style));
  const table = datasetLines(state, id, height - said.length);
  const held = state.catalog.held.get(id);
  const notes = [...(held ? [heldNote(held)] : []), ...row.notes].flatMap(words);
  const room = height - said.length - table.length;
  const lines = [...said, ...table, ...atMost(notes, room).map((line) => indented(line))].map((line) =>
    clip(line, columns),
  );
  return [rule(escapeText(id), columns), ...fill(lines, height)];
}

const heldNote = ({reason, by, at, only}: HeldEntry): string =>
  `${only ? 'Held only in storage/runbook/held, PHP has deleted the other' : 'Held'}${reason ? `: ${reason}` : ''}${by ? ` (${by}, ${at.slice(0, 16)}Z)` : ''}.`;

/** The tick must never read as "correct" (SCREENS.md). */
const verifiedMeans = 'Verified means unaltered, not correct.';

/** Of what a backup does not hold, as many as there may be room for. */
const mostPartial = 3;

function meansOf({verification: {state, reason}}: Row): string {
  if (state === 'verified') return ` ${verifiedMeans}`;
  if (state === 'unknown') return ' PHP checked it, and does not record the result.';
  return state === 'stale' ? ` ${reason}: verify it again (v).` : '';
}

/** What the operator has to know first. */
function sentence(row: Row, now: number, configured: string[] | null): {text: string; style: Style} {
  const {mark, text, tone} = judgeRow(row, now, configured);
  // What follows says what to do: a long label gives way to it, the list has it in the name.
  const label = row.label ? `label "${cut(escapeText(row.label), 40)}"   ` : '';
  const said = (what: string, style: Style = {}) => ({text: `${label}${what}`, style});
  if (row.reason && row.verification.state !== 'failed')
    return {text: `${mark} ${row.reason}`, style: toneStyle[tone]};
  const [broken] = row.verification.state === 'failed' ? [] : row.brokenInside;
  if (broken) return said(brokenText(row), theme.beware);
  const lacking = row.verification.state === 'failed' ? [] : lacks(row, configured);
  if (lacking.length > 0) {
    return said(`! Configured now and not in it: ${lacking.join(', ')}.${meansOf(row)}`, theme.beware);
  }
  if (row.partial.length > 0 && row.verification.state !== 'failed')
    return said(
      `! Partial: ${partialTexts(row.partial, mostPartial).join('; ')}.${meansOf(row)}`,
      theme.beware,
    );
  switch (row.verification.state) {
    case 'verified':
      return said(verifiedMeans);
    case 'unknown':
      return said('? PHP checked it, and does not record the result: verify it again (v).', theme.beware);
    case 'stale':
      return said(`! ${row.verification.reason}: verify it again (v).`, theme.beware);
    case 'failed':
      return said(`x ${row.verification.reason ?? text}. Do not restore what does not match.`, theme.bad);
    case 'never':
      return said('Never verified: v hashes the copies and compares.');
  }
}

/** Of each the first complaint: the plan of a restore has more. */
function brokenText({brokenInside, verification}: Row): string {
  const each = brokenInside.map(({name, detail}) => `${name} (${detail.split('; ')[0]})`).join(', ');
  return verification.state === 'verified'
    ? `! Unaltered, but broken inside: ${each}.`
    : `! Broken inside: ${each}.`;
}

function datasetLines(state: AppState, id: string, height: number): Line[] {
  const total = state.catalog.rows.get(id)?.datasets.length ?? 0;
  if (total === 0) return [];
  // The heads take a line, and what is left out is told in one.
  const room = total <= height - 1 ? total : height - 2;
  const shown = strips(state.catalog.ids, state.catalog.rows, id, backupsSlice.of(state).detail.live, room);
  const name = Math.min(24, Math.max(7, ...shown.map((strip) => escapeText(strip.name).length)));
  const letters = Math.max(7, ...shown.map((strip) => strip.letters.length + 2));
  const head = `   ${pad('DATASET', name)}  ${padStart('SIZE', 7)}  ${pad('OLD>NEW', letters)}  LIVE  same letter = same bytes`;
  const lines = shown.map((strip) => stripLine(strip, name, letters));
  if (room < total) lines.push(plain(`   and ${total - room} more: Enter shows them all`));
  return [plain(head), ...lines];
}

function stripLine(strip: Strip, name: number, letters: number): Line {
  const size = strip.bytes === null ? '-' : formatBytes(strip.bytes);
  const signs = strip.letters.map((letter, index) => (index === strip.at ? `[${letter}]` : letter)).join('');
  const start = `   ${pad(escapeText(strip.name), name)}  ${padStart(size, 7)}  ${pad(signs, letters)}  ${pad(strip.live, 4)}  `;
  return [{text: start}, {text: escapeText(strip.note), ...(strip.flaw ? theme.bad : {})}];
}
