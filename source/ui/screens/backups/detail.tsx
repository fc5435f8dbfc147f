import {dayOf} from '../../../engine/base/time-text.ts';
import {type Copy, copiesOf} from '../../../engine/catalog/copies.ts';
import type {HeldEntry} from '../../../engine/catalog/list.ts';
import {isUnlike} from '../../../engine/catalog/live.ts';
import type {Row} from '../../../engine/catalog/row.ts';
import {lacks} from '../../../engine/catalog/suggest.ts';
import {safetyUntil} from '../../../engine/retention/old-safety.ts';
import {isPinned} from '../../../engine/storage/held.ts';
import {partialTexts} from '../../../engine/storage/manifest/partial.ts';
import {badTimeOf, badTimesOf} from '../../../presenters/bad-times.ts';
import {rowIn} from '../../../presenters/catalog.ts';
import {copySign, copyText} from '../../../presenters/copy-view.ts';
import {dumpText, shortCount} from '../../../presenters/database-view.ts';
import {newerVersion} from '../../../presenters/known-copies.ts';
import {minuteOf} from '../../../presenters/moment.ts';
import {ago, judgeRow, reasonText} from '../../../presenters/row-view.ts';
import type {Sentence} from '../../../presenters/sentence.ts';
import {configuredOf, sourcesOf} from '../../facts.ts';
import type {Look} from '../../kit/look.ts';
import {namesIn, sizeText, spare} from '../../kit/span.ts';
import {Flex, Panel, Stack} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {Notice, Notices, type NoticeText, TextLine} from '../../kit/words.tsx';
import {datasetsLayout} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {type BackupsState, holdsLive, knownHere} from './state.ts';

/** Lines from which on the legend has one in any case. */
const roomy = 6;

/**
 * What is known of the backup that the cursor rests on, in so many lines below its id. What is said first is read to its
 * end; the datasets get what it leaves, in the order of their columns.
 */
export function detailOf(state: AppState, backups: BackupsState, height: number) {
  const {catalog, size} = state;
  const {detail: id, left, datasets} = backups;
  const row = id === null ? undefined : rowIn(catalog, id);
  if (id === null || !row) return <Panel height={height} />;
  const held = catalog.held.get(id);
  const copies = copiesOf(row, configuredOf(state) ?? []);
  const names = datasets.filter((name) => copies.has(name));
  const {first} = datasetsLayout(size, datasets, left);
  const from = first === 0 ? 0 : names.findIndex((name) => datasets.indexOf(name) >= first);
  const told = names.slice(Math.max(0, from));
  return (
    <Panel title={id} height={height}>
      <Stack>
        <Notice
          flush
          leaves={3}
          {...(catalog.safety.has(id) ? safetyNote(id, backups) : sentence(row, state))}
        />
        <Flex>
          {told.length > 0 && (
            <Table
              columns={columns}
              rows={told.slice(0, height).flatMap((name) => {
                const copy = copies.get(name);
                return copy ? [detailLine(state, backups, row, copy)] : [];
              })}
              total={told.length}
              more={(hidden) => `   and ${hidden} more: Enter shows them all`}
            />
          )}
        </Flex>
        {height >= roomy && legend(state, numbersIn(state, id, told, copies))}
        <Flex turn={1}>
          <Notices flush leaves={0} of={[...(held ? [heldNote(held)] : []), ...row.notes]} />
        </Flex>
      </Stack>
    </Panel>
  );
}

type DetailLine = {name: string; bytes: number | null; sign: Sentence; text: string; beside: string};

const columns: Column<DetailLine>[] = [
  {cell: ({name}) => name, fits: true, least: 7, keeps: 12, most: 24},
  {cell: ({bytes}) => sizeText(bytes), width: 7, right: true},
  {
    cell: ({sign, text}) => ({text: `${sign.mark} ${text}`, look: sign.tone}),
    fits: true,
    keeps: 20,
    share: 0.45,
  },
  {cell: ({beside}) => beside},
];

function detailLine(state: AppState, backups: BackupsState, row: Row, copy: Copy): DetailLine {
  const {dataset: name, bytes} = copy;
  const byPhp = copy.state === 'unchecked' && row.verification.state === 'unknown';
  const text = byPhp ? 'checked by PHP only' : copyText(copy);
  return {name, bytes, sign: copySign(copy), text, beside: besideText(state, backups, row, copy)};
}

/** How a copy stands to the live file and to other versions. */
function besideText(state: AppState, backups: BackupsState, {id}: Row, copy: Copy): string {
  if (holdsLive(backups, copy)) return 'same as live';
  const {dataset, dump} = copy;
  const bad = badTimesOf(state.sessions.stories);
  const copies = knownHere(state);
  const time = badTimeOf(bad, copies.versions, id, dataset);
  if (time !== null) return `bad time of ${time.of}`;
  // No two dumps have the same bytes: what they hold is told instead, and Compare counts what is live.
  if (dump !== null) return dumpText(dump, state.now);
  const newer = newerVersion(state.catalog, copies, id, dataset, configuredOf(state), bad);
  if (newer !== null) return `version ${newer} is newer`;
  const live = backups.live.get(dataset);
  switch (live?.state) {
    case 'missing':
      return 'no live file';
    case 'reading':
      return 'live is being read';
    case 'unknown':
    case 'unreadable':
      return live.reason;
    case 'read':
      if (copy.content === null) return 'no hash to compare by';
      // Live shows how large what was recorded is.
      if (live.contents.has(copy.content)) return 'not of the recorded size';
      return isUnlike(live, copy) ? 'live has changed' : '';
    case 'other':
      return copy.content === null ? 'no hash to compare by' : 'live has changed';
    case undefined:
      return '';
  }
}

/** What the numbers that the list shows of this backup mean: a version, and rows. */
function numbersIn(
  state: AppState,
  id: string,
  names: string[],
  copies: ReadonlyMap<string, Copy>,
): string[] {
  const numbers = knownHere(state).versions?.get(id);
  const isDump = (name: string): boolean => (copies.get(name)?.dump ?? null) !== null;
  const version = names.find((name) => !isDump(name) && numbers?.has(name));
  const dump = copies.get(names.find(isDump) ?? '')?.dump;
  return [
    ...(version === undefined ? [] : [`${numbers?.get(version)} version ${numbers?.get(version)}`]),
    ...(dump ? [`${shortCount(dump.rows)} rows`] : []),
  ];
}

/** What the marks in the list mean, as many as there is room for; the help has all of them. */
function legend({badSince, now}: AppState, numbers: string[]) {
  const since = badSince && `* newest good copy from before ${minuteOf(badSince.at, now)}`;
  const marks = [since, '= same as live', '+ unaltered', '? unchecked', ...numbers, '- not in it'];
  const told = marks.filter((each) => typeof each === 'string');
  return <TextLine of={told.map((each, index) => spare(index === 0 ? each : `   ${each}`))} />;
}

/** What it is, where it lies, and until when. */
function safetyNote(id: string, {safetyDays}: BackupsState): NoticeText {
  const until = safetyDays === undefined ? null : safetyUntil(id, safetyDays);
  const stays = until === null ? '' : `, until ${dayOf(until)} at least`;
  return {text: `Live files, saved by a restore; in storage/runbook/safety${stays}.`};
}

/** What a session is held for is our own word, `held for …` or `until …`; a pin has its operator's. */
function holdText(hold: HeldEntry): string {
  const {reason, only} = hold;
  if (!only && !isPinned(hold)) return `Held ${reason.replace(/^held /, '')}`;
  const where = only ? 'Held only in storage/runbook/held: PHP has deleted the original' : 'Held';
  return reason ? `${where}: ${reason}` : where;
}

const heldNote = (hold: HeldEntry): string =>
  `${holdText(hold)}${hold.by ? ` (${hold.by}, ${hold.at.slice(0, 16)}Z)` : ''}.`;

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
function sentence(row: Row, app: AppState): NoticeText {
  const {now} = app;
  const configured = configuredOf(app);
  const {mark, text, tone} = judgeRow(row, now, configured);
  const {state, reason} = row.verification;
  const {label: given} = row;
  // Most ids end with it.
  const label = given && !row.id.endsWith(`_${given}`) ? `label "${namesIn([given], mostOfLabel)}"   ` : '';
  const said = (what: string, look: Look = 'none'): NoticeText => ({text: `${label}${what}`, look});
  if (state === 'failed') return said(`x ${reason ?? text}. Do not restore what does not match.`, 'bad');
  const making = app.place.root === null ? '' : '; m there makes it a backup';
  const then = row.state === 'interrupted' ? `. Enter lists its files${making}.` : '';
  if (row.reason) return {text: `${mark} ${reasonText(row, sourcesOf(app))}${then}`, look: tone};
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
      return said(`Verified ${ago(row.verification.at, now)}. ${verifiedMeans}`);
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
