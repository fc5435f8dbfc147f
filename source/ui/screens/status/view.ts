import {clip, type Line, paragraph, plain, theme} from '../../kit/line.ts';
import {bodyHeight} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {statusHead, statusText} from './state.ts';

/** What to say on the phone. */
export function statusScreen(state: AppState): Line[] {
  const {columns} = state.size;
  return [
    plain(' TO BE READ OUT, OR COPIED', theme.selected),
    [],
    // Whatever the host is called, what is to be said is seen.
    ...paragraph(statusHead(state), columns).slice(0, 3),
    ...statusText(state).flatMap((text) => paragraph(text, columns)),
    [],
    plain('   Any key goes back. Nothing was changed.'),
  ]
    .slice(0, bodyHeight(state.size))
    .map((line) => clip(line, columns));
}
