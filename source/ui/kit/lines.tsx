import {Text} from 'ink';
import Spinner from 'ink-spinner';
import type {Line, Segment} from './line.ts';

/** What warns has its mark in bold, and no colour: yellow cannot be read on white. */
function withBoldMark({marked, ...segment}: Segment): Segment[] {
  const [, before = '', after = ''] = (marked && !segment.bold && /^( *!)(.*)$/s.exec(segment.text)) || [];
  if (before === '') return [segment];
  return [
    {...segment, text: before, bold: true},
    {...segment, text: after},
  ];
}

/** Lines that are already cut to the terminal's width; one text each, so that only what changed is written. */
export function Lines({lines}: {lines: Line[]}) {
  return lines.map((line, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a line of the screen is its position
    <Text key={index} wrap="truncate-end">
      {line.length === 0
        ? ' '
        : line.flatMap(withBoldMark).map(({text, turns, ...style}, position) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: so is a segment of a line
            <Text key={position} {...style}>
              {turns ? <Spinner type="line" /> : text}
            </Text>
          ))}
    </Text>
  ));
}
