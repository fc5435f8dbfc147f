import {Box, useApp} from 'ink';
import {useEffect, useMemo, useSyncExternalStore} from 'react';
import type {Suspension} from '../terminal/suspend.ts';
import {footer, header, messageLines, roomOf, tooSmall} from './frame.ts';
import {createHandler, type OuterReach, paste} from './handle.ts';
import {Lines} from './kit/lines.tsx';
import {RoomContext} from './kit/part.tsx';
import {fits} from './layout.ts';
import {screenOf} from './screens.ts';
import type {AppStore} from './state.ts';
import {useKeys} from './use-keys.ts';

type AppProps = {
  store: AppStore;
  /** What is shown of it: not every state is. */
  frames: Pick<AppStore, 'get' | 'subscribe'>;
  watchStops: Suspension['watch'];
  reach: Omit<OuterReach, 'quit'>;
};

export function App({store, frames, watchStops, reach}: AppProps) {
  const state = useSyncExternalStore(frames.subscribe, frames.get);
  const {exit, suspendTerminal} = useApp();
  useEffect(() => watchStops(() => suspendTerminal()), [watchStops, suspendTerminal]);
  const handle = useMemo(() => createHandler(store, {...reach, quit: () => exit()}), [store, reach, exit]);
  useKeys(handle, (text) => paste(store, text));

  const {size} = state;
  const message = messageLines(state);
  const {View, slice} = screenOf(state);
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} overflow="hidden">
      {fits(size) ? (
        <>
          <Lines lines={[header(state)]} />
          {/* A message of several lines covers the last ones of the screen, so that nothing above it moves. */}
          <RoomContext value={roomOf(state, message)}>
            <View state={state} slice={slice.of(state)} />
          </RoomContext>
          <Lines lines={[...message, footer(state)]} />
        </>
      ) : (
        <Lines lines={tooSmall(state)} />
      )}
    </Box>
  );
}
