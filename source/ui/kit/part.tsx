import {createContext, type FunctionComponent, isValidElement, type ReactNode, useContext} from 'react';
import type {Line} from './line.ts';
import {Lines} from './lines.tsx';

/** What there is room for. `seen`: lines of it that a message leaves in view. */
export type Room = {columns: number; height: number; seen?: number; caret?: Caret | null};

/** Where the cursor stands in what is typed, if it is this text; else at its end. */
export type Caret = {text: string; behind: number};

/** How many characters of a text stand behind the cursor. */
export const behindIn = (caret: Caret | null | undefined, text: string): number =>
  caret?.text === text ? caret.behind : 0;

/** The room that the terminal leaves to the screen: the app says it once. */
export const RoomContext = createContext<Room>({columns: 80, height: 21});

type LinesOf<Props> = (props: Props, room: Room) => Line[];

/** A part of a screen that knows its lines before it is drawn. */
type Part<Props> = FunctionComponent<Props> & {lines: LinesOf<Props>};

/**
 * Makes a part of what it draws. Ink knows how high something is only once it has laid it out, which is too late for
 * what has to give way to it; so a part says its lines first, and each line is one `Text` (TERMINAL.md, "Bytes").
 */
export function part<Props extends object>(lines: LinesOf<Props>): Part<Props> {
  const Component = (props: Props) => <Lines lines={lines(props, useContext(RoomContext))} />;
  return Object.assign(Component, {lines});
}

/** The elements in it, in their order. */
export function elementsIn(node: ReactNode): {type: unknown; props: Record<string, unknown>}[] {
  if (node === null || node === undefined || typeof node === 'boolean') return [];
  if (Array.isArray(node)) return node.flatMap(elementsIn);
  if (!isValidElement<Record<string, unknown>>(node)) throw new TypeError('only parts of the kit have lines');
  // A fragment is what it holds.
  return typeof node.type === 'symbol' ? elementsIn(node.props['children'] as ReactNode) : [node];
}

/** The lines of parts, one below the other. */
export const linesOf = (node: ReactNode, room: Room): Line[] =>
  elementsIn(node).flatMap(({type, props}) => {
    const {lines} = type as Partial<Part<object>>;
    if (lines === undefined) throw new TypeError('only parts of the kit have lines');
    return lines(props, room);
  });

/** How many lines parts take. */
export const heightOf = (node: ReactNode, columns: number): number =>
  linesOf(node, {columns, height: Number.POSITIVE_INFINITY}).length;
