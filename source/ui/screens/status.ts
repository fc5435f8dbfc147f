import {escapeText} from '../../engine/escape.ts';
import type {AppState} from '../../state/app.ts';
import {statusHead, statusText} from '../../state/status-text.ts';
import {clip, type Line, paragraph, plain, theme} from '../line.ts';

/** What to say on the phone. */
export function statusScreen(state: AppState): Line[] {
  const {columns} = state.size;
  return [
    plain(' TO BE READ OUT, OR COPIED', theme.selected),
    [],
    plain(`   ${escapeText(statusHead(state))}`),
    ...statusText(state).flatMap((text) => paragraph(text, columns)),
    [],
    plain('   Any key goes back. Nothing was changed.'),
  ].map((line) => clip(line, columns));
}
