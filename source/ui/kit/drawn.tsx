import {Text} from 'ink';
import Spinner from 'ink-spinner';
import type {Screen} from '../screen.ts';
import type {AppState} from '../state.ts';
import {fill, type Line} from './line.ts';
import {Lines} from './lines.tsx';

type View = Screen['View'];
type Draw = (state: AppState) => Line[];

/** A screen that is lines from top to bottom. */
export const drawn =
  (draw: Draw): View =>
  ({state, height}) => <Lines lines={fill(draw(state), height)} />;

/** A screen as far as a message leaves room: the question at its bottom stays, and what was typed with it. */
export function above({prompt}: Pick<AppState, 'prompt'>, lines: Line[], height: number): Line[] {
  const last = lines.at(-1);
  return fill(
    prompt && last && lines.length > height ? [...lines.slice(0, height - 1), last] : lines,
    height,
  );
}

/** One whose last line may be a question. */
export const asking =
  (draw: Draw): View =>
  ({state, height}) => <Lines lines={above(state, draw(state), height)} />;

/**
 * One that works: its second line turns meanwhile, which says that the program is alive while a disk is not.
 * @param doing what is being done; null when nothing is
 */
export const working =
  (draw: Draw, doing: (state: AppState) => string | null): View =>
  ({state, height}) => {
    const [first = [], second = [], ...rest] = fill(draw(state), height);
    const now = doing(state);
    if (now === null) return <Lines lines={[first, second, ...rest]} />;
    return (
      <>
        <Lines lines={[first]} />
        <Text>
          {' '}
          <Spinner type="line" /> {now}
        </Text>
        <Lines lines={rest} />
      </>
    );
  };
