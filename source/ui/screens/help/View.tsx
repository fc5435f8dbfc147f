import {Fragment} from 'react';
import {editingKeys} from '../../editing.ts';
import {keyName} from '../../keys.ts';
import {heightOf} from '../../kit/part.tsx';
import {ScrollText, whereIn} from '../../kit/scroll-text.tsx';
import {strong} from '../../kit/span.ts';
import {Gap, Page} from '../../kit/stack.tsx';
import {TextField} from '../../kit/text-field.tsx';
import {FactList, type ListedFact, Notice, Notices, TextLine} from '../../kit/words.tsx';
import {textHeight} from '../../layout.ts';
import {movingKeys} from '../../moving.ts';
import type {Binding, Screen, Screens, ViewProps} from '../../screen.ts';
import {answerTyping, filterTyping} from '../../typings.ts';
import {backupsSlice} from '../backups/state.ts';
import type {HelpState} from './state.ts';

type Group = {title: string; keys: Binding[]};

/** What a screen lets type has keys of its own; they come first. */
const groupsOf = ({typings = [], help, keys}: Screen): Group[] => [
  ...typings.map((typing) => ({title: typing.help, keys: typing.keys})),
  ...(help === null ? [] : [{title: help, keys}]),
];

const filtering = filterTyping(backupsSlice);

/** What is the same wherever one is. */
const everywhere = (common: Binding[]): Group[] => [
  {title: answerTyping.help, keys: answerTyping.keys},
  {title: filtering.help, keys: filtering.keys},
  {title: 'While a line is typed', keys: editingKeys(answerTyping)},
  {title: 'Moving', keys: movingKeys},
  {title: 'Everywhere', keys: common},
];

const marks: [string, string][] = [
  ['+', 'unaltered: the copy is what was backed up, as our verification found; not necessarily correct'],
  ['x', 'needs you: the copy is missing, damaged or broken inside, or the backup was cut off'],
  ['!', 'beware: partial, torn, or stale (it changed since it passed, or that was over 7 days ago)'],
  ['?', 'never verified here: what PHP found it does not record'],
  ['-', 'not in that backup'],
  ['bad', 'from the bad time of an incident, which a restore has ended'],
  ['12', 'the twelfth version of that dataset: the same number is the same bytes, in every backup'],
  ['*', 'the newest good copy from before things were bad (t)'],
  ['=', 'the live file holds the same bytes'],
];

/** The same in a few words, above all else. */
const marksInShort =
  '+ unaltered, x needs you, ! beware, ? not verified, - not in it, 12 twelfth version, = same as live, * newest good copy from before bad since, bad: of the bad time of an incident';

const closing = [
  'Opening and looking changes nothing. Verifying reads the copies, and writes the result down beside the backup (verifications.jsonl, and metadata.last_verif* in the manifest).',
  'For scripts: magds backup, restore, session, config; magds --help.',
];

/** Columns of the keys. */
const keyWidth = 16;

/**
 * The whole text, made from the keys of every screen; it scrolls. As long whatever it begins with.
 * @param common the keys that mean the same on every screen
 * @param from the screen that one came from: its keys come first, then the marks
 */
export function helpText(screens: Screens, common: Binding[], from = 'backups', filter = '') {
  const wanted = filter.toLowerCase();
  const explain = ({title, keys}: Group) =>
    entries(
      title,
      keys.map((binding) => [binding.keys.map(keyName).join(' '), binding.label]),
    );
  // What heads the keys that are looked for stays; a heading that is looked for has all of its keys.
  const entries = (title: string, all: [string, string][]) => {
    const isWhole = title.toLowerCase().includes(wanted);
    const of = all.filter((each) => isWhole || each.join(' ').toLowerCase().includes(wanted));
    return of.length > 0 ? section(title, of) : null;
  };
  const others = Object.values(screens).filter((screen) => screen !== screens[from]);
  return (
    <>
      {wanted === '' && <Notice wide text={marksInShort} />}
      {wanted === '' && <Gap />}
      {screens[from] && groupsOf(screens[from]).map(explain)}
      {entries('Marks', marks)}
      {others.flatMap(groupsOf).map(explain)}
      {everywhere(common).map(explain)}
      <Notices wide of={wanted === '' ? closing : []} />
    </>
  );
}

const section = (title: string, of: [string, string][]) => (
  <Fragment key={title}>
    <TextLine wide of={strong(title)} />
    <FactList
      toEdge
      width={keyWidth}
      of={of.map(([word, says]): ListedFact => ({word, says, wordLook: 'key'}))}
    />
    <Gap />
  </Fragment>
);

/** How many lines it has. */
export const helpHeightIn = (screens: Screens, common: Binding[], columns: number, filter = ''): number =>
  heightOf(helpText(screens, common, undefined, filter), columns);

/** What each key of these screens does, and what the marks mean. */
export const helpView = (screens: () => Screens, common: Binding[]) =>
  function HelpView({state, slice: {top, filter, typing}}: ViewProps<HelpState>) {
    const {size} = state;
    const height = textHeight(size);
    const text = helpText(screens(), common, state.screens.at(-2), filter);
    const where = whereIn(top, height, heightOf(text, size.columns));
    return (
      <Page>
        {typing ? (
          <TextField asks=" Find: " text={filter} after={`  ${where}   Enter keep, Esc all`} />
        ) : (
          <TextLine
            wide
            of={`Keys and marks${filter === '' ? '' : ` with "${filter}", Esc shows all`}, ${where}`}
          />
        )}
        <ScrollText top={top} height={height}>
          {text}
        </ScrollText>
      </Page>
    );
  };
