import os from 'node:os';
import {escapeText} from '../engine/base/escape.ts';
import {operatorName} from '../engine/base/owner.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {glance, parents} from '../engine/catalog/list.ts';
import {readRow} from '../engine/catalog/row.ts';
import {isUnnamed} from '../engine/session/context.ts';
import {knownIncident} from '../engine/session/incident.ts';
import {cameFrom, personName, personVariable} from '../engine/session/owner.ts';
import {readVerdicts, statePath} from '../engine/storage/content-verdicts.ts';
import {heldDirectory} from '../engine/storage/held.ts';
import type {Place} from '../engine/storage/root.ts';
import {bewareLed} from '../engine/storage/runbook/way.ts';
import {openCatalog} from '../presenters/catalog.ts';
import {brokenNames} from '../presenters/content-progress.ts';
import {followedInto} from '../presenters/followed-restore.ts';
import {answeredOf} from '../presenters/story-words.ts';
import {clipboardSequence, hasClipboard} from '../terminal/clipboard.ts';
import {sizeOf} from '../terminal/size.ts';
import {createSuspension} from '../terminal/suspend.ts';
import {followAll} from './follow.ts';
import {sayIncident} from './incident.ts';
import {backupsLayout} from './layout.ts';
import {mountApp} from './mount.tsx';
import {openApp, reduce} from './reduce.ts';
import {evidenceSlice} from './screens/evidence/state.ts';
import {runSlice} from './screens/run/state.ts';
import {openSession} from './screens/sessions/state.ts';
import type {AppState} from './state.ts';
import {createStore} from './store.ts';
import {openWorkplace} from './work.ts';

type StartOptions = {
  readOnly: boolean;
  /** As lines of text, whatever the terminal can do. */
  plain: boolean;
  environment?: string | undefined;
  /** Since when things are bad, in milliseconds since the epoch. */
  badSince?: number | undefined;
  /** What is said at the beginning. */
  greeting?: string;
  signal: AbortSignal;
};

/** What the first frame shows is read before it: the list, and as many rows as are seen. */
function firstState(place: Place, readOnly: boolean): AppState {
  const size = sizeOf(process.stdout);
  const now = Date.now();
  const visible = backupsLayout(size).list;
  const held = heldDirectory(place.root);
  const listing = glance(place.backups, visible, held);
  const parentOf = parents(listing, place.backups, held);
  const verdicts = readVerdicts(statePath(place.root));
  const rows = listing.ids.slice(0, visible).map((id) => readRow(parentOf(id), id, now, verdicts));
  const host = os.hostname();
  const operator = operatorName(process.env);
  const me = {
    operator,
    from: cameFrom(process.env),
    screen: `${host}:${process.pid}:${now}`,
    person: personName(process.env),
  };
  const catalog = openCatalog(listing, rows);
  // What was said before this app was opened: a connection that is lost must not lose it.
  const incident = knownIncident(place.root);
  return openApp({
    place,
    readOnly,
    host,
    me,
    isUnnamed: isUnnamed(process.env),
    size,
    now,
    catalog,
    incident,
  });
}

/** What is worth keeping in the scrollback: the screen's own content goes with the screen. */
function farewell(state: AppState): string {
  const {verify, follow, sessions} = state;
  const run = runSlice.of(state);
  const evidence = evidenceSlice.of(state);
  const lines: string[] = [];
  if (follow) {
    const how = follow.finished?.outcome ?? 'goes on: magds shows it';
    const into = followedInto(follow);
    lines.push(
      into === null
        ? `session ${follow.session}, restore of ${escapeText(follow.id)}: ${how}`
        : `session ${follow.session}, drill of ${escapeText(follow.id)} into ${escapeText(into)}: ${how}`,
    );
  }
  const open = openSession(sessions);
  if (open)
    lines.push(
      `session ${open.number} is not signed off, ${answeredOf(open)} answered: magds session show ${open.number}`,
    );
  const made = run?.progress.result;
  if (made?.path)
    lines.push(`${escapeText(made.path)}: ${made.outcome === 'done' ? 'made' : 'made in part'}`);
  for (const {file, session, final, sha256} of evidence.written)
    lines.push(
      `${escapeText(file)}: ${final ? 'final ' : ''}evidence${session === null ? '' : ` of session ${session}`}, SHA-256 ${sha256}`,
    );
  const result = verify?.progress.results?.[0];
  if (verify && result)
    lines.push(
      `${escapeText(verify.id)}: ${result.result}${result.reason ? `: ${escapeText(result.reason)}` : ''}`,
      ...brokenNames(verify.content).map(
        (name) => `${escapeText(verify.id)}: ${escapeText(name)} is broken inside`,
      ),
    );
  return lines.map((line) => `${line}\n`).join('');
}

/**
 * Opens the app and stays until it is quit.
 * @param options `signal` ends it, as a hang-up or a termination does
 */
export async function startApp(place: Place, options: StartOptions): Promise<ExitCode> {
  const store = createStore(firstState(place, options.readOnly), reduce);
  const over = new AbortController();
  const {place: work, settled} = openWorkplace(store, over.signal, options.environment);
  // Before anything is drawn, or read again: the first frame shows it.
  if (options.badSince !== undefined)
    sayIncident({badSince: new Date(options.badSince).toISOString()}, store, work);
  const {app, resized} = mountApp(store, {
    stdin: process.stdin,
    stdout: process.stdout,
    env: process.env,
    plain: options.plain,
    suspension: createSuspension(),
    reach: {
      ask: work.ask,
      copy(text) {
        const can = hasClipboard(process.env);
        // What is pasted into a shell must not hold a line break of somebody else's.
        if (can) process.stdout.write(clipboardSequence(escapeText(text), process.env));
        const how = can
          ? 'Copied, if your terminal lets programs set its clipboard'
          : 'This terminal has no clipboard; to copy by hand';
        store.dispatch({type: 'said', message: {text: `${how}: ${text}`, tone: 'plain'}});
      },
      operator: () => operatorName(process.env),
      callOperator(name) {
        // What this process starts knows it too.
        if (name !== '') process.env[personVariable] = name;
        store.dispatch({type: 'name asked', name: name || null});
      },
    },
  });
  // Node has read the size by then; that of stdout is told only where it is another.
  process.on('SIGWINCH', resized);
  // Node would open its debugger, and say so across the screen.
  process.on('SIGUSR1', () => {});
  const leave = () => app.unmount();
  options.signal.addEventListener('abort', leave);
  // A terminal that goes away without a signal must not leave an orphan.
  for (const event of ['end', 'close', 'error']) process.stdin.once(event, leave);
  process.stdout.once('error', leave);
  followAll(work);
  if (options.greeting !== undefined)
    store.dispatch({type: 'said', message: {text: options.greeting, tone: 'plain'}});
  const beware = place.root === null ? null : bewareLed(place.root, place.backups);
  if (beware !== null) store.dispatch({type: 'said', message: {text: beware, tone: 'bad'}});
  try {
    await app.waitUntilExit();
  } finally {
    process.off('SIGWINCH', resized);
    over.abort();
    // Whoever writes tidies up first.
    await settled();
  }
  process.stdout.write(farewell(store.get()));
  return options.signal.aborted ? exitCode.cancelled : exitCode.done;
}
