import type {AppState} from './state.ts';

export type Screen =
  | 'backups'
  | 'manifest'
  | 'differences'
  | 'difference'
  | 'others'
  | 'verify'
  | 'run'
  | 'prune'
  | 'config'
  | 'help'
  | 'palette'
  | 'purpose'
  | 'restore'
  | 'service'
  | 'confirm'
  | 'progress'
  | 'checklist'
  | 'sessions'
  | 'record'
  | 'evidence'
  | 'activity'
  | 'event'
  | 'stopped'
  | 'status';

export const currentScreen = (state: AppState): Screen => state.screens.at(-1) ?? 'backups';

/** Goes to a screen; one that was gone through on the way is not gone through twice. */
export const push = (state: AppState, screen: Screen): AppState =>
  currentScreen(state) === screen
    ? state
    : {...state, screens: [...state.screens.filter((each) => each !== screen), screen]};

/** What typed characters go into just now; null where keys are commands. */
export type Typing = 'filter' | 'answer' | 'label' | 'count' | 'purpose' | 'word' | 'decision';

export function typingIn(state: AppState): Typing | null {
  switch (currentScreen(state)) {
    case 'backups':
      return state.prompt ? 'answer' : state.backups.typing ? 'filter' : null;
    case 'activity':
      return state.activity.typing ? 'filter' : null;
    case 'restore':
    case 'checklist':
    case 'evidence':
      return state.prompt ? 'answer' : null;
    case 'purpose':
      return state.restore ? 'purpose' : null;
    case 'confirm':
      return state.restore?.state === 'ready' ? 'word' : null;
    case 'stopped':
      return state.stopped && !state.stopped.working ? 'decision' : null;
    case 'run':
      return state.run?.state === 'ready' && !state.run.problem ? 'label' : null;
    case 'prune':
      return state.prune?.state === 'ready' && state.prune.verdicts.some(({stays}) => !stays)
        ? 'count'
        : null;
    default:
      return null;
  }
}
