import {escapeText} from '../../../engine/base/escape.ts';
import {formatBytes} from '../../../engine/base/format.ts';
import {timeForms} from '../../../engine/base/time-text.ts';
import {lacks, suggest, whyBeware} from '../../../engine/catalog/suggest.ts';
import {cut, widthOf} from '../../../presenters/graphemes.ts';
import {minuteOf} from '../../../presenters/moment.ts';
import {fraction} from '../../../presenters/rate.ts';
import {configuredOf} from '../../facts.ts';
import {
  cutStart,
  fill,
  type Line,
  percent,
  plain,
  type Style,
  someOf,
  theme,
  typedText,
} from '../../kit/line.ts';
import {type Prompt, unpinWord} from '../../prompt.ts';
import type {AppState} from '../../state.ts';
import {followedInto, phaseOf} from '../progress/state.ts';
import {going, pruneSlice} from '../prune/state.ts';
import {type RunTask, runSlice} from '../run/state.ts';
import {answeredOf, openSession} from '../sessions/state.ts';
import {doomedByPhp} from './php-forecast.ts';
import {backupsSlice} from './state.ts';

/** What is worth knowing before the list, in exactly so many lines: what matters most comes first. */
export function notices(state: AppState, height: number): Line[] {
  const first = foremost(state);
  const lines = [...(first ? [first] : []), ...standing(state)];
  return fill(lines.length > 0 ? lines : [count(state)], height);
}

/** What takes the first line, whatever else there is; null when nothing does. */
function foremost(state: AppState): Line | null {
  const {catalog, prompt} = state;
  const backups = backupsSlice.of(state);
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
  return null;
}

/** What is as it is, for as long as it is. */
function standing(state: AppState): Line[] {
  const forms = state.prompt?.kind === 'since' ? plain(`   ${timeForms}; empty removes it`) : null;
  return [forms, undecided(state), writers(state), passedOver(state), forPhp(state)].filter(
    (line) => line !== null,
  );
}

/** Since when things are bad is known: what speaks against what is suggested, or what to do where nothing is. */
function undecided(state: AppState): Line | null {
  const {catalog, badSince, now, size} = state;
  const suggestion = badSince && suggest(catalog, badSince.at);
  if (!badSince || !suggestion) return null;
  const when = minuteOf(badSince.at, now);
  if (suggestion.state === 'reading') return plain(` Backups of before ${when} are being read ...`);
  if (suggestion.state === 'suggested') return lacking(suggestion.id, state);
  if (suggestion.next === null) {
    const none = suggestion.passed.length > 0 ? 'No sound backup' : 'No whole backup';
    return plain(` ? ${none} is from before ${when}`, theme.beware);
  }
  const text = ` ? None verified before ${when}:  `;
  const name = cut(escapeText(suggestion.next), size.columns - text.length - 'v on '.length);
  return [{text, ...theme.beware}, {text: 'v', ...theme.key}, {text: ` on ${name}`}];
}

/** What is configured now and not in the one that is suggested, or not whole in it. */
function lacking(id: string, state: AppState): Line | null {
  const row = state.catalog.rows.get(id);
  const names = row ? lacks(row, configuredOf(state)) : [];
  if (row && names.length === 0 && row.partial.length > 0)
    return plain(` ! What is SUGGESTED ${escapeText(whyBeware(row, null) ?? '')}`, theme.beware);
  if (names.length === 0) return null;
  const head = ' ! What is SUGGESTED has no ';
  return plain(head + someOf(names, state.size.columns - head.length - 1), theme.beware);
}

/** Why the newest verified backup from before is not the one that is suggested. */
function passedOver({catalog, badSince, size}: AppState): Line | null {
  const suggestion = badSince && suggest(catalog, badSince.at);
  const [newest] = !suggestion || suggestion.state === 'reading' ? [] : suggestion.passed;
  if (!newest) return null;
  const but = ` is verified too, but ${escapeText(newest.why)}`;
  return plain(
    ` ! ${cut(escapeText(newest.id), Math.max(8, size.columns - but.length - 4))}${but}`,
    theme.beware,
  );
}

/** The live files are written to: what is bad may still become worse. */
function writers({writes, size}: AppState): Line | null {
  const [latest] = writes;
  if (!latest) return null;
  const [before, after] = [
    ' ! service is writing: ',
    `, ${latest.seconds < 1 ? 'just now' : `${latest.seconds}s ago`}`,
  ];
  const names = someOf(
    writes.map(({name}) => name),
    size.columns - before.length - after.length,
  );
  return plain(before + names + after, theme.beware);
}

/** What PHP's retention does next, or counts wrongly. */
function forPhp(state: AppState): Line | null {
  const {catalog} = state;
  const {columns} = state.size;
  const {deletes: doomed, empties} = doomedByPhp(state);
  if (empties) {
    const before = " x PHP's next run empties ";
    const after = `: ${cut(escapeText(empties.link), Math.floor(columns / 4))} leads there`;
    const target = cutStart(escapeText(empties.target), columns - before.length - widthOf(after));
    return plain(before + target + after, theme.bad);
  }
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
  return null;
}

function count({catalog}: AppState): Line {
  const total = catalog.ids.length;
  if (!catalog.complete && catalog.rows.size < total) return plain(` ${total} backups, reading ...`);
  return plain(` ${total} ${total === 1 ? 'backup' : 'backups'}`);
}

type Busy = {text: string; key: string; style?: Style};

/** What is at work just now or waits for somebody, and the key that shows it; null when nothing. */
function writing(state: AppState): Busy | null {
  const {follow, stopped, sessions} = state;
  const run = runSlice.of(state);
  const prune = pruneSlice.of(state);
  if (stopped)
    return {text: `x Session ${stopped.session} stopped halfway: decide.`, key: 'r', style: theme.bad};
  if (follow && !follow.finished) {
    const what = followedInto(follow) === null ? 'A restore' : 'A drill';
    return {text: `${what} is at work: ${phaseOf(follow)}.`, key: 'r'};
  }
  if (run?.state === 'running') {
    const text = run.stopping
      ? 'The backup is being cancelled.'
      : `A backup is running: ${percent(fraction(run.progress)).trim()} of ${formatBytes(run.progress.totalBytes)}.`;
    return {text, key: 'b'};
  }
  if (run?.unseen) return ended(run);
  if (prune?.state !== 'running') {
    const open = openSession(sessions);
    const text = `! Session ${open?.number} is not signed off: ${open && answeredOf(open)} answered.`;
    return open && {text, key: 'a', style: theme.beware};
  }
  return {text: `Backups are being removed: ${prune.pruned.length} of ${going(prune).length}.`, key: 'P'};
}

/** A backup that ended while the operator was elsewhere, until he has looked at how. */
function ended({problem, progress: {result}}: RunTask): Busy {
  const outcome = problem === null ? (result?.outcome ?? 'failed') : 'failed';
  const isWell = outcome === 'done' && result?.untold.length === 0 && result.notPruned === null;
  if (isWell) return {text: '+ The backup is done.', key: 'b', style: theme.good};
  const text = {
    done: '! The backup is done, but not all that belongs to it.',
    partial: '! The backup is done, and something is missing from it.',
    cancelled: '! The backup was cancelled.',
    failed: 'x The backup failed.',
  }[outcome];
  return {text, key: 'b', style: outcome === 'failed' ? theme.bad : theme.beware};
}

/** Asked on the line above the list, so that what it is about stays in view. */
function question({kind, id, text}: Prompt, columns: number): Line {
  const [before, after] =
    kind === 'pin'
      ? [' Why hold ', '? ']
      : kind === 'since'
        ? [' Bad since when (UTC)', '? ']
        : [' Let ', ` go? Type ${unpinWord}: `];
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
