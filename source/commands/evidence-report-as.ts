import {code, list, table as markdownTable, paragraph} from '../engine/evidence/markdown.ts';
import type {AssetReport, Report} from '../engine/evidence/report.ts';

/** A field of CSV (RFC 4180). What a spreadsheet would take for a formula is made a text. */
function field(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const seconds = (value: number | null): string => (value === null ? '' : String(Math.ceil(value)));

const columns = [
  ...['asset', 'state', 'dataset', 'objectives', 'drill', 'session', 'result', 'reason'],
  ...['rto_seconds', 'rto', 'rpo_seconds', 'rpo', 'exceptions', 'file'],
];

const exceptionText = ({what, owner, due}: AssetReport['drills'][number]['exceptions'][number]): string =>
  `${what}; ${owner ?? 'no owner'}; ${due ?? 'no due date'}`;

/** A line for each dataset of each asset, with its last drill; of an asset without one, a line for the asset. */
export function csvLines({assets}: Report): string[] {
  const rows = assets.flatMap(({id, state, drills, datasets}) => {
    const all = datasets.length > 0 ? datasets : [{name: '', state: 'missing'}];
    return all.map(({name, state: objectives}) => {
      const of = drills.filter((drill) => name === '' || drill.datasets.includes(name));
      const last = of.findLast(({passed}) => passed) ?? of.at(-1);
      if (!last) return [id, state, name, objectives, '', '', 'missing', ...Array<string>(7).fill('')];
      const {at, session, passed, reason, rto, rpo, exceptions, file} = last;
      return [
        ...[id, state, name, objectives, at, String(session), passed ? 'passed' : 'failed', reason ?? ''],
        ...[seconds(rto.achieved), rto.verdict, seconds(rpo.achieved), rpo.verdict],
        ...[exceptions.map(exceptionText).join(' / '), file],
      ];
    });
  });
  return [columns, ...rows].map((row) => row.map(field).join(','));
}

/**
 * The same for people, to be put into a document.
 * @param notices what is to be known of the files themselves
 */
export function markdownLines(period: string, {assets, covered}: Report, notices: string[]): string[] {
  const drilled = assets.flatMap(({id, drills}) => drills.map((drill) => ({id, ...drill})));
  const points = drilled.flatMap(({id, exceptions}) =>
    exceptions.map(
      ({what, owner, due}) => `${code(id)}: ${code(what)}; owner: ${code(owner)}; due: ${code(due)}`,
    ),
  );
  const missing = assets.filter(({state}) => state === 'missing').map(({id}) => code(id));
  return [
    `# Restore drills in ${code(period)} (UTC)`,
    '',
    ...paragraph(`Covered: ${covered} of ${assets.length} assets with a drill that passed.`),
    '## Objectives by dataset',
    '',
    ...markdownTable(
      ['Asset', 'State', 'Dataset', 'Objectives'],
      assets.flatMap(({id, state, datasets}) =>
        (datasets.length > 0 ? datasets : [{name: null, state: 'missing'}]).map((each) => [
          code(id),
          state,
          each.name === null ? '-' : code(each.name),
          each.state,
        ]),
      ),
    ),
    '## Drills',
    '',
    ...markdownTable(
      ['Asset', 'When', 'Session', 'Result', 'RTO', 'RPO'],
      drilled.map(({id, at, session, passed, reason, rto, rpo}) => [
        code(id),
        at,
        String(session),
        passed ? 'passed' : `failed: ${code(reason)}`,
        `${seconds(rto.achieved) || '-'} s, ${rto.verdict}`,
        `${seconds(rpo.achieved) || '-'} s, ${rpo.verdict}`,
      ]),
    ),
    '## Missing',
    '',
    ...list(missing, 'None.'),
    '## Exceptions',
    '',
    ...list(points, 'None is recorded.'),
    '## Files',
    '',
    ...list(notices.map(code), 'Each was counted, is signed, and all of it could be checked.'),
  ];
}
