import {graphemes} from '../presenters/graphemes.ts';
import {behindIn} from './kit/part.tsx';
import type {Binding, Typing} from './screen.ts';
import type {AppState, AppStore} from './state.ts';

/** A text as its cursor parts it. */
function parted(text: string, behind: number): {before: string[]; after: string[]} {
  const all = graphemes(text);
  const at = Math.max(0, all.length - behind);
  return {before: all.slice(0, at), after: all.slice(at)};
}

/** What stands before the cursor, and what behind it: after an edit. */
type Edit = (before: string[], after: string[]) => {before: string[]; after: string[]};

const wordStart = (before: string[]): number => {
  const end = before.findLastIndex((each) => each !== ' ');
  return before.slice(0, end + 1).lastIndexOf(' ') + 1;
};

function write(store: AppStore, line: Typing, edit: Edit): void {
  const text = line.text(store.get());
  const old = parted(text, behindIn(store.get().caret, text));
  const {before, after} = edit(old.before, old.after);
  const written = [...before, ...after].join('');
  if (written !== text) store.dispatch(line.write(written));
  store.dispatch({type: 'caret moved', caret: {text: line.text(store.get()), behind: after.length}});
}

/** Whether the cursor stands inside what is typed. */
export const isInside = ({isLine = false, beside, text}: Typing, state: AppState): boolean =>
  isLine && !beside && behindIn(state.caret, text(state)) > 0;

/** What is typed or pasted goes where the cursor is. */
export function insert(store: AppStore, typing: Typing, text: string): void {
  if (isInside(typing, store.get()))
    write(store, typing, (before, after) => ({before: [...before, ...graphemes(text)], after}));
  else store.dispatch(typing.write(typing.text(store.get()) + text));
}

const known: {keys: string[]; label: string; edit: Edit}[] = [
  {
    keys: ['left'],
    label: 'a character back',
    edit: (before, after) => ({before: before.slice(0, -1), after: [...before.slice(-1), ...after]}),
  },
  {
    keys: ['right'],
    label: 'a character on',
    edit: (before, after) => ({before: [...before, ...after.slice(0, 1)], after: after.slice(1)}),
  },
  {
    keys: ['home', 'ctrl+a'],
    label: 'to the start of the line',
    edit: (before, after) => ({before: [], after: [...before, ...after]}),
  },
  {
    keys: ['end', 'ctrl+e'],
    label: 'to the end of the line',
    edit: (before, after) => ({before: [...before, ...after], after: []}),
  },
  {
    keys: ['backspace'],
    label: 'erase the character before the cursor',
    edit: (before, after) => ({before: before.slice(0, -1), after}),
  },
  {
    keys: ['ctrl+u'],
    label: 'clear what is before the cursor',
    edit: (_, after) => ({before: [], after}),
  },
  {keys: ['ctrl+k'], label: 'clear what is behind the cursor', edit: (before) => ({before, after: []})},
  {
    keys: ['ctrl+w'],
    label: 'erase the word before the cursor',
    edit: (before, after) => ({before: before.slice(0, wordStart(before)), after}),
  },
];

/** The keys that edit a line, wherever one is typed. */
export const editingKeys = (typing: Typing): Binding[] =>
  known.map(({keys, label, edit}) => ({keys, label, run: (store) => write(store, typing, edit)}));
