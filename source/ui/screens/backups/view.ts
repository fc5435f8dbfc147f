import {escapeText} from '../../../engine/base/escape.ts';
import {formatBytes} from '../../../engine/base/format.ts';
import type {HeldEntry} from '../../../engine/catalog/list.ts';
import type {Row} from '../../../engine/catalog/row.ts';
import {type BadSince, isSafety, suggestedId} from '../../../engine/catalog/suggest.ts';
import {cut, widthOf} from '../../../presenters/graphemes.ts';
import {minuteOf} from '../../../presenters/moment.ts';
import {ageColumn, dataColumn, judgeRow} from '../../../presenters/row-view.ts';
import {configuredOf} from '../../facts.ts';
import {clip, fill, type Line, pad, padStart, plain, theme, toneStyle} from '../../kit/line.ts';
import {backupsLayout, backupsListHeight} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {backupDetail} from './detail.ts';
import {notices} from './notice.ts';
import {backupsSlice, linePlace, type SortKey} from './state.ts';

type Widths = {id: number; verified: number};

const widths = (columns: number): Widths => {
  // 3 for the mark, then 7 + 6 + 10 for age, data and size with their gaps.
  const rest = columns - 3 - 23;
  const id = Math.min(44, Math.max(18, rest - 24));
  return {id, verified: rest - id - 1};
};

export function backupsScreen(state: AppState): Line[] {
  const {columns} = state.size;
  const layout = backupsLayout(state.size);
  return [
    ...notices(state, layout.notices),
    heads(state, widths(columns)),
    ...fill(listLines(state), layout.list),
    ...backupDetail(state, backupsSlice.of(state).detail.id, layout.detail),
  ].map((line) => clip(line, columns));
}

function heads(state: AppState, {id, verified}: Widths): Line {
  const {sort} = backupsSlice.of(state);
  const head = (key: SortKey, text: string) =>
    sort.key === key ? `${text} ${sort.descending ? 'v' : '^'}` : text;
  return plain(
    `   ${pad(head('backup', 'BACKUP (UTC)'), id)} ${pad('AGE', 6)} ${pad(head('data', 'DATA'), 6)} ${padStart(head('size', 'SIZE'), 7)}  ${pad(head('verified', 'VERIFIED'), verified)}`,
  );
}

function listLines(state: AppState): Line[] {
  const {catalog, badSince} = state;
  const backups = backupsSlice.of(state);
  if (backups.shown.length === 0) return emptyLines(state);
  const layout = widths(state.size.columns);
  const suggested = suggestedId(catalog, badSince);
  const seen = backups.shown.slice(backups.top, backups.top + backupsListHeight(state));
  const lines = seen.map((id, index) => {
    const selected = backups.top + index === backups.cursor;
    return rowLine(id, {selected, suggested: id === suggested}, state, layout);
  });
  if (!badSince) return lines;
  return lines.toSpliced(linePlace(seen, backups.sort, badSince.at), 0, badSinceLine(state, badSince));
}

/** What is older than the time stands on one side of it, what is newer on the other. */
function badSinceLine(state: AppState, {at, by}: BadSince): Line {
  const {now, size} = state;
  const backups = backupsSlice.of(state);
  const sorted = backups.sort.key === 'backup' ? '' : '; B sorts by time';
  const head = ` --- bad since ${minuteOf(at, now)} (${cut(escapeText(by), 12)})${sorted} `;
  const tail = ' change';
  const dashes = '-'.repeat(Math.max(0, size.columns - widthOf(head) - tail.length - 3));
  return [{text: `${head}${dashes} `, ...theme.beware}, {text: 't', ...theme.key}, {text: tail}];
}

type Standing = {selected: boolean; suggested: boolean};

function rowLine(id: string, {selected, suggested}: Standing, state: AppState, layout: Widths): Line {
  const {now, catalog} = state;
  const row = catalog.rows.get(id);
  const configured = configuredOf(state);
  const style = selected ? theme.selected : {};
  const name = ` ${selected ? '>' : ' '} ${pad(escapeText(id), layout.id)} `;
  if (!row) return [{text: name, ...style}, {text: 'reading ...'}];
  const {mark, text, tone} = judgeRow(row, now, configured);
  const size = row.state === 'complete' ? formatBytes(row.bytes) : '?';
  const middle = `${pad(ageColumn(row, now), 6)} ${pad(dataColumn(row, configured), 6)} ${padStart(size, 7)}  `;
  const said = `${mark} ${safetyText(id, row)}${escapeText(text)}${heldText(catalog.held.get(id))}`;
  return [
    {text: name + middle, ...style},
    {
      text: (suggested ? withSuggested(said, mark, layout.verified) : pad(said, layout.verified)).trimEnd(),
      ...toneStyle[tone],
      ...style,
    },
  ];
}

const suggestedWord = 'SUGGESTED';

/** On a narrow screen the word takes the place of what the details say as well. */
const withSuggested = (said: string, mark: string, width: number): string =>
  widthOf(said) + 1 + suggestedWord.length <= width
    ? pad(said, width - suggestedWord.length) + suggestedWord
    : pad(`${mark} ${suggestedWord}`, width);

const safetyText = (id: string, row: Row): string => (isSafety(id, row) ? 'safety, ' : '');

const heldText = (held: HeldEntry | undefined): string =>
  held === undefined ? '' : held.only ? ', held only' : ', held';

function emptyLines(state: AppState): Line[] {
  const {catalog, place} = state;
  const backups = backupsSlice.of(state);
  const where = escapeText(place.backups);
  if (backups.filter !== '')
    return [[], plain(`   No backup matches "${escapeText(backups.filter)}". Esc shows all again.`)];
  if (catalog.vanished) {
    return [
      [],
      plain(`   x ${where} is gone: deleted, moved, or not mounted any more.`, theme.bad),
      plain('   It appears again by itself when it is back.'),
    ];
  }
  if (!catalog.exists) {
    return [
      [],
      plain(`   ${where} does not exist yet.`),
      plain('   Nothing has been backed up here: b makes the first one.'),
    ];
  }
  return [
    [],
    plain(`   ${where} holds no backups.`),
    plain('   b makes one; what PHP makes appears here by itself.'),
  ];
}
