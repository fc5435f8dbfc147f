import {glance} from '../engine/catalog/list.ts';
import type {Configuration} from '../engine/config/configuration.ts';
import {changesOf} from '../engine/config/last-run.ts';
import type {RunPlace} from '../engine/config/project.ts';
import {heldDirectory} from '../engine/storage/held.ts';
import {openCatalog} from '../presenters/catalog.ts';
import {projectOf, rest, type Workplace} from './work.ts';

/** Milliseconds between two looks at its files. */
const pause = 1000;

/** Reads the configuration, and tells it where it is not what was known: the backups may lie elsewhere then. */
async function configure({store, signal, environment}: Workplace, root: string): Promise<void> {
  const {isSameConfiguration, loadConfiguration} = await import('../engine/config/effective.ts');
  const configuration = await loadConfiguration(root, process.env, environment);
  const {configuration: known, place} = store.get();
  if (signal.aborted || (known && isSameConfiguration(known, configuration))) return;
  store.dispatch({type: 'configured', configuration, changes: changesOf(root, configuration)});
  const backups = configuration.path.value;
  if (backups === place.backups) return;
  const listing = glance(backups, 0, heldDirectory(root));
  store.dispatch({type: 'relocated', backups, catalog: openCatalog(listing, [])});
}

/**
 * Follows the configuration, which comes after the first frame: an app stays open for days.
 * @param onChange is called whenever it is another one
 */
export async function followConfiguration(
  place: Workplace,
  root: string,
  onChange: () => void,
): Promise<void> {
  const {store, signal} = place;
  const {isSameConfiguration, stampOf} = await import('../engine/config/effective.ts');
  let stamp = '';
  let told: Configuration | null = null;
  while (!signal.aborted) {
    const {configuration: known} = store.get();
    const before = known === null ? null : stampOf(known);
    if (before !== stamp) {
      await configure(place, root);
      const {configuration} = store.get();
      // What changes while it is read is seen the next time.
      stamp = before ?? '';
      if (configuration !== null && !(told && isSameConfiguration(told, configuration))) onChange();
      told = configuration;
    }
    await rest(pause, signal);
  }
}

/** The project as it is configured at this moment, for what is about to be planned or done. */
export async function projectNow(place: Workplace): Promise<RunPlace> {
  const {root} = place.store.get().place;
  if (root !== null) await configure(place, root);
  return projectOf(place.store);
}

/** Why what was planned is not done: null where the configuration still says the same. @param planned when it was shown */
export async function whyReconfigured(
  planned: Configuration | null,
  project: RunPlace,
): Promise<string | null> {
  const {isSameConfiguration} = await import('../engine/config/effective.ts');
  return planned !== null && isSameConfiguration(planned, project.configuration)
    ? null
    : 'The configuration has changed since this was shown';
}
