import {Text} from 'ink';
import Spinner from 'ink-spinner';
import type {Line} from './line.ts';

/** Lines that are already cut to the terminal's width; one text each, so that only what changed is written. */
export function Lines({lines}: {lines: Line[]}) {
  return lines.map((line, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a line of the screen is its position
    <Text key={index} wrap="truncate-end">
      {line.length === 0
        ? ' '
        : line.map(({text, turns, ...style}, position) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: so is a segment of a line
            <Text key={position} {...style}>
              {turns ? <Spinner type="line" /> : text}
            </Text>
          ))}
    </Text>
  ));
}
