import {formatBytes} from '../../../engine/base/format.ts';
import type {HeldEntry} from '../../../engine/catalog/list.ts';
import type {Row} from '../../../engine/catalog/row.ts';
import {type BadSince, isSafety, suggestedId} from '../../../engine/catalog/suggest.ts';
import {minuteOf} from '../../../presenters/moment.ts';
import {ageColumn, dataColumn, judgeRow} from '../../../presenters/row-view.ts';
import {configuredOf} from '../../facts.ts';
import {Scroll} from '../../kit/scroll-text.tsx';
import {cutEnd, gap, key, type Span, type Spans} from '../../kit/span.ts';
import {Page} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {Empty} from '../../kit/words.tsx';
import {backupsLayout, backupsListHeight} from '../../layout.ts';
import type {ViewProps} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {detailOf} from './detail.tsx';
import {notices} from './notice.tsx';
import {type BackupsState, linePlace, type SortKey} from './state.ts';

/** What is worth knowing, every backup, and what is known of the chosen one. */
export function BackupsView({state, slice: backups}: ViewProps<BackupsState>) {
  const {badSince, size} = state;
  const {shown, top, cursor, sort} = backups;
  const layout = backupsLayout(size);
  const seen = shown.slice(top, top + backupsListHeight(state));
  return (
    <Page>
      <Scroll top={0} height={layout.notices}>
        {notices(state)}
      </Scroll>
      <Table
        columns={columnsOf(state, backups)}
        rows={shown}
        cursor={cursor}
        top={top}
        height={layout.list}
        empty={empty(state, backups)}
        between={
          badSince && shown.length > 0
            ? {at: linePlace(seen, sort, badSince.at), line: badSinceLine(state, backups, badSince)}
            : null
        }
      />
      {detailOf(state, backups.detail, layout.detail)}
    </Page>
  );
}

function columnsOf(state: AppState, {sort}: BackupsState): Column<string>[] {
  const {now, catalog, badSince} = state;
  const configured = configuredOf(state);
  const suggested = suggestedId(catalog, badSince);
  const head = (by: SortKey, text: string): string =>
    sort.key === by ? `${text} ${sort.descending ? 'v' : '^'}` : text;
  const of =
    (cell: (row: Row) => Spans): Column<string>['cell'] =>
    (id) => {
      const row = catalog.rows.get(id);
      return row ? cell(row) : null;
    };
  const age = of((row) => ageColumn(row, now));
  return [
    {head: head('backup', 'BACKUP (UTC)'), cell: (id) => id, least: 18, most: 44},
    {head: 'AGE', cell: (id, ...at) => age(id, ...at) ?? {rest: 'reading ...'}, width: 6, gap: 1},
    {head: head('data', 'DATA'), cell: of((row) => dataColumn(row, configured)), width: 6, gap: 1},
    {
      head: head('size', 'SIZE'),
      cell: of(({state: is, bytes}) => (is === 'complete' ? formatBytes(bytes) : '?')),
      width: 7,
      right: true,
      gap: 1,
    },
    {
      head: head('verified', 'VERIFIED'),
      cell: of((row) => {
        const {mark, text, tone: look} = judgeRow(row, now, configured);
        const safety = isSafety(row.id, row) ? 'safety, ' : '';
        const said = {text: `${mark} ${safety}${text}${heldText(catalog.held.get(row.id))}`, look};
        if (row.id !== suggested) return said;
        const word = {text: 'SUGGESTED', look};
        // On a narrow screen the word takes the place of what the details say as well.
        return {either: [said, gap(), word], or: [{text: `${mark} `, look}, word]};
      }),
      least: 23,
    },
  ];
}

const heldText = (held: HeldEntry | undefined): string =>
  held === undefined ? '' : held.only ? ', held only' : ', held';

/** What is older than the time stands on one side of it, what is newer on the other. */
function badSinceLine({now}: AppState, {sort}: BackupsState, {at, by}: BadSince): Span[] {
  const sorted = sort.key === 'backup' ? '' : '; B sorts by time';
  const look = 'beware';
  return [
    {text: ` --- bad since ${minuteOf(at, now)} (`, look},
    cutEnd(by, {most: 12, look}),
    {text: `)${sorted} `, look},
    {gap: 0, of: '-', look},
    ' ',
    key('t'),
    ' change ',
  ];
}

function empty({catalog, place: {backups: where}}: AppState, {filter}: BackupsState) {
  if (filter !== '') return <Empty of={[`No backup matches "${filter}". Esc shows all again.`]} />;
  if (catalog.vanished)
    return (
      <Empty
        of={[
          {mark: 'x', text: `${where} is gone: deleted, moved, or not mounted any more.`},
          'It appears again by itself when it is back.',
        ]}
      />
    );
  const [is, then] = catalog.exists
    ? ['holds no backups', 'b makes one; what PHP makes appears here by itself.']
    : ['does not exist yet', 'Nothing has been backed up here: b makes the first one.'];
  return <Empty of={[`${where} ${is}.`, then]} />;
}
