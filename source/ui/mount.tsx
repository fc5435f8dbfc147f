import {type Instance, render} from 'ink';
import {type DisplayOptions, openDisplay} from '../terminal/display.ts';
import {keyInput} from '../terminal/key-input.ts';
import {openPlainDisplay} from '../terminal/plain-display.ts';
import {isSameSize, sizeOf} from '../terminal/size.ts';
import type {Suspension} from '../terminal/suspend.ts';
import {App} from './app.tsx';
import type {Reach} from './screen.ts';
import type {AppStore} from './state.ts';
import {throttled} from './store.ts';

/** Milliseconds between two frames: enough for a progress bar, little for a slow link. */
const frameTime = 1000 / 12;

type MountOptions = {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  env: NodeJS.ProcessEnv;
  /** As lines of text. */
  plain: boolean;
  suspension: Suspension;
  reach: Pick<Reach, 'ask' | 'copy' | 'operator' | 'callOperator'>;
};

type Mounted = {
  app: Instance;
  /** The window may have another size: it is looked at, and everything is painted again. */
  resized(): void;
};

/** Shows the app on a terminal, and lets its keys be pressed. */
export function mountApp(
  store: AppStore,
  {stdin, stdout, env, plain, suspension, reach}: MountOptions,
): Mounted {
  const frames = throttled(store, frameTime);
  let painted = store.get();
  let shownSince = performance.now();
  const isDumb = env['TERM'] === 'dumb';
  const isPlain = plain || isDumb || env['INK_SCREEN_READER'] === 'true';
  const options: DisplayOptions = {
    size: () => frames.get().size,
    scene: () => frames.get().screens,
    onPaint() {
      const before = painted;
      painted = frames.get();
      if (painted.screens !== before.screens) shownSince = performance.now();
    },
  };
  const display = isPlain ? openPlainDisplay(stdout, options, !isDumb) : openDisplay(stdout, options);
  const app = render(
    <App
      store={store}
      frames={frames}
      watchStops={suspension.watch}
      reach={{
        ...reach,
        painted: () => painted,
        // What is not on the terminal yet has not been there for any time.
        shownFor: () => (painted.screens === store.get().screens ? performance.now() - shownSince : 0),
        repaint: display.reclaim,
        suspend: suspension.suspend,
      }}
    />,
    {
      stdin: keyInput(stdin, env),
      stdout: display.stream,
      exitOnCtrlC: false,
      patchConsole: false,
      alternateScreen: !isPlain,
      // Ink's own form has no lines, and moves the cursor.
      isScreenReaderEnabled: false,
      // Frames come whole, and as often as `frames` changes.
      debug: true,
      interactive: true,
    },
  );
  return {
    app,
    resized() {
      const size = sizeOf(stdout);
      if (!isSameSize(size, store.get().size)) store.dispatch({type: 'resized', size});
      display.repaint();
    },
  };
}
