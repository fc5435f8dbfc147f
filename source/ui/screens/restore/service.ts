import {clip, fill, type Line, linesShown, plain, theme, toneStyle} from '../../kit/line.ts';
import {recordHeight} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {serviceLines} from './service-view.ts';
import {restoreSlice} from './state.ts';

/** Who may be writing, and how that is stopped. Nothing is stopped by it. */
export function serviceScreen(state: AppState): Line[] {
  const {size} = state;
  const restore = restoreSlice.of(state);
  if (!restore) return [];
  const height = recordHeight(size);
  const lines = serviceLines(restore, size.columns);
  const top = Math.min(restore.serviceTop, Math.max(0, lines.length - height));
  const last = Math.min(lines.length, top + height);
  const shown = lines
    .slice(top, last)
    .map(({text, tone, isCommand}) =>
      text === '' ? [] : plain(text, isCommand ? theme.selected : toneStyle[tone]),
    );
  const where = lines.length > height ? `   ${linesShown(top + 1, last, lines.length)}` : '';
  return [plain(` THIS STOPS NOTHING${where}`, theme.selected), ...fill(shown, height)].map((line) =>
    clip(line, size.columns),
  );
}
