import {Box, Text, useApp, useWindowSize} from 'ink';
import Spinner from 'ink-spinner';
import {useEffect} from 'react';
import {useKeys} from '../input/use-keys.ts';
import {type AppState, currentScreen} from '../state/app.ts';
import {bodyHeight, fits} from '../state/layout.ts';
import {Lines} from './components/lines.tsx';
import {Palette} from './components/palette.tsx';
import {footer, header, messageLine} from './frame.ts';
import {type AppStore, useAppState} from './hooks/use-store.ts';
import {fill} from './line.ts';
import {createHandler, type Effects} from './perform.ts';
import {backupsScreen} from './screens/backups.ts';
import {configScreen} from './screens/config.ts';
import {helpScreen, helpText} from './screens/help.ts';
import {manifestScreen} from './screens/manifest.ts';
import {tooSmall} from './screens/too-small.ts';
import {verifyScreen} from './screens/verify.ts';

function Body({state}: {state: AppState}) {
  const height = bodyHeight(state.size);
  switch (currentScreen(state)) {
    case 'backups':
      return <Lines lines={fill(backupsScreen(state), height)} />;
    case 'manifest':
      return <Lines lines={fill(manifestScreen(state), height)} />;
    case 'help':
      return <Lines lines={helpScreen(state)} />;
    case 'config':
      return <Lines lines={configScreen(state)} />;
    case 'palette':
      return <Palette state={state} />;
    case 'verify': {
      const [first = [], , ...rest] = fill(verifyScreen(state), height);
      return (
        <>
          <Lines lines={[first]} />
          {/* The only spinner there is: that it turns says that the program is alive while a disk is not. */}
          <Text>
            {state.verify?.state === 'running' ? (
              <Text>
                {' '}
                <Spinner type="line" /> reading
              </Text>
            ) : (
              ' '
            )}
          </Text>
          <Lines lines={rest} />
        </>
      );
    }
  }
}

export type AppProps = {
  store: AppStore;
  effects: Omit<Effects, 'quit' | 'suspend'>;
  suspend: (handOver: () => Promise<{resume(): Promise<void>}>) => Promise<void>;
};

export function App({store, effects, suspend}: AppProps) {
  const state = useAppState(store);
  const {exit, suspendTerminal} = useApp();
  const {columns, rows} = useWindowSize();
  useEffect(() => {
    store.dispatch({type: 'resized', size: {columns, rows}, helpLines: helpText(columns).length});
  }, [store, columns, rows]);
  const handle = createHandler(store, {
    ...effects,
    quit: () => exit(),
    suspend: () => void suspend(() => suspendTerminal()),
  });
  useKeys(handle, () =>
    store.dispatch({type: 'said', message: {text: 'Pasted text is ignored here.', tone: 'plain'}}),
  );

  const {size} = state;
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} overflow="hidden">
      {fits(size) ? (
        <>
          <Lines lines={[header(state)]} />
          <Body state={state} />
          <Lines lines={[messageLine(state), footer(state)]} />
        </>
      ) : (
        <Lines lines={tooSmall(size)} />
      )}
    </Box>
  );
}
