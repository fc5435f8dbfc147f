import {Box, Text} from 'ink';
import SelectInput from 'ink-select-input';
import {cut} from '../../presenters/graphemes.ts';

const Indicator = ({isSelected}: {isSelected?: boolean}) => <Text bold>{isSelected ? '> ' : '  '}</Text>;

export type MenuProps = {
  labels: string[];
  /** The one that is chosen. */
  index: number;
  columns: number;
  height: number;
};

/** Lines above and below the chosen one that are handed on: more than a terminal has, fewer than a catalog may. */
const around = 200;

/**
 * A list to choose from. ink-select-input only draws it: its own input loses keys that arrive together and selects on
 * digits (TERMINAL.md), so it is given the position instead.
 */
export function Menu({labels, index, columns, height}: MenuProps) {
  // Padding and the mark.
  const width = columns - 5;
  const from = Math.max(0, index - around);
  const shown = labels.slice(from, index + around);
  return (
    <Box flexDirection="column" height={height} paddingLeft={2} overflow="hidden">
      <Text> </Text>
      <SelectInput
        key={index}
        isFocused={false}
        indicatorComponent={Indicator}
        initialIndex={index - from}
        limit={height - 2}
        items={shown.map((label, position) => ({
          key: `${position}`,
          value: position,
          label: cut(label, width),
        }))}
      />
    </Box>
  );
}
