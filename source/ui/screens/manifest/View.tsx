import {formatBytes} from '../../../engine/base/format.ts';
import {isWeak} from '../../../engine/hashing/algorithms.ts';
import type {Dataset} from '../../../engine/storage/manifest/schema.ts';
import {secondOf} from '../../../presenters/activity-view.ts';
import {rowIn} from '../../../presenters/catalog.ts';
import {dumpText, grouped, largestFirst, serverText} from '../../../presenters/database-view.ts';
import {datasetStatus} from '../../../presenters/dataset-status.ts';
import {present} from '../../../presenters/present.ts';
import {judgeRow} from '../../../presenters/row-view.ts';
import {configuredOf} from '../../facts.ts';
import {ScrollText, whereIn} from '../../kit/scroll-text.tsx';
import {cutEnd, cutStartOf, names, spare, strong} from '../../kit/span.ts';
import {Gap, Page, Panel} from '../../kit/stack.tsx';
import {type Column, Table} from '../../kit/table.tsx';
import {TextField} from '../../kit/text-field.tsx';
import {Empty, FactList, type ListedFact, TextLine} from '../../kit/words.tsx';
import {manifestLayout, textHeight} from '../../layout.ts';
import type {ViewProps} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import type {ManifestState} from './state.ts';

/** What a manifest says: a table, or as it stands in the file. */
export function ManifestView({state, slice: manifest}: ViewProps<ManifestState | null>) {
  if (!manifest) return null;
  return <Page>{manifest.view === 'raw' ? rawText(state, manifest) : table(state, manifest)}</Page>;
}

function rawText({size}: AppState, {raw, rawTop: top, id, find}: ManifestState) {
  const height = textHeight(size);
  return (
    <>
      {typeof find === 'string' ? (
        <TextField asks=" Find: " text={find} after={`   ${whereIn(top, height, raw.length)}`} />
      ) : (
        <TextLine wide of={[cutEnd(`${id}/manifest.json`), `   ${whereIn(top, height, raw.length)}`]} />
      )}
      <ScrollText of={raw} top={top} height={height} />
    </>
  );
}

function table(state: AppState, opened: ManifestState) {
  const {manifest, cursor, top} = opened;
  const layout = manifestLayout(state.size);
  const datasets = manifest?.datasets ?? [];
  const chosen = datasets[cursor];
  const none = manifest
    ? 'It holds no datasets: there is nothing to verify or restore.'
    : 'Tab shows the file as it is.';
  return (
    <>
      {heading(state, opened)}
      <Table
        columns={columnsOf(state, opened)}
        rows={datasets}
        cursor={cursor}
        top={top}
        height={layout.list}
        empty={<Empty of={[none]} />}
      />
      <Panel title={chosen?.name ?? ''} height={layout.detail}>
        {chosen && <FactList width={9} of={facts(state, opened, chosen)} />}
        {chosen && remark(state, opened, chosen)}
      </Panel>
    </>
  );
}

/** What is known of the backup, in three lines. */
function heading(state: AppState, {id, manifest, reason, find}: ManifestState) {
  const row = rowIn(state.catalog, id);
  // It holds what its restore replaced, and is to hold no more.
  const wanted = state.catalog.safety.has(id) ? null : configuredOf(state);
  const judged = row && judgeRow(row, state.now, wanted);
  const label = manifest?.label ? `   label "${manifest.label}"` : '';
  const said = reason ?? row?.reason;
  return (
    <>
      {typeof find === 'string' ? (
        <TextField asks=" Find: " text={find} />
      ) : (
        <TextLine
          wide
          of={[
            strong(id),
            spare(`   made ${secondOf(manifest?.createdAt == null ? null : Date.parse(manifest.createdAt))}`),
            cutEnd(label),
          ]}
        />
      )}
      {judged ? (
        <TextLine of={['verified  ', {text: `${judged.mark} ${judged.text}`, look: judged.tone}]} />
      ) : (
        <Gap />
      )}
      <TextLine of={said ?? row?.notes[0] ?? ''} look={said ? 'bad' : 'none'} />
    </>
  );
}

const weak = ({algorithm}: Dataset): boolean => algorithm !== null && isWeak(algorithm);

function columnsOf({catalog}: AppState, {id, results}: ManifestState): Column<Dataset>[] {
  const row = rowIn(catalog, id);
  const bytesOf = (index: number): string => {
    const bytes = row?.datasets[index]?.bytes ?? null;
    return bytes === null ? '-' : formatBytes(bytes);
  };
  return [
    {head: 'DATASET', cell: ({name}) => name, fits: true, keeps: 28, most: 28},
    {head: 'SIZE', cell: (_, index) => bytesOf(index), width: 7, right: true},
    {
      head: 'COPY',
      cell: ({name}, index) => {
        const {text, tone} = datasetStatus(row, index, results.get(name));
        return {text, look: tone};
      },
      width: 13,
    },
    {head: 'ALGORITHM', cell: ({algorithm}) => algorithm ?? '?', width: 9},
    {cell: (dataset) => (weak(dataset) ? '!' : ''), width: 1, gap: 0},
    {head: 'HASH', cell: ({hash}) => hash ?? '(none recorded)'},
  ];
}

/** Of a database: what it was dumped of, and the tables, the largest first, as many as there is room for. */
function dumpFacts(state: AppState, {id}: ManifestState, {name, facts}: Dataset): ListedFact[] {
  const dump = rowIn(state.catalog, id)?.datasets.find((each) => each.name === name)?.dump;
  if (!dump) return [];
  const tables = largestFirst(facts?.rows ?? new Map()).map(([table, count]) => `${table} ${grouped(count)}`);
  return [
    {word: 'of', says: [serverText(dump)]},
    {word: 'holds', says: [dumpText(dump, state.now)]},
    {word: 'rows', says: [names(tables)]},
  ];
}

/** What is recorded of the chosen dataset. */
function facts(state: AppState, opened: ManifestState, dataset: Dataset): ListedFact[] {
  const {name, source, backup, hash} = dataset;
  const result = opened.results.get(name);
  const dump = dumpFacts(state, opened, dataset);
  return present<ListedFact>([
    ...dump,
    // Where PHP would lay a dump says nothing of where it is from.
    dump.length === 0 && {word: 'source', says: [cutStartOf(source ?? '-')]},
    {word: 'copy', says: [cutStartOf(backup ?? '-')]},
    {word: 'recorded', says: hash ?? '(none recorded)', lines: 2},
    result?.actual
      ? {word: 'actual', says: [result.actual], look: result.status === 'match' ? 'good' : 'bad'}
      : null,
  ]);
}

function remark({catalog}: AppState, {id, manifest, results}: ManifestState, dataset: Dataset) {
  const index = manifest?.datasets.indexOf(dataset) ?? -1;
  const flaw = rowIn(catalog, id)?.datasets[index]?.flaw;
  const said = results.get(dataset.name)?.reason ?? flaw ?? dataset.flaw;
  if (said) return <TextLine look="bad" of={said} />;
  return (
    weak(dataset) && <TextLine look="beware" of={`! ${dataset.algorithm} finds accidents, not tampering.`} />
  );
}
