import path from 'node:path';
import {escapeText} from '../engine/base/escape.ts';
import {formatBytes} from '../engine/base/format.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {type Row, type RowDataset, readRow} from '../engine/catalog/row.ts';
import {knownResults} from '../engine/catalog/verification.ts';
import {configuredNames} from '../engine/config/effective.ts';
import {isWeak} from '../engine/hashing/algorithms.ts';
import {readVerdicts, statePath} from '../engine/storage/content-verdicts.ts';
import {directoryOf, heldDirectory, listHeld} from '../engine/storage/held.ts';
import {manifestDigest} from '../engine/storage/manifest/digest.ts';
import type {CopyFacts} from '../engine/storage/manifest/facts.ts';
import {partialTexts} from '../engine/storage/manifest/partial.ts';
import {readManifest} from '../engine/storage/manifest/read.ts';
import {dumpText, grouped, largestFirst, serverText} from '../presenters/database-view.ts';
import {datasetStatus} from '../presenters/dataset-status.ts';
import {ageColumn, judgeRow} from '../presenters/row-view.ts';
import {writeJson, writeOut} from '../terminal/standard-output.ts';
import {rowJson} from './backup-list.ts';
import {type Command, type Invocation, openConfigured} from './command.ts';
import {findLatestOr, namedId} from './find-backup.ts';
import {idOrLatest as id} from './flags.ts';
import {table} from './table.ts';

const flags = {id};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'one backup: its manifest, copies and last verification',
  task: 'Look',
  operands: ['ID'],
  flags,
  endsAtOnce: true,
  run,
};

async function run(invocation: Call): Promise<ExitCode> {
  const given = namedId(invocation);
  const {place, configuration} = await openConfigured(invocation);
  const id = findLatestOr(place, given);
  const now = Date.now();
  const held = heldDirectory(place.root);
  const directory = directoryOf(place.backups, held, id);
  const hold = listHeld(held).find((each) => each.id === id);
  const pin = hold && {...hold, only: directory !== `${place.backups}/${id}`};
  const row = readRow(path.dirname(directory), id, now, readVerdicts(statePath(place.root)));
  const read = readManifest(directory);
  const manifest = read.state === 'read' ? read.manifest : null;
  const results = knownResults(directory, row.verification);
  const datasets = (manifest?.datasets ?? []).map((dataset, index) => ({
    name: dataset.name,
    algorithm: dataset.algorithm,
    weak: dataset.algorithm !== null && isWeak(dataset.algorithm),
    hash: dataset.hash,
    source: dataset.source,
    backup: dataset.backup,
    bytes: row.datasets[index]?.bytes ?? null,
    /** Of the last verification, while that holds. */
    status: results.get(dataset.name)?.status ?? null,
    actual: results.get(dataset.name)?.actual ?? null,
    reason: row.datasets[index]?.flaw ?? results.get(dataset.name)?.reason ?? null,
    /** Of a database: what it was dumped of, and the rows of each table. */
    ...(dataset.facts && {database: factsJson(dataset.facts)}),
  }));
  if (invocation.flags.json) {
    const digest = manifest ? manifestDigest(manifest.tree) : null;
    const answer = {...rowJson(row, configuration, pin), notes: row.notes, digest, datasets};
    await writeJson({command: 'backup:show', root: place.root, path: directory, ...answer});
    return manifest ? exitCode.done : exitCode.failed;
  }
  const {mark, text} = judgeRow(row, now, configuration && configuredNames(configuration));
  const facts: [string, string | null][] = [
    ['backup', id],
    ['path', directory],
    ['label', row.label],
    ['made', row.createdAt && `${row.createdAt} (${agoOf(row, now)})`],
    ['size', manifest && formatBytes(row.bytes)],
    ['verified', `${mark} ${text}${row.verification.reason ? ` (${row.verification.reason})` : ''}`],
    ['pinned', pin ? `${pin.reason} (${pin.by} on ${pin.host}, ${pin.at})` : null],
    ['wrong', row.reason],
    ...row.brokenInside.map(({name, detail}): [string, string] => ['inside', `! ${name}: ${detail}`]),
    ...partialTexts(row.partial).map((text): [string, string] => ['partial', `! ${text}`]),
    ...row.notes.map((note): [string, string] => ['note', note]),
  ];
  const lines = facts.flatMap(([name, value]) => (value ? [`${name.padEnd(9)} ${escapeText(value)}`] : []));
  if (datasets.length > 0) {
    lines.push(
      '',
      ...(await table(
        ['DATASET', 'SIZE', 'STATUS', 'ALGORITHM', 'HASH', 'SOURCE'],
        datasets.map(({name, bytes, algorithm, weak, hash, source, reason}, index) => [
          name,
          bytes === null ? '-' : formatBytes(bytes),
          datasetStatus(row, index, results.get(name)).text + (reason === null ? '' : `: ${reason}`),
          `${algorithm ?? '?'}${weak ? ' (weak)' : ''}`,
          hash ?? '(none)',
          source ?? '?',
        ]),
      )),
    );
    for (const [index, {facts}] of (manifest?.datasets ?? []).entries())
      lines.push(...dumpLines(row.datasets[index], facts, now));
    if (datasets.some(({weak}) => weak)) lines.push('', 'weak: finds accidents, not tampering.');
  }
  await writeOut(`${lines.join('\n')}\n`);
  return manifest ? exitCode.done : exitCode.failed;
}

const factsJson = ({rows, ...facts}: CopyFacts) => ({...facts, rows: Object.fromEntries(rows ?? [])});

/** What a dump is of, and its tables, the largest first. */
function dumpLines(dataset: RowDataset | undefined, facts: CopyFacts | undefined, now: number): string[] {
  if (!dataset?.dump || !facts) return [];
  const {dump, name} = dataset;
  const tool = facts.tool_version === undefined ? '' : `, dumped by pg_dump ${facts.tool_version}`;
  const counts = largestFirst(facts.rows ?? new Map());
  const width = Math.max(0, ...counts.map(([, rows]) => grouped(rows).length));
  return [
    '',
    escapeText(`${name}: ${serverText(dump)}${tool}`),
    `  ${dumpText(dump, now)}`,
    ...counts.map(([table, rows]) => `  ${grouped(rows).padStart(width)}  ${escapeText(table)}`),
  ];
}

function agoOf(row: Row, now: number): string {
  const age = ageColumn(row, now);
  return age === 'now' ? 'just now' : `${age} ago`;
}
