import {Box, useApp, useWindowSize} from 'ink';
import {useEffect, useSyncExternalStore} from 'react';
import {footer, header, messageLines, roomOf} from './frame.ts';
import {createHandler, type Given, paste} from './handle.ts';
import {Lines} from './kit/lines.tsx';
import {RoomContext} from './kit/part.tsx';
import {fits} from './layout.ts';
import {screenOf} from './screens.ts';
import type {AppStore} from './state.ts';
import {tooSmall} from './too-small.ts';
import {useKeys} from './use-keys.ts';

export type AppProps = {
  store: AppStore;
  reach: Omit<Given, 'quit' | 'suspend'>;
  suspend: (handOver: () => Promise<{resume(): Promise<void>}>) => Promise<void>;
};

export function App({store, reach, suspend}: AppProps) {
  const state = useSyncExternalStore(store.subscribe, store.get);
  const {exit, suspendTerminal} = useApp();
  const {columns, rows} = useWindowSize();
  useEffect(() => {
    store.dispatch({type: 'resized', size: {columns, rows}});
  }, [store, columns, rows]);
  const handle = createHandler(store, {
    ...reach,
    quit: () => exit(),
    suspend: () => void suspend(() => suspendTerminal()),
  });
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
        <Lines lines={tooSmall(size)} />
      )}
    </Box>
  );
}
