import {Box, Text} from 'ink';
import SelectInput from 'ink-select-input';
import {type ReactNode, useContext} from 'react';
import {escapeText} from '../../engine/base/escape.ts';
import {cut, widthOf} from '../../presenters/graphemes.ts';
import {pad, wholeOf} from './line.ts';
import {RoomContext} from './part.tsx';

const Indicator = ({isSelected}: {isSelected?: boolean}) => <Text bold>{isSelected ? '> ' : '  '}</Text>;

/** `parts`: what is said besides, of which those are there that have room whole. */
type MenuItem = {name: string; says: string; parts?: string[]};

type MenuProps = {
  items: MenuItem[];
  /** The one that is chosen. */
  index: number;
  /** Columns of a name at least, and after it. */
  least?: number;
  gap?: number;
  /** Parts above and below it, and how many lines they take. */
  above?: ReactNode;
  below?: ReactNode;
  beside?: number;
};

/** Lines above and below the chosen one that are handed on: more than a terminal has, fewer than a catalog may. */
const around = 200;
/** Columns that a name leaves to what is said of it, and to the mark. */
const mostBeside = 22;
/** Padding and the mark. */
const margin = 5;

/**
 * A list to choose from. ink-select-input only draws it: its own input loses keys that arrive together and selects on
 * digits (TERMINAL.md), so it is given the position instead.
 */
export function Menu({items, index, least = 0, gap = 1, above, below, beside = 0}: MenuProps) {
  const {columns, height, seen: all = height} = useContext(RoomContext);
  const seen = all - beside;
  const from = Math.max(0, index - around);
  const shown = items.slice(from, index + around);
  const limit = seen - 2;
  // It scrolls no further than the chosen one needs.
  const hidden = items.length - Math.max(limit, index + 1);
  const widths = [...items.slice(0, around), ...shown].map(({name}) => widthOf(escapeText(name)));
  const width = Math.min(Math.max(least, ...widths), columns - mostBeside);
  const label = ({name, says, parts = []}: MenuItem): string => {
    const start = `${pad(escapeText(name), width)}${' '.repeat(gap)}${escapeText(says)}`;
    return (start + wholeOf(parts, columns - margin - widthOf(start))).trimEnd();
  };
  const list = (
    <Box flexDirection="column" height={seen} paddingLeft={2} overflow="hidden">
      <Text> </Text>
      <SelectInput
        // It keeps a window of its own: another place or another height begins anew.
        key={`${index} ${seen}`}
        isFocused={false}
        indicatorComponent={Indicator}
        initialIndex={index - from}
        limit={limit}
        items={shown.map((item, position) => ({
          key: `${position}`,
          value: position,
          label: cut(label(item), columns - margin),
        }))}
      />
      {hidden > 0 && <Text>{`  ... ${hidden} more below`}</Text>}
    </Box>
  );
  if (beside === 0) return list;
  return (
    <Box flexDirection="column" height={all} overflow="hidden">
      {above}
      {list}
      {below}
    </Box>
  );
}
