import {escapeText} from '../../../engine/base/escape.ts';
import {eventLines, eventName, markOf, secondOf} from '../../../presenters/activity-view.ts';
import {clip, fill, type Line, linesShown, plain, rule, toneStyle} from '../../kit/line.ts';
import {eventHeight} from '../../layout.ts';
import type {AppState} from '../../state.ts';

/** One line of the log, all of it. */
export function eventScreen({activity, size}: AppState): Line[] {
  const {opened} = activity;
  if (!opened) return [];
  const {columns} = size;
  const {line, top} = opened;
  const lines = eventLines(line, columns);
  const height = eventHeight(size);
  const last = Math.min(lines.length, top + height);
  return [
    [
      {text: ` ${markOf(line)} ${eventName(line)}`, ...toneStyle[line.result.tone]},
      {text: `   ${secondOf(line.at)}   ${escapeText(line.backup ?? '')}`},
    ],
    rule(`the line in the log, ${linesShown(top + 1, last, lines.length)}`, columns),
    ...fill(
      lines.slice(top, last).map((text) => plain(`  ${text}`)),
      height,
    ),
  ].map((each) => clip(each, columns));
}
