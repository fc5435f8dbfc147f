import type {Incident} from '../../../engine/session/incident.ts';
import type {CatalogState} from '../../../presenters/catalog.ts';
import type {AppState} from '../../state.ts';
import type {RestoreTask} from './task.ts';

/** What is said of an incident and stands in the form, too. */
const told = ['ticket', 'title', 'authorisedBy'] as const;

/** What was not typed here, but said of the incident, is what is said of it now: others may change it, and end it. */
function withIncident(task: RestoreTask, now: Incident, before: Incident): RestoreTask {
  const changed = told.filter((what) => before[what] !== null && task[what].trim() === before[what].value);
  return {...task, ...Object.fromEntries(changed.map((what) => [what, now[what]?.value ?? '']))};
}

/** Of a backup that goes while its plan is shown there is none any more. */
function withoutGone(task: RestoreTask, now: CatalogState, before: CatalogState): RestoreTask {
  const {id} = task.subject;
  const isGone = before.ids.includes(id) && !now.ids.includes(id);
  // Before it is started it is looked at once more.
  if (!isGone || !task.plan || task.state === 'starting') return task;
  return {
    ...task,
    state: 'ready',
    plan: null,
    reasons: [],
    problem: `${id} is gone: it was deleted or moved.`,
  };
}

/** The next restore begins anew once this one is carried out; until then its plan is about what is known now. */
export function followFacts(
  task: RestoreTask | null,
  state: AppState,
  before: AppState | null,
): RestoreTask | null {
  const {follow, incident, badSince, catalog} = state;
  if (follow?.here && follow.session !== before?.follow?.session) return null;
  // An undo brings back what a session replaced, and nothing is asked of it.
  if (!task || !before || task.subject.undoes !== null) return task;
  const said = incident === before.incident ? task : withIncident(task, incident, before.incident);
  const since = badSince === before.badSince ? said : {...said, badSince};
  return catalog === before.catalog ? since : withoutGone(since, catalog, before.catalog);
}
