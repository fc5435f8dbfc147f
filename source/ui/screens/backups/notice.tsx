import {formatBytes} from '../../../engine/base/format.ts';
import {timeForms} from '../../../engine/base/time-text.ts';
import {type PhpForecast, phpForecast} from '../../../engine/retention/php-forecast.ts';
import {stoppedWhere} from '../../../engine/session/journal.ts';
import type {Story} from '../../../engine/session/story.ts';
import {isRead} from '../../../presenters/catalog.ts';
import {followedInto, phaseOf} from '../../../presenters/followed-restore.ts';
import {wantingOf} from '../../../presenters/known-copies.ts';
import {minuteOf} from '../../../presenters/moment.ts';
import {fraction} from '../../../presenters/rate.ts';
import {nothingRestored, restoredSentence} from '../../../presenters/session-line.ts';
import {datasetsOf} from '../../../presenters/story-facts.ts';
import type {Look} from '../../kit/look.ts';
import {percentText} from '../../kit/progress-bars.tsx';
import {beware, cutEnd, cutStartOf, key, names, type Span, spare} from '../../kit/span.ts';
import {TextField} from '../../kit/text-field.tsx';
import {TextLine} from '../../kit/words.tsx';
import {backupsLayout} from '../../layout.ts';
import type {Prompt} from '../../prompt.ts';
import type {AppState} from '../../state.ts';
import {going, pruneSlice} from '../prune/state.ts';
import {restoreSlice} from '../restore/state.ts';
import {type RunTask, runSlice} from '../run/state.ts';
import {openSession} from '../sessions/state.ts';
import {backupsSlice, knownHere, unpinWord} from './state.ts';

/** What is worth knowing before the list, a line each: what matters most comes first. */
export function notices(state: AppState) {
  const lines = [
    foremost(state),
    state.prompt?.kind === 'since' && <TextLine key="forms" of={`${timeForms}; empty removes it`} />,
    undecided(state),
    writers(state),
    unusable(state),
    forPhp(state),
  ].filter(Boolean);
  return lines.length > 0 ? lines : count(state);
}

const line = (...of: Span[]) => <TextLine wide key={JSON.stringify(of)} of={of} />;
const warning = (...of: Span[]) => <TextLine wide look="beware" key={JSON.stringify(of)} of={of} />;

/** What takes the first line, whatever else there is; null when nothing does. */
function foremost(state: AppState) {
  const {catalog, prompt} = state;
  const {filter, shown, typing} = backupsSlice.of(state);
  const passing = `${shown.length} of ${catalog.ids.length}`;
  if (prompt) return question(prompt, backupsLayout(state.size).notices > 1);
  if (typing)
    return (
      <TextField key="filter" asks=" Filter: " text={filter} after={`  ${passing}   Enter keep, Esc clear`} />
    );
  const busy = writing(state);
  if (filter !== '')
    return line(
      beware('Filter: '),
      cutEnd(filter, {most: 30, look: 'beware'}),
      beware(`   ${passing}   Esc clears it   `),
      cutEnd(busy?.text ?? ''),
    );
  // Why, and what to do about it, takes more than a line: it stands where messages do.
  if (catalog.problem)
    return <TextLine wide key="old" look="bad" of="x The list is not up to date: see below." />;
  if (!busy) return null;
  const {text, short, look = 'none', does = 'shows it'} = busy;
  const then: Span[] = ['  ', key(busy.key), ` ${does}`];
  const says = [cutEnd(text, {look}), ...then];
  return (
    <TextLine
      wide
      key="busy"
      of={
        short === undefined
          ? says
          : {
              either: says,
              or: [cutEnd(short[0], {look}), {...spare(short[1]), look}, cutEnd(short[2], {look}), ...then],
            }
      }
    />
  );
}

/** What an open session has restored, or a plan is to restore: of the others nobody asks. */
function concerned(state: AppState): string[] {
  const open = openSession(state.sessions);
  // Of a directory each file is restored by a name of its own.
  if (open) return datasetsOf(open).flatMap((name) => [name, name.split('/')[0] ?? name]);
  const task = restoreSlice.of(state);
  // What was chosen in a plan that was left is no longer asked for.
  const isPlanned = state.screens.some((name) => name === 'restore' || name === 'confirm');
  return isPlanned && task?.subject.undoes === null ? [...task.chosen] : [];
}

/** Of what no good copy is known from before things were bad, and what to do about it. */
function undecided(state: AppState) {
  const {catalog, badSince, now} = state;
  if (!badSince) return null;
  const when = minuteOf(badSince.at, now);
  const {names: wanting, next} = wantingOf(catalog, knownHere(state), concerned(state));
  if (!isRead(catalog) && wanting.length > 0) return line(`Backups from before ${when} are being read ...`);
  if (wanting.length === 0) return null;
  if (next === null) return warning('x No good copy from before ', when, ' of ', names(wanting));
  const verify = [':  ', key('v'), ' on ', cutEnd(next)];
  const none = beware(`? None verified before ${when}`);
  return (
    <TextLine
      wide
      key="wanting"
      of={{either: [none, beware(` of ${wanting.join(', ')}`), ...verify], or: [none, ...verify]}}
    />
  );
}

/** The live files are written to: what is bad may still become worse. */
function writers({writes}: AppState) {
  const [latest] = writes;
  if (!latest) return null;
  const ago = latest.seconds < 1 ? 'just now' : `${latest.seconds}s ago`;
  return warning('! service is writing: ', names(writes.map(({name}) => name)), `, ${ago}`);
}

/** What PHP's own next run would do to the catalog as it is; nothing while that is not known. */
export function doomedByPhp({configuration, catalog, place, now}: AppState): PhpForecast {
  if (!configuration) return {deletes: [], empties: null};
  const held = [...catalog.held.values()];
  return phpForecast(configuration, place.backups, {...catalog, held}, now);
}

/** The nightly run makes no backup then, and here nothing is restored. */
function unusable({configuration}: AppState) {
  if (!configuration || configuration.blocking.length === 0) return null;
  return warning('x No backup can be made as it is configured  ', key('c'), ' shows why');
}

/** What PHP's retention does next, or counts wrongly. */
function forPhp(state: AppState) {
  const {strays} = state.catalog;
  const [stray] = strays;
  const {deletes: doomed, empties} = doomedByPhp(state);
  if (empties)
    return (
      <TextLine
        wide
        key="empties"
        look="bad"
        of={[
          "x PHP's next run empties ",
          cutStartOf(empties.target, {last: true}),
          ': ',
          cutEnd(empties.link, {most: 20}),
          ' leads there',
        ]}
      />
    );
  if (doomed.length > 0) {
    const more = doomed.length > 1 ? ` and ${doomed.length - 1} more` : '';
    return warning(
      `! PHP's next run deletes ${doomed[0]}${more}`,
      spare(stray ? `; ${stray.name} counts` : ''),
      '  ',
      key('h'),
      {text: ' hold', look: 'none'},
    );
  }
  if (!stray) return null;
  return warning(
    strays.length === 1
      ? `! ${stray.name}: not a backup, but PHP's retention counts it as one`
      : `! ${strays.length} entries that are not backups (${stray.name}, ...): PHP's retention counts them`,
  );
}

function count({catalog}: AppState) {
  const total = catalog.ids.length;
  if (!catalog.complete && catalog.rows.size < total) return line(`${total} backups, reading ...`);
  return line(`${total} ${total === 1 ? 'backup' : 'backups'}`);
}

/** @property short where there is no room for the text. @property does what the key does; by default it shows it */
type Busy = {text: string; short?: [string, string, string]; key: string; look?: Look; does?: string};

/** What is at work just now or waits for somebody, and the key that shows it; null when nothing. */
function writing(state: AppState): Busy | null {
  const {follow, stopped, sessions} = state;
  const run = runSlice.of(state);
  const prune = pruneSlice.of(state);
  if (stopped)
    return {
      text: `x Session ${stopped.session} stopped ${stoppedWhere(stopped.phase)}: decide.`,
      key: 'r',
      look: 'bad',
    };
  if (follow && !follow.finished) {
    const what = followedInto(follow) === null ? 'A restore' : 'A drill';
    return {text: `${what} is running: ${phaseOf(follow)}.`, key: 'r'};
  }
  if (run?.state === 'running') {
    const far = `${percentText(fraction(run.progress))} of ${formatBytes(run.progress.totalBytes)}`;
    const text = run.stopping ? 'The backup is being cancelled.' : `A backup is running: ${far}.`;
    return {text, key: 'b'};
  }
  if (run?.unseen) return ended(run);
  if (prune?.state !== 'running') {
    const open = openSession(sessions);
    if (open) return restored(open, state.now);
    const [newest] = sessions.stories ?? [];
    // Whoever began it here has seen how it ended.
    const isSeen = follow?.here === true && follow.session === newest?.number;
    const none = isSeen ? null : nothingRestored(sessions.stories ?? [], state.now);
    return none && {text: `${none.mark} ${none.text}`, key: 's', look: none.tone};
  }
  return {text: `Backups are being deleted: ${prune.pruned.length} of ${going(prune).length}.`, key: 'P'};
}

/** The first thing that whoever was cut off asks: how it ended, and of what. */
function restored(open: Story, now: number): Busy {
  const {long, short} = restoredSentence(open, now);
  return {text: `${long.mark} ${long.text}`, short, key: 'a', look: 'beware', does: 'goes on'};
}

/** A backup that ended while the operator was elsewhere, until he has looked at how. */
function ended({problem, progress: {result}}: RunTask): Busy {
  const outcome = problem === null ? (result?.outcome ?? 'failed') : 'failed';
  const isWell = outcome === 'done' && result?.untold.length === 0 && result.notPruned === null;
  if (isWell) return {text: '+ The backup is done.', key: 'b', look: 'good'};
  const text = {
    done: '! The backup is done, but not all that belongs to it.',
    partial: '! The backup is done, and something is missing from it.',
    cancelled: '! The backup was cancelled.',
    failed: 'x The backup failed.',
  }[outcome];
  return {text, key: 'b', look: outcome === 'failed' ? 'bad' : 'beware'};
}

/**
 * Asked on the line above the list, so that what it is about stays in view. The line at the bottom names the keys too:
 * they give way to what is typed.
 * @param hasMore whether a line below can say which times are understood
 */
function question({kind, id, text}: Prompt, hasMore: boolean) {
  const [before, after] =
    kind === 'pin'
      ? [' Why hold ', '? ']
      : kind === 'since'
        ? [' Bad since when (UTC)', '? ']
        : [' Release ', `? Type ${unpinWord}: `];
  return (
    <TextField
      key="question"
      asks={[before, cutEnd(id), after]}
      text={text}
      least={leastTyped}
      after={spare(
        kind === 'since' && !hasMore ? '   such as 01:10, 2h ago, -90m' : '   Enter confirm, Esc cancel',
      )}
    />
  );
}

/** Columns that are left for an answer, however long the backup's name is. */
const leastTyped = 20;
