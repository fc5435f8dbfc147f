import {escapeText} from '../../../engine/base/escape.ts';
import {clip, cutStart, fill, type Line, pad, paragraph, plain, someOf, theme} from '../../kit/line.ts';
import {bodyHeight} from '../../layout.ts';
import type {AppState} from '../../state.ts';
import {going, type PruneTask, pruneWindow} from './state.ts';

export function pruneScreen(state: AppState): Line[] {
  const {prune, size} = state;
  if (!prune) return [];
  const {columns} = size;
  return fill(
    [head(state, prune), ...listLines(state, prune), [], php(prune, columns), [], ...below(prune, columns)],
    bodyHeight(size),
  ).map((line) => clip(line, columns));
}

/** How many go, or went, and by which rule. */
function head({configuration, size}: AppState, task: PruneTask): Line {
  const goes = going(task).length;
  const of = `${goes} of ${task.verdicts.length}`;
  const what = {
    ready: goes === 0 ? 'Nothing goes' : `${of} ${goes === 1 ? 'goes' : 'go'}`,
    running: `Removing ${of}`,
    done: task.pruned.length === 0 ? 'Nothing was removed' : `${task.pruned.length} of ${goes} removed`,
  }[task.state];
  const limit = configuration?.maxCount;
  if (limit === undefined || limit.value === null) return plain(` ${what}: retention keeps all.`);
  const start = ` ${what}: retention keeps the newest ${limit.value} that are whole (`;
  return plain(`${start}${cutStart(escapeText(limit.from), size.columns - start.length - 2)}).`);
}

function listLines({size}: AppState, task: PruneTask): Line[] {
  const {verdicts, top, pruned} = task;
  const {lines, scrolls} = pruneWindow(task, size);
  const width = Math.min(
    Math.max(24, size.columns - 48),
    44,
    Math.max(18, ...verdicts.map(({id}) => escapeText(id).length)),
  );
  const gone = new Set(pruned);
  const shown = verdicts.slice(top, top + lines).map(({id, stays, reason}): Line => {
    const [mark, word] = stays ? ['=', 'stays'] : gone.has(id) ? ['-', 'gone'] : ['x', 'goes'];
    const text = `   ${mark} ${pad(escapeText(id), width)}  ${pad(word, 5)}  ${escapeText(reason)}`;
    return plain(text, mark === 'x' ? theme.beware : {});
  });
  if (!scrolls) return shown;
  const after = verdicts.length - top - lines;
  const more = after > 0 ? `... ${after} more below` : '... that is the last';
  return [...fill(shown, lines), plain(`     ${more}${top > 0 ? `, ${top} above` : ''}`)];
}

function php({php: ids, phpEmpties}: PruneTask, columns: number): Line {
  if (phpEmpties) {
    const before = "   x PHP's own next run would then empty ";
    const after = `: ${escapeText(phpEmpties.link)} leads there`;
    return plain(before + escapeText(phpEmpties.target) + after, theme.bad);
  }
  if (ids.length === 0) return plain("   PHP's own next run would then delete nothing.");
  const start = "   ! PHP's own next run would then delete ";
  return plain(start + someOf(ids, columns - start.length), theme.beware);
}

/** What the operator has to do, or to know: the question, or how it ended. */
function below(task: PruneTask, columns: number): Line[] {
  const {state, typed, pruned, failed, left, problem} = task;
  const bad = (all: {id: string; reason: string}[], what: string): Line[] =>
    all[0] ? paragraph(`x ${all.length} ${what}: ${all[0].id}: ${all[0].reason}`, columns, theme.bad) : [];
  if (problem) return paragraph(`x ${problem}`, columns, theme.bad);
  if (state === 'running') return [plain(`   Removing: ${pruned.length} of ${going(task).length} done ...`)];
  if (state === 'done')
    return [
      plain(`   ${pruned.length} removed.`, theme.good),
      ...bad(failed, 'could not be removed'),
      ...bad(left, 'left files behind'),
    ];
  if (going(task).length === 0) return [plain('   There is nothing to confirm. Esc goes back.')];
  return [
    plain('   They are deleted for good. Type how many go, then Enter:'),
    [{text: '   > '}, {text: `${typed}_`, ...theme.selected}],
  ];
}
