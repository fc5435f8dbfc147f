import {escapeText} from '../../engine/escape.ts';
import type {AppState} from '../../state/app.ts';
import {type ConfigLine, configLines} from '../../state/config-view.ts';
import {configHeight} from '../../state/layout.ts';
import {clip, cutStart, fill, type Line, pad, plain, theme} from '../line.ts';

export function configScreen(state: AppState): Line[] {
  const {columns} = state.size;
  const height = configHeight(state.size);
  const lines = configLines(state.configuration, state.changes);
  if (lines.length === 0) {
    const why =
      state.place.root === null
        ? 'A directory of backups alone (--backups) has no configuration.'
        : 'The configuration is being read.';
    return fill([[], plain(`   ${why}`)], height + 1);
  }
  const name = Math.min(
    30,
    Math.max(...lines.map((line) => (line.kind === 'value' ? escapeText(line.name).length : 0))),
  );
  const value = Math.max(10, columns - name - 36);
  const shown = lines.slice(state.configTop, state.configTop + height);
  return [
    plain(`   ${pad('SETTING', name)}  ${pad('VALUE', value)}  FROM`),
    ...fill(
      shown.map((line) => configLine(inside(line, state.place.root), name, value, columns)),
      height,
    ),
  ].map((line) => clip(line, columns));
}

/** Paths below the root are shown without it: the header names it. */
function inside(line: ConfigLine, root: string | null): ConfigLine {
  if (line.kind !== 'value' || root === null || !line.value.startsWith(`${root}/`)) return line;
  return {...line, value: line.value.slice(root.length + 1)};
}

function configLine(line: ConfigLine, name: number, value: number, columns: number): Line {
  if (line.kind === 'problem') return plain(`   ! ${escapeText(line.text)}`, theme.beware);
  if (line.kind === 'fault') return plain(`   x ${escapeText(line.text)}`, theme.bad);
  const from = cutStart(escapeText(line.from), columns - name - value - 7);
  return plain(
    `   ${pad(escapeText(line.name), name)}  ${pad(cutStart(escapeText(line.value), value), value)}  ${from}`,
  );
}
