import {escapeText} from '../../../engine/base/escape.ts';
import {cut, wrapWords} from '../../../presenters/graphemes.ts';
import {clip, cutStart, type Line, pad, plain, theme, typedText} from '../../kit/line.ts';
import type {AppState} from '../../state.ts';
import {type Field, fieldsOf, textIn} from './purpose.ts';
import {restoreSlice} from './state.ts';
import type {RestoreTask} from './task.ts';

/** What a restore is for: all of it may stay empty, and nothing of it is written before the id is typed. */
export function purposeScreen(state: AppState): Line[] {
  const {size} = state;
  const restore = restoreSlice.of(state);
  if (!restore) return [];
  const {columns} = size;
  const {subject} = restore;
  return [
    plain(' NOTHING CHANGED YET', theme.selected),
    plain(` ${escapeText(subject.id)}`, theme.selected),
    [],
    plain('   What is it for? All may stay empty: Enter goes on.'),
    [],
    choice(restore),
    ...fieldsOf(restore).map((field) => fieldLine(restore, field, columns)),
    [],
    ...notes(restore).flatMap((note) => wrapWords(note, columns - 4).map((line) => plain(`   ${line}`))),
  ].map((line) => clip(line, columns));
}

const names: Record<Field, string> = {
  into: 'directory',
  ticket: 'ticket',
  title: 'title',
  authorisedBy: 'authorised by',
};

/** Columns of what stands before the text of a line. */
const indent = 3;
const nameWidth = 14;

function choice({purpose}: RestoreTask): Line {
  const word = (each: RestoreTask['purpose']) =>
    each === purpose ? {text: `[${each}]`, ...theme.selected} : {text: ` ${each} `};
  return [
    {text: ' '.repeat(indent) + pad('for', nameWidth - 1)},
    word('incident'),
    {text: ' '},
    word('drill'),
    {text: '   '},
    {text: 'Left Right', ...theme.key},
  ];
}

function fieldLine(task: RestoreTask, field: Field, columns: number): Line {
  const text = textIn(task, field, task.subject.id);
  const room = columns - indent - nameWidth - 1;
  const name = pad(names[field], nameWidth);
  if (field === task.field) return [{text: ` > ${name}`, ...theme.selected}, typedText(text, room)];
  const shown = field === 'into' ? cutStart(escapeText(text), room) : cut(escapeText(text), room);
  return [{text: `${' '.repeat(indent)}${name}${shown}`}];
}

const notes = ({purpose}: RestoreTask): string[] =>
  purpose === 'drill'
    ? ['A drill writes into that directory only, and makes it if it is not there. No live file is touched.']
    : [
        'Authorised by: who said yes beforehand, or "emergency" and why.',
        "It goes into the session's record, with your name.",
      ];
