import type {HeldEntry} from '../../engine/catalog/list.ts';
import type {Row} from '../../engine/catalog/row.ts';
import {escapeText} from '../../engine/escape.ts';
import {formatBytes} from '../../engine/format.ts';
import {type AppState, configuredOf} from '../../state/app.ts';
import {judgeRow, lacks} from '../../state/row-view.ts';
import {type Strip, strips} from '../../state/strip.ts';
import {clip, fill, type Line, pad, padStart, plain, rule, theme, toneStyle} from '../line.ts';

/** A rule with the id, then `height` lines about the backup that the cursor rests on. */
export function backupDetail(state: AppState, id: string | null, height: number): Line[] {
  const {columns} = state.size;
  const row = id === null ? undefined : state.catalog.rows.get(id);
  if (id === null || !row) return [rule('', columns), ...fill([], height)];
  const said = sentence(row, state.now, configuredOf(state));
  const table = datasetLines(state, id, height - 1);
  const room = height - 1 - table.length;
  const held = state.catalog.held.get(id);
  const notes = [...(held ? [heldNote(held)] : []), ...row.notes]
    .slice(0, Math.max(0, room))
    .map((note) => plain(`   ${escapeText(note)}`));
  const lines = [said, ...table, ...notes].map((line) => clip(line, columns));
  return [rule(escapeText(id), columns), ...fill(lines, height)];
}

const heldNote = ({reason, by, at, only}: HeldEntry): string =>
  `Held${reason ? `: ${reason}` : ''}${by ? ` (${by}, ${at.slice(0, 16)}Z)` : ''}.${only ? ' In storage/runbook/held only: PHP has deleted the other.' : ''}`;

/** What the operator has to know first. */
function sentence(row: Row, now: number, configured: string[] | null): Line {
  const {mark, text, tone} = judgeRow(row, now, configured);
  const label = row.label ? `label "${escapeText(row.label)}"   ` : '';
  if (row.reason && row.verification.state !== 'failed')
    return plain(`   ${mark} ${escapeText(row.reason)}`, toneStyle[tone]);
  const lacking = row.verification.state === 'failed' ? [] : lacks(row, configured);
  if (lacking.length > 0) {
    const names = lacking.map(escapeText).join(', ');
    return plain(`   ${label}! Configured now and not in it: ${names}.`, theme.beware);
  }
  switch (row.verification.state) {
    case 'verified':
      return plain(`   ${label}Verified means unaltered, not correct.`);
    case 'unknown':
      return plain(
        `   ${label}? PHP checked it, and does not record the result: verify it again (v).`,
        theme.beware,
      );
    case 'stale':
      return plain(`   ${label}! ${row.verification.reason}: verify it again (v).`, theme.beware);
    case 'failed':
      return plain(
        `   ${label}x ${escapeText(row.verification.reason ?? text)}. Do not restore what does not match.`,
        theme.bad,
      );
    case 'never':
      return plain(`   ${label}Never verified: v hashes the copies and compares.`);
  }
}

function datasetLines(state: AppState, id: string, height: number): Line[] {
  const total = state.catalog.rows.get(id)?.datasets.length ?? 0;
  if (total === 0) return [];
  // The heads take a line, and what is left out is told in one.
  const room = total <= height - 1 ? total : height - 2;
  const shown = strips(state.catalog.ids, state.catalog.rows, id, state.detail.live, room);
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
