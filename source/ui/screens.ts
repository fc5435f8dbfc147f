import {questionOf, type Screen, type Screens, type Typing} from './screen.ts';
import {activity, event} from './screens/activity/index.ts';
import {backups} from './screens/backups/index.ts';
import {config} from './screens/config/index.ts';
import {difference, differences, others, rows} from './screens/differences/index.ts';
import {evidence} from './screens/evidence/index.ts';
import {files} from './screens/files/index.ts';
import {help} from './screens/help/index.ts';
import {manifest} from './screens/manifest/index.ts';
import {palette} from './screens/palette/index.tsx';
import {progress} from './screens/progress/index.ts';
import {prune} from './screens/prune/index.ts';
import {confirm, purpose, restore, service} from './screens/restore/index.ts';
import {run} from './screens/run/index.ts';
import {checklist, record, sessions} from './screens/sessions/index.ts';
import {signOff} from './screens/sign-off/index.tsx';
import {status} from './screens/status/index.tsx';
import {stopped} from './screens/stopped/index.ts';
import {verify} from './screens/verify/index.ts';
import {type AppState, currentScreen} from './state.ts';
import {answerTyping, confirming} from './typings.ts';

/** Every screen there is, in the order in which the help explains their keys. */
const listed: Screens = {
  backups,
  files,
  manifest,
  differences,
  difference,
  rows,
  others,
  verify,
  purpose,
  restore,
  service,
  confirm,
  progress,
  checklist,
  signOff,
  sessions,
  evidence,
  activity,
  event,
  stopped,
  run,
  prune,
  record,
  status,
  config,
  help: help(() => screens),
  palette: palette(() => screens),
};

/** The same, with the keys of the first one that lead to the others. */
export const screens: Screens = {
  ...listed,
  backups: {
    ...backups,
    keys: [...backups.keys, ...Object.values(listed).flatMap(({entries = []}) => entries)],
  } as Screen,
};

export function screenNamed(name: string): Screen {
  const screen = screens[name];
  if (!screen) throw new Error(`no screen is called ${name}: it has no line in screens.ts`);
  return screen;
}

/** The one that is seen. */
export const screenOf = (state: AppState): Screen => screenNamed(currentScreen(state));

/** What typed characters go into just now; null where keys are commands. */
export function typingIn(state: AppState): Typing | null {
  const question = questionOf(state, screens);
  if (question) return question.wordless ? confirming : answerTyping;
  return screenOf(state).typing?.(state) ?? null;
}
