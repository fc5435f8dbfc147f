import {type Copy, copiesOf} from '../../../engine/catalog/copies.ts';
import type {Row} from '../../../engine/catalog/row.ts';
import {type BadSince, isSafety} from '../../../engine/catalog/suggest.ts';
import type {SourceNames} from '../../../engine/storage/manifest/lying.ts';
import {type BadTime, badTimeOf, badTimesOf} from '../../../presenters/bad-times.ts';
import {rowIn} from '../../../presenters/catalog.ts';
import {copySign} from '../../../presenters/copy-view.ts';
import {copyNumber} from '../../../presenters/database-view.ts';
import type {KnownCopies} from '../../../presenters/known-copies.ts';
import {minuteOf} from '../../../presenters/moment.ts';
import {ageColumn, holdsText, judgeRow} from '../../../presenters/row-view.ts';
import {configuredOf, sourcesOf} from '../../facts.ts';
import {acrossGap, acrossHead} from '../../kit/across.ts';
import {ScrollText} from '../../kit/scroll-text.tsx';
import {cutEnd, key, type Span, type Spans, spare} from '../../kit/span.ts';
import {Page} from '../../kit/stack.tsx';
import {type Cell, type Column, Table} from '../../kit/table.tsx';
import {Empty} from '../../kit/words.tsx';
import {backupsLayout, backupsListHeight, datasetsLayout} from '../../layout.ts';
import type {ViewProps} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {detailOf} from './detail.tsx';
import {notices} from './notice.tsx';
import {type BackupsState, holdsLive, knownHere, linePlace, safetyPlace} from './state.ts';

/** What is worth knowing, every backup, and what is known of the chosen one. */
export function BackupsView({state, slice: backups}: ViewProps<BackupsState>) {
  const {badSince, size, catalog} = state;
  const {shown, top, cursor, sort} = backups;
  const layout = backupsLayout(size);
  const seen = shown.slice(top, top + backupsListHeight(state));
  const listed = seen.slice(0, safetyPlace(seen, catalog));
  return (
    <Page>
      <ScrollText top={0} height={layout.notices}>
        {notices(state)}
      </ScrollText>
      <Table
        columns={columnsOf(state, backups)}
        rows={shown}
        cursor={cursor}
        top={top}
        height={layout.list}
        empty={empty(state, backups)}
        between={[
          ...(badSince && shown.length > 0
            ? [{at: linePlace(listed, sort, badSince.at), line: badSinceLine(state, backups, badSince)}]
            : []),
          ...(catalog.safety.size > 0 ? [{at: listed.length, line: safetyLine(catalog.safety.size)}] : []),
        ]}
      />
      {detailOf(state, backups, layout.detail)}
    </Page>
  );
}

const sortedBy = {backup: '', data: ', by copies', size: ', by size', verified: ', by need'};

/** Id and age, then a column for each dataset. */
function columnsOf(state: AppState, backups: BackupsState): Column<string>[] {
  const {now, catalog} = state;
  const {sort, datasets} = backups;
  const configured = configuredOf(state);
  const sources = sourcesOf(state);
  const known = knownHere(state);
  const bad = badTimesOf(state.sessions.stories);
  const seen = datasetsLayout(state.size, datasets, backups.left);
  const age = (row: Row | undefined): Cell => (row ? ageColumn(row, now) : {rest: 'reading ...'});
  const shown = datasets.slice(seen.first, seen.first + seen.seen);
  return [
    {
      head: `BACKUP (UTC)${sortedBy[sort.key]} ${sort.descending ? 'v' : '^'}`,
      cell: (id) => [cutEnd(id), spare(kindOf(id, state))],
      least: 18,
      most: 44,
      fits: true,
    },
    {head: 'AGE', cell: (id) => age(rowIn(catalog, id)), width: 5, gap: 1},
    ...(shown.length === 0 ? [''] : shown).map((name, index): Column<string> => {
      const whole = index === 0;
      return {
        head: acrossHead(datasets, seen.first + index, seen),
        cell: (id) => {
          const row = rowIn(catalog, id);
          if (!row) return null;
          const said = whole ? wholeText(row, now, configured, sources) : null;
          return said === null
            ? copyCell(known, backups, row, copiesOf(row, configured ?? []).get(name), bad)
            : {rest: said};
        },
        width: seen.width,
        gap: acrossGap,
      };
    }),
  ];
}

/** That it is kept, or was made by a restore, where there is room for it; the details say it in any case. */
const kindOf = (id: string, {catalog}: AppState): string =>
  (isSafety(id, rowIn(catalog, id)) ? ' safety' : '') + (catalog.held.has(id) ? ' held' : '');

/** Of one that holds no copies that one could judge: why, instead of them. */
function wholeText(row: Row, now: number, configured: string[] | null, sources: SourceNames): Spans | null {
  if (row.state === 'complete' && row.datasets.length > 0) return null;
  const {mark, text, tone: look} = judgeRow(row, now, configured);
  const holds = holdsText(row, sources);
  const cutOff = holds === null ? row.reason : `cut off; ${holds}`;
  const why = row.state === 'interrupted' ? cutOff : row.reason && `${text}: ${row.reason}`;
  return {text: `${mark} ${(row.state === 'complete' ? null : why) ?? text}`, look};
}

function copyCell(
  {versions, good}: KnownCopies,
  backups: BackupsState,
  row: Row,
  copy: Copy | undefined,
  bad: BadTime[],
): Spans {
  if (!copy) return '-';
  const {mark, text, tone: look} = copySign(copy);
  const {dataset} = copy;
  // Numbers begin with the oldest one; rows are known at once.
  const number =
    versions === null && copy.dump === null ? '..' : copyNumber(copy, versions?.get(row.id)?.get(dataset));
  return [
    {text: `${mark} ${text || number}`.trimEnd(), look},
    copy.dump && text === '' ? spare(' rows') : '',
    badTimeOf(bad, versions, row.id, dataset) ? {text: ' bad', look: 'beware'} : '',
    good.get(dataset) === row.id ? {text: ' *', look: 'good'} : '',
    holdsLive(backups, copy) ? spare(' =') : '',
  ];
}

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

/** What stands below it is no backup of the list, and never marked. */
const safetyLine = (count: number): Span[] => [
  ` --- ${count === 1 ? '1 safety backup' : `${count} safety backups`}: live files, saved by restores `,
  {gap: 0, of: '-'},
  ' ',
];

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
