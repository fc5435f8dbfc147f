import {escapeText} from '../../../engine/base/escape.ts';
import {formatBytes} from '../../../engine/base/format.ts';
import {isWeak} from '../../../engine/hashing/algorithms.ts';
import type {Dataset} from '../../../engine/storage/manifest/schema.ts';
import {datasetStatus} from '../../../presenters/dataset-status.ts';
import {wrap} from '../../../presenters/graphemes.ts';
import {judgeRow} from '../../../presenters/row-view.ts';
import {
  clip,
  cutStart,
  fill,
  type Line,
  linesShown,
  pad,
  padStart,
  plain,
  rule,
  theme,
  toneStyle,
} from '../../kit/line.ts';
import {manifestLayout, rawHeight} from '../../layout.ts';
import {type AppState, configuredOf} from '../../state.ts';
import type {ManifestState} from './state.ts';

export function manifestScreen(state: AppState): Line[] {
  const {manifest} = state;
  if (!manifest) return [];
  return manifest.view === 'raw' ? rawLines(state, manifest) : tableLines(state, manifest);
}

function rawLines({size}: AppState, {raw, rawTop, id}: ManifestState): Line[] {
  const height = rawHeight(size);
  const last = Math.min(raw.length, rawTop + height);
  const head = plain(
    ` ${escapeText(id)}/manifest.json   ${linesShown(raw.length === 0 ? 0 : rawTop + 1, last, raw.length)}`,
  );
  return [
    clip(head, size.columns),
    ...fill(
      raw.slice(rawTop, last).map((line) => clip(plain(` ${line}`), size.columns)),
      height,
    ),
  ];
}

function facts(state: AppState, {id, manifest, reason}: ManifestState): Line[] {
  const row = state.catalog.rows.get(id);
  const judged = row ? judgeRow(row, state.now, configuredOf(state)) : null;
  const verified: Line = judged
    ? [
        {text: '   verified  '},
        {text: `${judged.mark} ${escapeText(judged.text)}`, ...toneStyle[judged.tone]},
      ]
    : [];
  const label = manifest?.label ? `   label "${escapeText(manifest.label)}"` : '';
  const made = manifest?.createdAt ? `made ${escapeText(manifest.createdAt)}` : 'made ?';
  const third = reason ?? row?.reason ?? row?.notes[0] ?? '';
  return [
    plain(` ${escapeText(id)}   ${made}${label}`, theme.selected),
    verified,
    plain(`   ${escapeText(third)}`, reason || row?.reason ? theme.bad : {}),
  ];
}

function tableLines(state: AppState, manifest: ManifestState): Line[] {
  const {columns} = state.size;
  const layout = manifestLayout(state.size);
  const datasets = manifest.manifest?.datasets ?? [];
  const name = Math.min(
    28,
    Math.max(7, ...datasets.slice(0, 200).map((dataset) => escapeText(dataset.name).length)),
  );
  const head = `   ${pad('DATASET', name)}  ${padStart('SIZE', 7)}  ${pad('COPY', 13)}  ${pad('ALGORITHM', 10)}  HASH`;
  const window = datasets.slice(manifest.top, manifest.top + layout.list);
  const lines = window.map((dataset, index) =>
    datasetLine(state, manifest, dataset, manifest.top + index, name),
  );
  const body = manifest.manifest
    ? datasets.length === 0
      ? [[], plain('   It holds no datasets: there is nothing to verify or restore.')]
      : lines
    : [[], plain('   Tab shows the file as it is.')];
  const chosen = datasets[manifest.cursor];
  return [
    ...facts(state, manifest),
    plain(head),
    ...fill(body, layout.list),
    rule(chosen ? escapeText(chosen.name) : '', columns),
    ...fill(chosen ? chosenLines(state, manifest, chosen) : [], layout.detail),
  ].map((line) => clip(line, columns));
}

function datasetLine(
  state: AppState,
  manifest: ManifestState,
  dataset: Dataset,
  index: number,
  name: number,
): Line {
  const selected = index === manifest.cursor;
  const row = state.catalog.rows.get(manifest.id);
  const bytes = row?.datasets[index]?.bytes ?? null;
  const {text, tone} = datasetStatus(row, index, manifest.results.get(dataset.name));
  const weak = dataset.algorithm && isWeak(dataset.algorithm) ? '!' : ' ';
  const bold = selected ? theme.selected : {};
  return [
    {
      text: ` ${selected ? '>' : ' '} ${pad(escapeText(dataset.name), name)}  ${padStart(bytes === null ? '-' : formatBytes(bytes), 7)}  `,
      ...bold,
    },
    {text: pad(text, 13), ...toneStyle[tone], ...bold},
    {
      text: `  ${pad(escapeText(dataset.algorithm ?? '?'), 9)}${weak}  ${escapeText(dataset.hash ?? '(none recorded)')}`,
      ...bold,
    },
  ];
}

function chosenLines(state: AppState, manifest: ManifestState, dataset: Dataset): Line[] {
  const {columns} = state.size;
  const index = manifest.manifest?.datasets.indexOf(dataset) ?? -1;
  const flaw = state.catalog.rows.get(manifest.id)?.datasets[index]?.flaw ?? null;
  const result = manifest.results.get(dataset.name);
  const room = columns - 13;
  const field = (name: string, value: string | null): Line =>
    plain(`   ${pad(name, 9)} ${cutStart(escapeText(value ?? '-'), room)}`);
  const hash = escapeText(dataset.hash ?? '(none recorded)');
  const lines: Line[] = [
    field('source', dataset.source),
    field('copy', dataset.backup),
    ...wrap([hash], room)
      .slice(0, 2)
      .map((part, line) => plain(`   ${pad(line === 0 ? 'recorded' : '', 9)} ${part}`)),
  ];
  if (result?.actual)
    lines.push(
      plain(
        `   actual    ${result.actual.slice(0, room)}`,
        result.status === 'match' ? theme.good : theme.bad,
      ),
    );
  const said = result?.reason ?? flaw ?? dataset.flaw;
  if (said) lines.push(plain(`   ${escapeText(said)}`, theme.bad));
  else if (dataset.algorithm && isWeak(dataset.algorithm))
    lines.push(plain(`   ! ${escapeText(dataset.algorithm)} finds accidents, not tampering.`, theme.beware));
  return lines;
}
