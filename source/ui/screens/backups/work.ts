import {isDeepStrictEqual} from 'node:util';
import {Problem} from '../../../engine/base/problem.ts';
import {
  holdSomething,
  knownContents,
  type LiveCache,
  type LiveOptions,
  noteLive,
  readLive,
} from '../../../engine/catalog/live.ts';
import {restoreSettings} from '../../../engine/config/own-settings.ts';
import {checkMayWrite, type RunPlace} from '../../../engine/config/project.ts';
import {recentWrites} from '../../../engine/datasets/live-writes.ts';
import {ofHold, ofRelease} from '../../../engine/retention/tell-pruning.ts';
import type {Writer} from '../../../engine/retention/writer.ts';
import {restoredAt} from '../../../engine/session/story.ts';
import type {Happening} from '../../../engine/storage/events.ts';
import {inState} from '../../../engine/storage/runbook/state-directory.ts';
import {withoutText} from '../../../presenters/held-text.ts';
import {untold} from '../../../presenters/sentence.ts';
import {lookingInside, restoring, verifying} from '../../reasons.ts';
import type {AppState, Message} from '../../state.ts';
import {inTurn, projectOf, rest, type Workplace} from '../../work.ts';
import {backupsSlice} from './state.ts';

/** Milliseconds the selection must rest before the detail follows. */
const untilRested = 150;
/** Milliseconds between two looks at the live files of the chosen backup, and at who writes to any. */
const lookAgain = 10_000;
const writesAgain = 5000;

/** The operator waits for a verification; what the live files hold can wait. */
const isBusy = (state: AppState): boolean => verifying(state) || lookingInside(state);

/** The session that is open, and whose restore is done; null where there is none. */
const restoredBy = ({stories}: AppState['sessions']): number | null =>
  stories?.find(({state, drill, closed}) => state === 'done' && !drill && !closed)?.number ?? null;

/** What lies in the log of a database is in no hash of its file. */
const whyUnknown = 'live has writes beside the file';

/** Follows the selection and the live files; holds backups, and lets them go. */
export function backupsWork({store, signal, pool, run, finish, tell}: Workplace) {
  const cache: LiveCache = {contents: new Map(), reads: new Map()};
  /** The session whose restored files are known. */
  let taken: number | null = null;
  const looking = inTurn(signal);
  /** Until the selection has rested, and until live files are looked at again: each ends without the other. */
  let resting: NodeJS.Timeout | undefined;
  let again: NodeJS.Timeout | undefined;
  signal.addEventListener('abort', () => {
    clearTimeout(resting);
    clearTimeout(again);
  });

  /** From now on, until the app ends. */
  function follow(): void {
    let before = store.get();
    look();
    if (before.configuration) run(followWrites());
    readSafetyDays();
    const note = (): void => {
      const state = store.get();
      const [was, is] = [backupsSlice.of(before).selected, backupsSlice.of(state).selected];
      const [wasBusy, busy] = [isBusy(before), isBusy(state)];
      const {configuration, sessions} = before;
      before = state;
      if (!configuration && state.configuration) run(followWrites());
      if (configuration !== state.configuration) readSafetyDays();
      if (busy && !wasBusy) looking.stop();
      const isRestored = restoredBy(sessions) !== restoredBy(state.sessions);
      if ((wasBusy && !busy) || configuration !== state.configuration || isRestored) look();
      if (was !== is) rested(is);
    };
    signal.addEventListener('abort', store.subscribe(note));
  }

  /** Where `config.json` cannot be used nothing is said: the configuration says so. */
  function readSafetyDays(): void {
    const {root} = store.get().place;
    if (root === null) return;
    try {
      const {safetyDays: days} = restoreSettings(root);
      store.dispatch(backupsSlice.to({type: 'safety days read', days}));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }

  function rested(id: string | null): void {
    clearTimeout(resting);
    resting = setTimeout(() => {
      store.dispatch(backupsSlice.to({type: 'detail opened', id}));
      look();
    }, untilRested);
  }

  /** Looks at the live files of the backup whose details are shown, and again after a while. */
  const look = (): void => run(lookAtLive());

  async function lookAtLive(): Promise<void> {
    const {place} = store.get();
    const id = readable();
    const mine = looking.begin();
    clearTimeout(again);
    if (id !== null) {
      await takeOver();
      const options = {place, id, pool: pool(), signal: mine, cache, known: knownOf, configured: sources()};
      for await (const {name, live} of readLive(options)) {
        if (mine.aborted) return;
        // What is on the screen stays until something else is known.
        const known = backupsSlice.of(store.get()).live.get(name);
        if (live.state === 'reading' ? known : isDeepStrictEqual(known, live)) continue;
        store.dispatch(backupsSlice.to({type: 'live read', name, live}));
      }
    }
    if (!mine.aborted) again = setTimeout(look, lookAgain);
  }

  /** The backup whose details are shown, else the newest: one that says which live files there are. */
  function readable(): string | null {
    const {catalog} = store.get();
    const {detail} = backupsSlice.of(store.get());
    const isComplete = (id: string): boolean => catalog.rows.get(id)?.state === 'complete';
    return (detail !== null && isComplete(detail) ? detail : catalog.ids.find(isComplete)) ?? null;
  }

  /** What an open restore has put in place was hashed by it: 500 MB are not read again to know them. */
  async function takeOver(): Promise<void> {
    const {place, sessions} = store.get();
    const session = restoredBy(sessions);
    if (place.root === null || session === null || taken === session) return;
    const {heldSince} = await import('../../../engine/checklist/since.ts');
    const files = inState(place.root, (state) => (state ? heldSince(state, session) : []));
    for (const {file, algorithm, hash} of files) noteLive(cache, file, algorithm, hash);
    taken = session;
  }

  /** The live file of each configured dataset, or why there is none to compare with. */
  function sources(): LiveOptions['configured'] {
    const datasets = store.get().configuration?.datasets.value ?? [];
    return new Map(
      datasets.map((dataset) => {
        const [, ...beside] = dataset.type.live(dataset);
        const reason = dataset.type.whyNotComparable ?? (holdSomething(beside) ? whyUnknown : null);
        return [dataset.name, reason === null ? {file: dataset.source} : {reason}];
      }),
    );
  }

  const knownOf = (name: string) => knownContents(store.get().catalog.rows.values(), name);

  /** Looks who writes to the configured live files; tells only what has changed. */
  async function followWrites(): Promise<void> {
    while (!signal.aborted) {
      const {configuration, sessions} = store.get();
      // What a restore writes is nobody's, and how far it got is told a moment later.
      if (restoring(store.get())) {
        await rest(writesAgain, signal);
        continue;
      }
      const restored = restoredAt(sessions.stories ?? []);
      const writes = await recentWrites(configuration?.datasets.value ?? [], Date.now(), restored);
      if (signal.aborted) return;
      if (JSON.stringify(writes) !== JSON.stringify(store.get().writes))
        store.dispatch({type: 'writes seen', writes});
      await rest(writesAgain, signal);
    }
  }

  async function writing(
    doing: string,
    action: (writer: Writer, place: RunPlace) => Promise<Message & {happening: Happening}>,
  ): Promise<void> {
    const place = projectOf(store);
    checkMayWrite(place.configuration);
    const {openWriter} = await import('../../../engine/retention/writer.ts');
    const {tellOf} = await import('../../../engine/events/announcer.ts');
    const writer = openWriter({...place, doing});
    let done: Message & {happening: Happening};
    try {
      done = await action(writer, place);
    } finally {
      writer.close();
    }
    const problems = untold(await tellOf(place, [done.happening], signal)).map((each) => ` ${each.text}.`);
    tell(`${done.text}${problems.join('')}`, problems.length > 0 ? 'beware' : done.tone);
  }

  return {
    follow,
    hold(id: string, reason: string): void {
      const work = writing('backup pin', async (writer) => {
        const {hold} = await import('../../../engine/retention/hold.ts');
        const held = await hold(writer.state, writer.backups.path, id, reason);
        const {linked, copied, without} = held;
        const files = linked + copied === 0 ? 'with the new reason' : `${linked} linked, ${copied} copied`;
        const lacks = without.length === 0 ? '' : ` ${withoutText(without)}.`;
        const text = `${id} is held in storage/runbook/held (${files}).${lacks}`;
        return {text, tone: lacks === '' ? 'plain' : 'beware', happening: ofHold(id, reason, held)};
      });
      finish(work);
    },
    letGo(id: string): void {
      const work = writing('backup unpin', async (writer, {backups}) => {
        const {release} = await import('../../../engine/retention/release.ts');
        const released = release(writer.state, backups, id, false);
        const {stays} = released;
        const text =
          stays !== null
            ? `${id} is no longer pinned; it stays held ${stays}.`
            : `${id} is held no longer: retention may delete it.`;
        return {text, tone: 'plain', happening: ofRelease(id, released)};
      });
      finish(work);
    },
  };
}
