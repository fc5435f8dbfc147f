/** Every screen by its name; `screens.ts` says what each is. */
export type ScreenName =
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

/** From the first screen to the one that is seen. */
type Stacked = {screens: ScreenName[]};

export const currentScreen = ({screens}: Stacked): ScreenName => screens.at(-1) ?? 'backups';

/** Goes to a screen; one that was gone through on the way is not gone through twice. */
export const push = <State extends Stacked>(state: State, screen: ScreenName): State =>
  currentScreen(state) === screen
    ? state
    : {...state, screens: [...state.screens.filter((each) => each !== screen), screen]};
