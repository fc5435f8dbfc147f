import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {readSmallFile} from '../engine/base/files.ts';
import {formatDuration} from '../engine/base/format.ts';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {checkEvidence} from '../engine/evidence/check.ts';
import {unsignedText} from '../engine/evidence/check-beside.ts';
import type {Interval} from '../engine/evidence/intervals.ts';
import {
  type AssetReport,
  isMissed,
  largestPopulation,
  parsePeriod,
  populationOf,
  type Report,
  report,
} from '../engine/evidence/report.ts';
import type {EvidenceRecord} from '../engine/evidence/schema.ts';
import {say, writeLine} from '../terminal/standard-output.ts';
import type {Command, Invocation} from './command.ts';
import {fileFlag, givenFiles, namesOf, pathFlag} from './evidence-files.ts';
import {csvLines, markdownLines} from './evidence-report-as.ts';
import {signerFlags, text, yes} from './flags.ts';
import {table} from './table.ts';

const flags = {
  population: text('LIST', 'a file with the ids of the assets that have to be drilled, one per line'),
  period: text('TEXT', 'the period that it counts for: 2026Q4, 2026, 2026H2 or 2026-11 (UTC)'),
  csv: yes('as CSV, a line for each dataset'),
  markdown: yes('as markdown, for a document'),
  ...signerFlags,
};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'drills passed, failed and missing for each asset of a list',
  task: 'Prove',
  operands: ['FILE…'],
  flags,
  examples: ['magds evidence report evidence/*.md --population=assets.txt --period=2026Q4'],
  run,
};

function population(invocation: Call): string[] {
  const {population: given} = invocation.flags;
  const file = pathFlag(invocation, given);
  if (file === null)
    throw new Problem(
      exitCode.usage,
      'Which assets have to be drilled? Give --population=LIST, a file with one id per line.',
    );
  const read = readSmallFile(file, largestPopulation);
  if ('missing' in read)
    throw new Problem(exitCode.notFound, `--population ${given}: there is no such file.`);
  if ('reason' in read) throw new Problem(exitCode.failed, `--population ${given} ${read.reason}.`);
  const ids = populationOf(read.data.toString('utf8'));
  if (ids.length === 0)
    throw new Problem(exitCode.usage, `--population ${given} names no asset: nothing would be reported.`);
  return ids;
}

type Files = {
  good: {file: string; record: EvidenceRecord}[];
  /** Files that do not check, and what could not be checked of others. */
  bad: {file: string; reason: string}[];
  incomplete: {file: string; reason: string}[];
  unsigned: string[];
};

async function checkAll(invocation: Call): Promise<Files> {
  const {flags, signal} = invocation;
  const allowedSigners = fileFlag(invocation, '--allowed-signers', flags.allowedSigners);
  const files: Files = {good: [], bad: [], incomplete: [], unsigned: []};
  for (const {given, file} of givenFiles(invocation)) {
    const options = {file, allowedSigners, identity: flags.identity ?? null, tsaCa: null, live: null, signal};
    for await (const event of checkEvidence(options)) {
      if (event.type !== 'checked') continue;
      const {checks, record, verdict} = event;
      const [first] = checks.filter(({state}) => state === 'failed');
      if (first || record === null) files.bad.push({file: given, reason: `${first?.name}: ${first?.text}`});
      else files.good.push({file: given, record});
      if (verdict === 'incomplete')
        files.incomplete.push({file: given, reason: namesOf(checks.filter(({gap}) => gap))});
      if (!first && checks.some(({text}) => text === unsignedText)) files.unsigned.push(given);
    }
  }
  return files;
}

/** `12m met, of 2h`: what was achieved against what was wanted. */
function intervalText({achieved, objective, verdict}: Interval): string {
  if (achieved === null) return 'not recorded';
  const text = formatDuration(Math.max(0, achieved));
  return objective === null ? text : `${text}, ${verdict} (${formatDuration(objective)})`;
}

function rowOf({id, state, drills}: AssetReport): string[] {
  const last = drills.findLast(({passed}) => passed) ?? drills.at(-1);
  const passed = drills.filter((drill) => drill.passed).length;
  return [
    state,
    String(passed),
    String(drills.length - passed),
    last?.at.slice(0, 10) ?? '-',
    last ? intervalText(last.rto) : '-',
    last ? intervalText(last.rpo) : '-',
    id,
  ];
}

/** What is to be known of the files themselves, a line each: in whatever form the rest is told. */
const noticesOf = ({others, notCounted}: Report, {bad, incomplete, unsigned}: Files): string[] => [
  ...bad.map(({file, reason}) => `x not counted, fails its checks: ${file}: ${reason}`),
  ...incomplete.map(({file, reason}) => `! not all could be checked: ${file}: ${reason}`),
  ...others.map(({id, file}) => `! not in the list: ${id} (${file})`),
  ...notCounted.map(({file, reason}) => `- not counted: ${file}: ${reason}`),
  ...(unsigned.length > 0
    ? [
        `! ${unsigned.length} of the files unsigned: they show corruption only; --allowed-signers=FILE leaves them out`,
      ]
    : []),
];

async function tell(period: string, result: Report, files: Files): Promise<void> {
  const {assets, covered} = result;
  const rows = await table(['STATE', 'PASSED', 'FAILED', 'LAST', 'RTO', 'RPO', 'ASSET'], assets.map(rowOf));
  const share = Math.floor((covered / assets.length) * 100);
  const failures = assets.flatMap(({id, drills}) =>
    drills.filter(({passed}) => !passed).map(({file, reason}) => `x failed: ${id}: ${reason} (${file})`),
  );
  const lines = [
    `Drills in ${period} (UTC)`,
    '',
    ...rows,
    '',
    `${covered === assets.length ? '+' : 'x'} Coverage: ${covered} of ${assets.length} assets with a drill that passed (${share} %).`,
    ...assets
      .filter(({state}) => state === 'missing')
      .map(({id}) => `x missing: ${id}: no drill in ${period}`),
    ...failures,
    ...assets.flatMap(({id, datasets}) =>
      datasets.filter(({state}) => state === 'missed').map(({name}) => `x objectives missed: ${id}: ${name}`),
    ),
    ...assets.flatMap(({id, drills}) =>
      drills.flatMap(({exceptions}) =>
        exceptions.map(
          ({what, owner, due}) =>
            `! exception: ${id}: ${what} (owner: ${owner ?? 'none'}; due: ${due ?? 'no date'})`,
        ),
      ),
    ),
    ...noticesOf(result, files),
  ];
  for (const line of lines) await writeLine(escapeText(line));
}

async function run(invocation: Call): Promise<ExitCode> {
  const {flags} = invocation;
  const forms = (['csv', 'markdown', 'json'] as const).filter((form) => flags[form]);
  if (forms.length > 1) throw new Problem(exitCode.usage, `--${forms.join(' and --')}: give one of them.`);
  const ids = population(invocation);
  const period = parsePeriod(flags.period ?? '');
  if (!period)
    throw new Problem(
      exitCode.usage,
      flags.period === undefined
        ? 'For which period? Give --period=2026Q4, or a year, half-year (2026H2) or month (2026-11).'
        : `--period ${flags.period} is not one: give 2026Q4, or a year, half-year (2026H2) or month (2026-11).`,
    );
  const files = await checkAll(invocation);
  const result = report(files.good, ids, period);
  if (flags.json) {
    const {assets, covered, others, notCounted} = result;
    const head = {command: 'evidence:report', period: flags.period, population: ids.length, covered};
    const rest = {assets, others, not_counted: notCounted, failed: files.bad, incomplete: files.incomplete};
    await writeLine(asciiJson({...head, coverage: covered / ids.length, ...rest, unsigned: files.unsigned}));
  } else if (flags.csv || flags.markdown) {
    const notices = noticesOf(result, files);
    const lines = flags.csv ? csvLines(result) : markdownLines(flags.period ?? '', result, notices);
    for (const line of lines) await writeLine(flags.csv ? escapeText(line) : line);
    // A table has no room for it, and it must not be missed.
    if (flags.csv) for (const notice of notices) say(escapeText(notice));
  } else await tell(flags.period ?? '', result, files);
  if (files.bad.length > 0) return exitCode.verificationFailed;
  return result.covered === ids.length && !isMissed(result) ? exitCode.done : exitCode.partial;
}
