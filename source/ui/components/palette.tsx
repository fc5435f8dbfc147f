import {Box, Text} from 'ink';
import SelectInput from 'ink-select-input';
import {paletteItems} from '../../input/palette.ts';
import type {AppState} from '../../state/app.ts';
import {cut} from '../line.ts';

const Indicator = ({isSelected}: {isSelected?: boolean}) => <Text bold>{isSelected ? '> ' : '  '}</Text>;

/**
 * What can be done on the screen below, as a menu. ink-select-input only draws it: its own input loses keys that
 * arrive together and selects on digits (TERMINAL.md), so it is given the position instead.
 */
export function Palette({state, height}: {state: AppState; height: number}) {
  const items = paletteItems(state);
  // Padding and the mark.
  const width = state.size.columns - 5;
  const index = ((state.palette % items.length) + items.length) % items.length;
  return (
    <Box flexDirection="column" height={height} paddingLeft={2} overflow="hidden">
      <Text> </Text>
      <SelectInput
        key={index}
        isFocused={false}
        indicatorComponent={Indicator}
        initialIndex={index}
        limit={height - 2}
        items={items.map(({binding, label}, position) => ({
          key: `${position}`,
          value: binding.id,
          label: cut(label, width),
        }))}
      />
    </Box>
  );
}
