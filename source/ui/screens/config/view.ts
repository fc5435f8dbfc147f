import {escapeText} from '../../../engine/base/escape.ts';
import {wrapWords} from '../../../presenters/graphemes.ts';
import {clip, cutStart, fill, type Line, pad, plain, rule, type Style, theme} from '../../kit/line.ts';
import {configLayout} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {type ConfigLine, configLines} from './state.ts';

export function configScreen(state: AppState): Line[] {
  const {columns} = state.size;
  const layout = configLayout(state.size);
  const lines = configLines(state.configuration, state.changes);
  if (lines.length === 0) {
    const why =
      state.place.root === null
        ? 'A directory of backups alone (--backups) has no configuration.'
        : 'The configuration is being read.';
    return [[], plain(`   ${why}`)];
  }
  const name = Math.min(
    30,
    Math.max(...lines.map((line) => (line.kind === 'value' ? escapeText(line.name).length : 0))),
  );
  const value = Math.max(10, columns - name - 36);
  const {top, cursor} = state.config;
  const shown = lines.slice(top, top + layout.list);
  const chosen = lines[cursor];
  return [
    plain(`   ${pad('SETTING', name)}  ${pad('VALUE', value)}  FROM`),
    ...fill(
      shown.map((line, index) => {
        const text = configLine(inside(line, state.place.root), name, value, columns);
        const selected = top + index === cursor;
        return plain(` ${selected ? '>' : ' '} ${text}`, {
          ...tone(line),
          ...(selected ? theme.selected : {}),
        });
      }),
      layout.list,
    ),
    rule(chosen?.kind === 'value' ? escapeText(chosen.name) : '', columns),
    ...fill(chosen ? chosenLines(chosen, columns) : [], layout.detail),
  ].map((line) => clip(line, columns));
}

/** Paths below the root are shown without it: the header names it. */
function inside(line: ConfigLine, root: string | null): ConfigLine {
  if (line.kind !== 'value' || root === null || !line.value.startsWith(`${root}/`)) return line;
  return {...line, value: line.value.slice(root.length + 1)};
}

const tone = ({kind}: ConfigLine): Style =>
  kind === 'problem' ? theme.beware : kind === 'fault' ? theme.bad : {};

function configLine(line: ConfigLine, name: number, value: number, columns: number): string {
  if (line.kind === 'problem') return `! ${escapeText(line.text)}`;
  if (line.kind === 'fault') return `x ${escapeText(line.text)}`;
  const from = cutStart(escapeText(line.from), columns - name - value - 7);
  return `${pad(escapeText(line.name), name)}  ${pad(cutStart(escapeText(line.value), value), value)}  ${from}`;
}

/** The chosen line to its end: what the list cuts is read here. */
function chosenLines(line: ConfigLine, columns: number): Line[] {
  const told = (text: string, style: Style = {}): Line[] =>
    wrapWords(escapeText(text), columns - 4).map((part) => plain(`   ${part}`, style));
  if (line.kind !== 'value') return told(line.text, tone(line));
  return [...told(line.value), ...told(`from ${line.from}`)];
}
