import type {ReactNode} from 'react';
import {wrapWords} from '../../../presenters/graphemes.ts';
import {keyName} from '../../keys.ts';
import {clip, fill, type Line, linesShown, pad, plain, theme} from '../../kit/line.ts';
import {Lines} from '../../kit/lines.tsx';
import {helpHeight} from '../../layout.ts';
import {movingKeys} from '../../moving.ts';
import type {Binding, Screen, Screens, ViewProps} from '../../screen.ts';
import type {ScreenName} from '../../stack.ts';
import {answerTyping, filterTyping} from '../../typings.ts';

type Group = {title: string; keys: Binding[]};

/** What a screen lets type has keys of its own; they come first. */
const groupsOf = ({typings = [], help, keys}: Screen): Group[] => [
  ...typings.map((typing) => ({title: typing.help, keys: typing.keys})),
  ...(help === null ? [] : [{title: help, keys}]),
];

/** What is the same wherever one is. */
const everywhere = (common: Binding[]): Group[] => [
  {title: answerTyping.help, keys: answerTyping.keys},
  {title: filterTyping.help, keys: filterTyping.keys},
  {title: 'Moving', keys: movingKeys},
  {title: 'Everywhere', keys: common},
];

const marks: [string, string][] = [
  ['+', 'verified: the copies are what the manifest recorded; unaltered, not necessarily correct'],
  ['x', 'needs you: failed, interrupted, unreadable, or a copy is missing'],
  [
    '!',
    'beware: partial, broken inside, or stale (a copy changed since it passed, or that was over 7 days ago)',
  ],
  ['?', 'unknown: PHP checked it, but does not record the result'],
  ['-', 'never verified'],
  [
    'aa[b]c',
    'which neighbouring backups hold the same bytes; [ ] is this one, x damaged, - not in it, . not comparable',
  ],
];

const closing = [
  'Opening and looking changes nothing. Verifying reads the copies, and writes the result down beside the backup (verifications.jsonl, and metadata.last_verif* in the manifest).',
  'For scripts: magds backup, restore, session, config; magds --help.',
];

/**
 * The whole text, made from the keys of every screen; it scrolls. As long whatever it begins with.
 * @param common the keys that mean the same on every screen
 * @param from the screen that one came from: its keys come first, then the marks
 */
export function helpText(
  screens: Screens,
  common: Binding[],
  columns: number,
  from: ScreenName = 'backups',
): Line[] {
  const entry = (left: string, right: string): Line[] =>
    wrapWords(right, columns - 20).map((part, line) => [
      {text: `   ${pad(line === 0 ? left : '', 16)} `, ...theme.key},
      {text: part},
    ]);
  const explain = ({title, keys}: Group): Line[] => [
    plain(` ${title}`, theme.selected),
    ...keys.flatMap((binding) => entry(binding.keys.map(keyName).join(' '), binding.label)),
    [],
  ];
  const others = Object.values(screens).filter((screen) => screen !== screens[from]);
  return [
    ...groupsOf(screens[from]).flatMap(explain),
    plain(' Marks', theme.selected),
    ...marks.flatMap(([mark, meaning]) => entry(mark, meaning)),
    [],
    ...others.flatMap(groupsOf).flatMap(explain),
    ...everywhere(common).flatMap(explain),
    ...closing.flatMap((text) => wrapWords(text, columns - 2)).map((part) => plain(` ${part}`)),
  ];
}

/** The part of it that is seen. */
export function helpLines({state, screens, common}: Omit<ViewProps, 'height'>): Line[] {
  const {help, size} = state;
  const lines = helpHeight(size);
  const text = helpText(screens, common, size.columns, state.screens.at(-2));
  const last = Math.min(text.length, help.top + lines);
  const position = plain(` Keys and marks, ${linesShown(help.top + 1, last, text.length)}`);
  return [position, ...fill(text.slice(help.top, last), lines)].map((line) => clip(line, size.columns));
}

export function Help({height, ...rest}: ViewProps): ReactNode {
  return <Lines lines={fill(helpLines(rest), height)} />;
}
