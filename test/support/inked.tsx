import {Box} from 'ink';
import {render} from 'ink-testing-library';
import type {ReactElement} from 'react';
import {RoomContext} from '../../source/ui/kit/part.tsx';

/** The sizes at which parts of the kit are looked at. */
export const widths = [60, 80, 100, 200];

const styles = /\u001b\[[0-9;]*m/g;

export type Inked = {
  /** Lines without their colours. */
  lines: string[];
  /** The same with them. */
  styled: string;
};

/** What Ink draws of a part where there is so much room. */
export function inked(node: ReactElement, room: {columns: number; height?: number; seen?: number}): Inked {
  const {columns, height = 20} = room;
  // The library's terminal has 100 columns: a box is as wide as it says.
  const {lastFrame, unmount} = render(
    <RoomContext value={{...room, height}}>
      <Box width={columns} flexDirection="column" flexShrink={0}>
        {node}
      </Box>
    </RoomContext>,
  );
  const styled = lastFrame() ?? '';
  unmount();
  return {styled, lines: styled.replace(styles, '').split('\n')};
}
