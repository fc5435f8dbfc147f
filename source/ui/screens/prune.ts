import {escapeText} from '../../engine/escape.ts';
import type {AppState} from '../../state/app.ts';
import {wrapWords} from '../../state/graphemes.ts';
import {pruneListHeight} from '../../state/layout.ts';
import {going, type PruneTask} from '../../state/prune-screen.ts';
import {clip, fill, type Line, pad, plain, theme} from '../line.ts';

export function pruneScreen(state: AppState): Line[] {
  const {prune, size, configuration} = state;
  if (!prune) return [];
  const height = pruneListHeight(size);
  const goes = going(prune).length;
  const limit = configuration?.maxCount;
  const rule =
    limit === undefined || limit.value === null
      ? 'retention keeps all'
      : `retention keeps the newest ${limit.value} that are whole (${escapeText(limit.from)})`;
  const width = Math.min(44, Math.max(18, ...prune.verdicts.map(({id}) => escapeText(id).length)));
  const lines = prune.verdicts.slice(prune.top, prune.top + height).map(({id, stays, reason}): Line => {
    const gone = prune.pruned.includes(id);
    const mark = stays ? '=' : gone ? '-' : 'x';
    const word = stays ? 'stays' : gone ? 'gone' : 'goes';
    const text = `   ${mark} ${pad(escapeText(id), width)}  ${pad(word, 5)}  ${escapeText(reason)}`;
    return plain(text, stays || gone ? {} : theme.beware);
  });
  const total = prune.verdicts.length;
  const more =
    total > height ? `   ${prune.top + 1} to ${Math.min(total, prune.top + height)} of ${total}` : '';
  return [
    plain(
      ` ${goes === 0 ? 'Nothing goes' : `${goes} of ${total} ${goes === 1 ? 'goes' : 'go'}`}: ${rule}.${more}`,
    ),
    ...fill(lines, height),
    [],
    php(prune),
    [],
    ...fill(question(prune, goes, size.columns), 4),
  ].map((line) => clip(line, size.columns));
}

function php({php: ids}: PruneTask): Line {
  if (ids.length === 0) return plain("   PHP's own next run would then delete nothing.");
  const shown = ids.slice(0, 2).map(escapeText).join(', ');
  const more = ids.length > 2 ? ` and ${ids.length - 2} more` : '';
  return plain(`   ! PHP's own next run would then delete ${shown}${more}`, theme.beware);
}

function question(task: PruneTask, goes: number, columns: number): Line[] {
  const {state, typed, pruned, failed, problem} = task;
  if (problem)
    return wrapWords(`x ${escapeText(problem)}`, columns - 6).map((line) => plain(`   ${line}`, theme.bad));
  if (state === 'running') return [plain(`   Removing: ${pruned.length} of ${goes} done ...`)];
  if (state === 'done') {
    const [first] = failed;
    const bad = first
      ? [
          plain(
            `   x ${failed.length} could not be removed: ${escapeText(first.id)}: ${escapeText(first.reason)}`,
            theme.bad,
          ),
        ]
      : [];
    return [plain(`   ${pruned.length} removed.`, theme.good), ...bad];
  }
  if (goes === 0) return [plain('   There is nothing to confirm. Esc goes back.')];
  return [
    plain('   They are deleted for good. Type how many go, then Enter:'),
    [{text: '   > '}, {text: `${typed}_`, ...theme.selected}],
  ];
}
