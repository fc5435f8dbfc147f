import {wrapWords} from '../../../presenters/graphemes.ts';
import {bindings, type Scope} from '../../common-keys.ts';
import {helpHeight} from '../../layout.ts';
import {clip, fill, type Line, linesShown, pad, plain, theme} from '../../line.ts';
import {keyName} from '../../meaning.ts';
import type {Screen} from '../../screen.ts';
import type {AppState} from '../../state.ts';

const groups: [Scope, string][] = [
  ['backups', 'Backups'],
  ['manifest', 'Manifest'],
  ['differences', 'Differences'],
  ['difference', 'Differences of one dataset'],
  ['others', 'What a backup is compared with'],
  ['verify', 'Verify'],
  ['purpose', 'Restore, what it is for'],
  ['restore', 'Restore, the plan'],
  ['service', 'Restore, how to stop the service'],
  ['word', 'Restore, the last step before files change'],
  ['progress', 'Restore, at work'],
  ['checklist', 'Checklist'],
  ['sessions', 'Sessions'],
  ['evidence', 'Evidence'],
  ['activity', 'Activity'],
  ['event', 'Activity, one event'],
  ['decision', 'A restore that stopped halfway'],
  ['label', 'Back up, before it starts'],
  ['run', 'Back up'],
  ['count', 'Prune'],
  ['answer', 'While a question is answered'],
  ['filter', 'While a filter is typed'],
  ['lists', 'Moving'],
  ['everywhere', 'Everywhere'],
];

const marks: [string, string][] = [
  ['+', 'verified: the copies are what the manifest recorded; unaltered, not necessarily correct'],
  ['x', 'needs you: failed, interrupted, unreadable, or a copy is missing'],
  ['!', 'beware: stale (a copy changed since it passed, or that was over 7 days ago)'],
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

/** Screens whose keys stand under other names: what is typed there counts as well. */
const groupsOf: Partial<Record<Screen, Scope[]>> = {
  confirm: ['word'],
  stopped: ['decision'],
  run: ['label', 'run'],
  prune: ['count'],
};

/**
 * The whole text, made from the table of key bindings; it scrolls. As long whatever it begins with.
 * @param from the screen that one came from: its keys come first, then the marks
 */
export function helpText(columns: number, from: Screen = 'backups'): Line[] {
  const entry = (left: string, right: string): Line[] =>
    wrapWords(right, columns - 20).map((part, line) => [
      {text: `   ${pad(line === 0 ? left : '', 16)} `, ...theme.key},
      {text: part},
    ]);
  const near = (groupsOf[from] ?? [from]) as Scope[];
  const keysOf = (some: [Scope, string][]): Line[] =>
    some.flatMap(([scope, title]): Line[] => [
      plain(` ${title}`, theme.selected),
      ...bindings
        .filter((binding) => binding.scope === scope)
        .flatMap((binding) => entry(binding.keys.map(keyName).join(' '), binding.label)),
      [],
    ]);
  return [
    ...keysOf(groups.filter(([scope]) => near.includes(scope))),
    plain(' Marks', theme.selected),
    ...marks.flatMap(([mark, meaning]) => entry(mark, meaning)),
    [],
    ...keysOf(groups.filter(([scope]) => !near.includes(scope))),
    ...closing.flatMap((text) => wrapWords(text, columns - 2)).map((part) => plain(` ${part}`)),
  ];
}

export function helpScreen({help, size, screens}: AppState): Line[] {
  const height = helpHeight(size);
  const text = helpText(size.columns, screens.at(-2));
  const last = Math.min(text.length, help.top + height);
  const position = plain(` Keys and marks, ${linesShown(help.top + 1, last, text.length)}`);
  return [position, ...fill(text.slice(help.top, last), height)].map((line) => clip(line, size.columns));
}
