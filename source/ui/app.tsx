import {Box, Text, useApp, useWindowSize} from 'ink';
import Spinner from 'ink-spinner';
import {useEffect} from 'react';
import {isLooking} from '../presenters/content-progress.ts';
import {Palette} from './components/palette.tsx';
import type {Effects} from './effects.ts';
import {above, footer, header, messageLines} from './frame.ts';
import {createHandler, paste} from './handle.ts';
import {bodyHeight, fits} from './layout.ts';
import {fill} from './line.ts';
import {Lines} from './lines.tsx';
import {currentScreen} from './screen.ts';
import {eventScreen} from './screens/activity/event.ts';
import {activityScreen} from './screens/activity/view.ts';
import {backupsScreen} from './screens/backups/view.ts';
import {configScreen} from './screens/config/view.ts';
import {differenceScreen} from './screens/differences/one.ts';
import {Others} from './screens/differences/others.tsx';
import {differencesScreen} from './screens/differences/view.ts';
import {evidenceScreen} from './screens/evidence/view.ts';
import {helpScreen, helpText} from './screens/help/view.ts';
import {manifestScreen} from './screens/manifest/view.ts';
import {progressScreen} from './screens/progress/view.ts';
import {pruneScreen} from './screens/prune/view.ts';
import {confirmScreen} from './screens/restore/confirm-view.ts';
import {purposeScreen} from './screens/restore/purpose-view.ts';
import {serviceScreen} from './screens/restore/service.ts';
import {restoreScreen} from './screens/restore/view.ts';
import {runScreen} from './screens/run/view.ts';
import {checklistScreen} from './screens/sessions/checklist.ts';
import {recordScreen, sessionsScreen} from './screens/sessions/view.ts';
import {statusScreen} from './screens/status/view.ts';
import {stoppedScreen} from './screens/stopped/view.ts';
import {verifyScreen} from './screens/verify/view.ts';
import type {AppState} from './state.ts';
import {tooSmall} from './too-small.ts';
import {useKeys} from './use-keys.ts';
import {type AppStore, useAppState} from './use-store.ts';

function Body({state, height}: {state: AppState; height: number}) {
  switch (currentScreen(state)) {
    case 'backups':
      return <Lines lines={fill(backupsScreen(state), height)} />;
    case 'manifest':
      return <Lines lines={fill(manifestScreen(state), height)} />;
    case 'differences':
      return <Lines lines={fill(differencesScreen(state), height)} />;
    case 'difference':
      return <Lines lines={fill(differenceScreen(state), height)} />;
    case 'others':
      return <Others state={state} height={height} />;
    case 'help':
      return <Lines lines={fill(helpScreen(state), height)} />;
    case 'config':
      return <Lines lines={fill(configScreen(state), height)} />;
    case 'palette':
      return <Palette state={state} height={height} />;
    case 'prune':
      return <Lines lines={fill(pruneScreen(state), height)} />;
    case 'purpose':
      return <Lines lines={fill(purposeScreen(state), height)} />;
    case 'restore':
      return <Lines lines={above(state, restoreScreen(state), height)} />;
    case 'service':
      return <Lines lines={fill(serviceScreen(state), height)} />;
    case 'confirm':
      return <Lines lines={fill(confirmScreen(state), height)} />;
    case 'progress':
      return <Lines lines={fill(progressScreen(state), height)} />;
    case 'checklist':
      return <Lines lines={above(state, checklistScreen(state), height)} />;
    case 'sessions':
      return <Lines lines={fill(sessionsScreen(state), height)} />;
    case 'record':
      return <Lines lines={fill(recordScreen(state), height)} />;
    case 'evidence':
      return <Lines lines={above(state, evidenceScreen(state), height)} />;
    case 'activity':
      return <Lines lines={fill(activityScreen(state), height)} />;
    case 'event':
      return <Lines lines={fill(eventScreen(state), height)} />;
    case 'stopped':
      return <Lines lines={fill(stoppedScreen(state), height)} />;
    case 'status':
      return <Lines lines={fill(statusScreen(state), height)} />;
    case 'run':
    case 'verify': {
      const running = isWorking(state);
      const screen = currentScreen(state) === 'run' ? runScreen(state) : verifyScreen(state);
      const [first = [], second = [], ...rest] = fill(screen, height);
      return (
        <>
          <Lines lines={[first]} />
          {/* The only spinner there is: that it turns says that the program is alive while a disk is not. */}
          {running ? (
            <Text>
              {' '}
              <Spinner type="line" /> {running}
            </Text>
          ) : (
            <Lines lines={[second]} />
          )}
          <Lines lines={rest} />
        </>
      );
    }
  }
}

/** What is being done on the screen that is seen; null when nothing. */
function isWorking(state: AppState): string | null {
  if (currentScreen(state) === 'run') return state.run?.state === 'running' ? 'copying' : null;
  if (state.verify?.state === 'running') return 'reading';
  return isLooking(state.verify?.content ?? null) ? 'looking inside' : null;
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
  useKeys(handle, (text) => paste(store, text));

  const {size} = state;
  const message = messageLines(state);
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} overflow="hidden">
      {fits(size) ? (
        <>
          <Lines lines={[header(state)]} />
          {/* A message of several lines covers the last ones of the screen, so that nothing above it moves. */}
          <Body state={state} height={bodyHeight(size) + 1 - message.length} />
          <Lines lines={[...message, footer(state)]} />
        </>
      ) : (
        <Lines lines={tooSmall(size)} />
      )}
    </Box>
  );
}
