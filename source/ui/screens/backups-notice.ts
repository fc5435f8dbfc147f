import {escapeText} from '../../engine/escape.ts';
import {formatBytes} from '../../engine/format.ts';
import type {AppState} from '../../state/app.ts';
import {phaseOf} from '../../state/follow.ts';
import {widthOf} from '../../state/graphemes.ts';
import {doomedByPhp} from '../../state/php-forecast.ts';
import {type Prompt, unpinWord} from '../../state/prompt.ts';
import {going} from '../../state/prune-screen.ts';
import {fraction} from '../../state/rate.ts';
import {answeredOf, openSession} from '../../state/sessions-screen.ts';
import {cut, type Line, percent, plain, type Style, theme, typedText} from '../line.ts';

/** The one thing worth knowing before the list. */
export function notice(state: AppState): Line {
  const {backups, catalog, prompt} = state;
  const {columns} = state.size;
  const total = catalog.ids.length;
  if (prompt) return question(prompt, columns);
  if (backups.typing) {
    const rest = `  ${backups.shown.length} of ${total}   Enter keep, Esc clear`;
    const asked = ' Filter: ';
    return [{text: asked}, typedText(backups.filter, columns - asked.length - rest.length), {text: rest}];
  }
  const busy = writing(state);
  if (backups.filter !== '') {
    const filter = cut(escapeText(backups.filter), 30);
    const text = ` Filter: ${filter}   ${backups.shown.length} of ${total}   Esc clears it   `;
    return [{text, ...theme.beware}, {text: busy?.text ?? ''}];
  }
  // Why, and what to do about it, takes more than a line: it stands where messages do.
  if (catalog.problem) return plain(' x The list is not up to date: see below.', theme.bad);
  if (busy)
    return [{text: ` ${busy.text}  `, ...busy.style}, {text: busy.key, ...theme.key}, {text: ' shows it'}];
  const doomed = doomedByPhp(state);
  if (doomed.length > 0) {
    const more = doomed.length > 1 ? ` and ${doomed.length - 1} more` : '';
    const stray = catalog.strays[0] ? `; ${escapeText(catalog.strays[0].name)} counts` : '';
    const text = ` ! PHP's next run deletes ${escapeText(doomed[0] ?? '')}${more}`;
    const room = columns - text.length - stray.length - 8 >= 0;
    return [
      {text: `${text}${room ? stray : ''}  `, ...theme.beware},
      {text: 'h', ...theme.key},
      {text: ' hold'},
    ];
  }
  const strays = catalog.strays.length;
  const [stray] = catalog.strays;
  if (stray) {
    const name = escapeText(stray.name);
    const text =
      strays === 1
        ? `${name}: no backup, but PHP's retention counts it as one`
        : `${strays} entries that are no backups (${name}, ...): PHP's retention counts them`;
    return plain(` ! ${text}`, theme.beware);
  }
  if (!catalog.complete && catalog.rows.size < total) return plain(` ${total} backups, reading ...`);
  return plain(` ${total} ${total === 1 ? 'backup' : 'backups'}`);
}

type Busy = {text: string; key: string; style?: Style};

/** What is at work just now or waits for somebody, and the key that shows it; null when nothing. */
function writing(state: AppState): Busy | null {
  const {run, prune, follow, stopped, sessions} = state;
  if (stopped)
    return {text: `x Session ${stopped.session} stopped halfway: decide.`, key: 'r', style: theme.bad};
  if (follow && !follow.finished) return {text: `A restore is at work: ${phaseOf(follow)}.`, key: 'r'};
  if (run?.state === 'running') {
    const text = run.stopping
      ? 'The backup is being cancelled.'
      : `A backup is running: ${percent(fraction(run.progress)).trim()} of ${formatBytes(run.progress.totalBytes)}.`;
    return {text, key: 'b'};
  }
  if (prune?.state !== 'running') {
    const open = openSession(sessions);
    const text = `! Session ${open?.number} is not signed off: ${open && answeredOf(open)} answered.`;
    return open && {text, key: 'a', style: theme.beware};
  }
  return {text: `Backups are being removed: ${prune.pruned.length} of ${going(prune).length}.`, key: 'P'};
}

/** Asked on the line above the list, so that what it is about stays in view. */
function question({kind, id, text}: Prompt, columns: number): Line {
  const [before, after] = kind === 'pin' ? [' Why hold ', '? '] : [' Let ', ` go? Type ${unpinWord}: `];
  const name = cut(escapeText(id), columns - before.length - after.length - leastTyped);
  const asked = before + name + after;
  const room = columns - widthOf(asked);
  // The line at the bottom names the keys too, so that they give way to what is typed.
  const keys = '   Enter done, Esc cancel';
  const hint = widthOf(escapeText(text)) + 1 + keys.length <= room ? keys : '';
  return [{text: asked}, typedText(text, room), {text: hint}];
}

/** Columns that are left for an answer, however long the backup's name is. */
const leastTyped = 20;
