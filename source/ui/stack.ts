/** From the first screen to the one that is seen. */
type Stacked = {screens: string[]};

export const currentScreen = ({screens}: Stacked): string => screens.at(-1) ?? 'backups';

/** Goes to a screen; one that was gone through on the way is not gone through twice. */
export const push = <State extends Stacked>(state: State, screen: string): State =>
  currentScreen(state) === screen
    ? state
    : {...state, screens: [...state.screens.filter((each) => each !== screen), screen]};
