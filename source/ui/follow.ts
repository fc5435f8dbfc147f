import {watchCatalog} from '../engine/catalog/watch.ts';
import {heldDirectory} from '../engine/storage/held.ts';
import {untilMinute} from '../presenters/row-view.ts';
import {followConfiguration} from './configure.ts';
import {loadIncident} from './incident.ts';
import {backupsLayout} from './layout.ts';
import {loadBackups} from './screens/backups/open.ts';
import {backupsSlice} from './screens/backups/state.ts';
import {loadRestore} from './screens/restore/open.ts';
import {loadSessions} from './screens/sessions/open.ts';
import {until} from './store.ts';
import type {Workplace} from './work.ts';

/** Follows what is known, whatever screen is seen: the catalog, the configuration, the clock, live files, sessions. */
export function followAll(place: Workplace): void {
  const {store} = place;
  let catalog = followCatalog(place);
  followClock(place);
  place.ask(loadBackups, (work) => work.follow());
  const {root} = store.get().place;
  if (root === null) return;
  let {backups} = store.get().place;
  place.run(
    followConfiguration(place, root, () => {
      const {place: now} = store.get();
      if (now.backups !== backups) {
        catalog.abort();
        catalog = followCatalog(place);
      }
      backups = now.backups;
      place.run(noteOthers(place, root));
    }),
  );
  place.ask(loadIncident, (work) => work.watch());
  place.ask(loadSessions, (work) => work.watch());
  place.ask(loadRestore, (work) => work.watch());
}

/** Once all backups were read: whether some are another project's, which is said of the configuration. */
async function noteOthers({store, signal}: Workplace, root: string): Promise<void> {
  const {configuration: read} = store.get();
  await until(
    store,
    ({catalog, configuration, place}) => catalog.complete && configuration?.path.value === place.backups,
    signal,
  );
  const {withOthers} = await import('../engine/retention/plan.ts');
  const {catalog, configuration, changes, place} = store.get();
  // Of another one that has been read meanwhile that is said once more.
  if (signal.aborted || !configuration || configuration !== read) return;
  const noted = withOthers({...place, root, configuration}, [...catalog.rows.values()]);
  if (noted !== configuration) store.dispatch({type: 'configured', configuration: noted, changes});
}

/** @returns what ends it */
function followCatalog({store, signal, run}: Workplace): AbortController {
  const following = new AbortController();
  const both = AbortSignal.any([signal, following.signal]);
  const {place} = store.get();
  const watch = watchCatalog(place.backups, heldDirectory(place.root), both);
  let sent = '';
  const tell = (): void => {
    const {shown, top} = backupsSlice.of(store.get());
    const {catalog, size} = store.get();
    const visible = shown.slice(top, top + backupsLayout(size).list).filter((id) => !catalog.safety.has(id));
    const key = visible.join('/');
    if (key !== sent) watch.setVisible(visible);
    sent = key;
  };
  tell();
  both.addEventListener('abort', store.subscribe(tell));
  const follow = async (): Promise<void> => {
    for await (const event of watch.events) store.dispatch({type: 'catalog', event});
  };
  run(follow());
  return following;
}

function followClock({store, signal}: Workplace): void {
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const times = [...store.get().catalog.rows.values()].map(({time}) => time);
    timer = setTimeout(() => {
      store.dispatch({type: 'minute passed', now: Date.now()});
      wait();
    }, untilMinute(Date.now(), times) + 20);
  };
  wait();
  signal.addEventListener('abort', () => clearTimeout(timer));
}
