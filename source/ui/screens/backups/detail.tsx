import type {HeldEntry} from '../../../engine/catalog/list.ts';
import type {Row} from '../../../engine/catalog/row.ts';
import {lacks} from '../../../engine/catalog/suggest.ts';
import {partialTexts} from '../../../engine/storage/manifest/partial.ts';
import {judgeRow} from '../../../presenters/row-view.ts';
import {configuredOf} from '../../facts.ts';
import type {Look} from '../../kit/look.ts';
import {namesIn, sizeText} from '../../kit/span.ts';
import {Flex, Panel, Stack} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {Notice, Notices, type Told} from '../../kit/words.tsx';
import type {AppState} from '../../state.ts';
import type {BackupsState} from './state.ts';
import {type Strip, strips} from './strip.ts';

/**
 * What is known of the backup that the cursor rests on, in so many lines below its id. What is said first is read to its
 * end; the datasets get what it leaves.
 */
export function detailOf(state: AppState, {id, live}: BackupsState['detail'], height: number) {
  const {catalog, now} = state;
  const row = id === null ? undefined : catalog.rows.get(id);
  if (id === null || !row) return <Panel height={height} />;
  const held = catalog.held.get(id);
  const total = row.datasets.length;
  return (
    <Panel title={id} height={height}>
      <Stack>
        <Notice flush leaves={3} {...sentence(row, now, configuredOf(state))} />
        <Flex>
          {total > 0 && (
            <Table
              columns={columns}
              rows={strips(catalog.ids, catalog.rows, id, live, height)}
              total={total}
              more={(hidden) => `   and ${hidden} more: Enter shows them all`}
            />
          )}
        </Flex>
        <Flex turn={1}>
          <Notices flush leaves={0} of={[...(held ? [heldNote(held)] : []), ...row.notes]} />
        </Flex>
      </Stack>
    </Panel>
  );
}

const columns: Column<Strip>[] = [
  {head: 'DATASET', cell: ({name}) => name, fits: true, keeps: 24, most: 24},
  {head: 'SIZE', cell: ({bytes}) => sizeText(bytes), width: 7, right: true},
  {
    head: 'OLD>NEW',
    cell: ({letters, at}) => letters.map((letter, index) => (index === at ? `[${letter}]` : letter)).join(''),
    fits: true,
    keeps: 11,
  },
  {head: 'LIVE', cell: ({live}) => live, width: 4},
  {
    head: 'same letter = same bytes',
    cell: ({note, flaw}) => ({text: note, look: flaw ? 'bad' : 'none'}),
  },
];

const heldNote = ({reason, by, at, only}: HeldEntry): string =>
  `${only ? 'Held only in storage/runbook/held, PHP has deleted the other' : 'Held'}${reason ? `: ${reason}` : ''}${by ? ` (${by}, ${at.slice(0, 16)}Z)` : ''}.`;

/** The tick must never read as "correct" (SCREENS.md). */
const verifiedMeans = 'Verified means unaltered, not correct.';

/** Of what a backup does not hold, as many as there may be room for. */
const mostPartial = 3;
/** Columns of a label: what follows says what to do, and the list has the label in the name. */
const mostOfLabel = 40;

function meansOf({verification: {state, reason}}: Row): string {
  if (state === 'verified') return ` ${verifiedMeans}`;
  if (state === 'unknown') return ' PHP checked it, and does not record the result.';
  return state === 'stale' ? ` ${reason}: verify it again (v).` : '';
}

/** What the operator has to know first. */
function sentence(row: Row, now: number, configured: string[] | null): Told {
  const {mark, text, tone} = judgeRow(row, now, configured);
  const {state, reason} = row.verification;
  const label = row.label ? `label "${namesIn([row.label], mostOfLabel)}"   ` : '';
  const said = (what: string, look: Look = 'none'): Told => ({text: `${label}${what}`, look});
  if (state === 'failed') return said(`x ${reason ?? text}. Do not restore what does not match.`, 'bad');
  if (row.reason) return {text: `${mark} ${row.reason}`, look: tone};
  if (row.brokenInside.length > 0) return said(brokenText(row), 'beware');
  const lacking = lacks(row, configured);
  if (lacking.length > 0)
    return said(`! Configured now and not in it: ${lacking.join(', ')}.${meansOf(row)}`, 'beware');
  if (row.partial.length > 0) {
    const partial = partialTexts(row.partial, mostPartial).join('; ');
    return said(`! Partial: ${partial}.${meansOf(row)}`, 'beware');
  }
  switch (state) {
    case 'verified':
      return said(verifiedMeans);
    case 'unknown':
      return said('? PHP checked it, and does not record the result: verify it again (v).', 'beware');
    case 'stale':
      return said(`! ${reason}: verify it again (v).`, 'beware');
    case 'never':
      return said('Never verified: v hashes the copies and compares.');
  }
}

/** Of each the first complaint: the plan of a restore has more. */
function brokenText({brokenInside, verification}: Row): string {
  const each = brokenInside.map(({name, detail}) => `${name} (${detail.split('; ')[0]})`).join(', ');
  return verification.state === 'verified'
    ? `! Unaltered, but broken inside: ${each}.`
    : `! Broken inside: ${each}.`;
}
