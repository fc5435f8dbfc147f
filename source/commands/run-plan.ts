import {isWhole, type RunPlan} from '../engine/backup/plan.ts';
import {escapeText} from '../engine/base/escape.ts';
import {formatBytes} from '../engine/base/format.ts';
import {updateReminder} from '../engine/config/last-run.ts';
import type {RunPlace} from '../engine/config/project.ts';
import {emptiesText, type PhpForecast} from '../engine/retention/php-forecast.ts';
import type {Verdict} from '../engine/retention/retention.ts';

export const verdictsJson = (verdicts: Verdict[]) =>
  verdicts.map(({id, stays, reason, datasets}) => ({id, stays, reason, datasets}));

/** A plan for scripts. */
export function planJson(plan: RunPlan, {root}: RunPlace, refused: string | null) {
  return {
    command: 'backup:plan',
    root,
    id: plan.id,
    datasets: plan.datasets.map(({dataset, files, missing}) => ({
      name: dataset.name,
      type: dataset.type.name,
      source: dataset.source,
      files: files.length,
      bytes: files.reduce((sum, {bytes}) => sum + bytes, 0),
      reason: missing,
    })),
    bytes: plan.bytes,
    needed: plan.needed,
    free: plan.free,
    missing: plan.missing.map(({name}) => name),
    left_out: plan.leftOut,
    retention: verdictsJson(plan.retention),
    pruned:
      refused !== null || !isWhole(plan) ? [] : plan.retention.filter(({stays}) => !stays).map(({id}) => id),
    php_would_delete: plan.php,
    php_would_empty: plan.phpEmpties,
    notes: plan.notes,
    changes: plan.changes,
    hooks: plan.hooks,
    reason: refused,
  };
}

/** What the runbook wants done when the configuration changed; a line each. */
export const changeLines = (changes: string[]): string[] =>
  changes.length === 0
    ? []
    : [...changes.map((change) => `! since the last run: ${escapeText(change)}`), `! ${updateReminder}`];

/** What retention keeps and takes; the stays in full only where asked for. */
export const verdictLines = (verdicts: Verdict[]): string[] =>
  verdicts.map(
    ({id, stays, reason}) =>
      `  ${stays ? '=' : '-'} ${escapeText(id)}  ${stays ? 'stays' : 'goes'}: ${escapeText(reason)}`,
  );

/** What PHP's next run would delete, and empty. */
export const phpLines = ({deletes, empties}: PhpForecast, moment: string): string[] => [
  ...(deletes.length === 0
    ? []
    : [
        `! ${moment}, PHP's own next run would delete ${deletes.map(escapeText).join(', ')}. "magds backup pin ID --reason=…" holds one.`,
      ]),
  ...(empties ? [`x ${moment}, PHP's own ${escapeText(emptiesText(empties))}. Take that link away.`] : []),
];

/** The site's commands that are run around it. */
const hookLines = ({before, after}: RunPlan['hooks']): string[] => [
  ...before.map((command) => `Before it, a hook: ${escapeText(command.join(' '))}`),
  ...after.map((command) => `After it, a hook: ${escapeText(command.join(' '))}`),
];

/** A plan for people. */
export function planText(plan: RunPlan, {backups}: RunPlace, refused: string | null): string {
  const {datasets, bytes, needed, free, leftOut, retention} = plan;
  const lines = datasets.map(({dataset, files, missing: reason}) => {
    const size = formatBytes(files.reduce((sum, each) => sum + each.bytes, 0));
    const counted = dataset.type.counted(files.length);
    const count = counted === null ? '' : `${counted}, `;
    const name = escapeText(dataset.name);
    const place = escapeText(dataset.type.describe(dataset));
    return reason === null
      ? `  + ${name}  ${count}${size}  ${place}`
      : `  x ${name}  ${escapeText(reason)}  ${place}`;
  });
  const space = free === null ? '' : `, ${formatBytes(needed)} of ${formatBytes(free)} free`;
  const goes = retention.filter(({stays}) => !stays);
  const waits = !isWhole(plan) && goes.length > 0;
  return `${[
    `Would make ${escapeText(plan.id)} in ${escapeText(backups)}: ${formatBytes(bytes)}${space}`,
    ...lines,
    ...hookLines(plan.hooks),
    ...leftOut.map(
      ({name, reason, grave}) =>
        `  ${grave ? 'x' : '!'} ${escapeText(name)}  left out: ${escapeText(reason)}`,
    ),
    ...plan.notes.map((note) => `  ! ${escapeText(note)}`),
    goes.length === 0
      ? 'Retention would then remove nothing.'
      : waits
        ? `Retention would wait, because something is missing; otherwise it would remove:`
        : 'Retention would then remove:',
    ...verdictLines(goes),
    ...phpLines({deletes: plan.php, empties: plan.phpEmpties}, 'After that'),
    ...changeLines(plan.changes),
    refused ? `x It would be refused: ${escapeText(refused)}.` : 'Nothing was written.',
  ].join('\n')}\n`;
}
