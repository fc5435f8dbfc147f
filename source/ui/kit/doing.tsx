import {part} from './part.tsx';

/** That the program is alive while a disk is not: it turns. An empty line while nothing is done. */
export const Doing = part<{what: string | null}>(({what}) => [
  what === null ? [] : [{text: ' '}, {text: '-', turns: true}, {text: ` ${what}`}],
]);
