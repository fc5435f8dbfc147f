import type {Directory} from '../engine/base/directory.ts';
import {describeError, Problem} from '../engine/base/problem.ts';
import {
  type IncidentLine,
  incidentOf,
  incidentStamp,
  keepIncident,
  linesOf,
  newOf,
  readIncident,
  type Saying,
  type Typed,
} from '../engine/session/incident.ts';
import {inState, openState} from '../engine/storage/runbook/state-directory.ts';
import type {Reach} from './screen.ts';
import type {AppStore} from './state.ts';
import type {Load, Workplace} from './work.ts';

/** Milliseconds between two looks at what others have said. */
const lookAgain = 3000;

/** Keeps what is said of the incident from the moment it is said, and follows what others say. */
export class IncidentWork {
  readonly #place: Workplace;
  #stamp = '';
  /** What was said here and could not be kept: it counts as long as the app is open. */
  #unkept: IncidentLine[] = [];

  constructor(place: Workplace) {
    this.#place = place;
  }

  watch(): void {
    const look = (): void => this.#place.run(this.#look());
    look();
    const timer = setInterval(look, lookAgain);
    this.#place.signal.addEventListener('abort', () => clearInterval(timer));
  }

  async #look(): Promise<void> {
    const {root} = this.#place.store.get().place;
    inState(root, (state) => {
      const stamp = incidentStamp(state);
      if (stamp !== this.#stamp) this.#read(state);
      this.#stamp = stamp;
    });
  }

  #read(state: Directory | null): void {
    const {store} = this.#place;
    const kept = readIncident(state);
    const ended = kept.findLast(({what}) => what === 'over')?.at ?? '';
    this.#unkept = this.#unkept.filter(({at}) => at > ended);
    const incident = incidentOf([...kept, ...this.#unkept]);
    if (JSON.stringify(incident) !== JSON.stringify(store.get().incident))
      store.dispatch({type: 'incident told', incident});
  }

  /** Keeps what the operator says; where that cannot be, he is told that it ends with the app. */
  say(saying: Saying, typed: Typed = {}): void {
    const {me, place, readOnly} = this.#place.store.get();
    const lines = linesOf(saying, me.operator, new Date(), typed);
    const why = readOnly ? 'with --read-only' : place.root === null ? 'without a project' : null;
    try {
      if (why === null && place.root !== null) keep(place.root, lines);
      else this.#hold(lines, `${why} it is kept in memory only, and gone when you leave.`);
    } catch (error) {
      const reason = error instanceof Problem ? error.message : `${describeError(error)}.`;
      this.#hold(lines, `it is kept in memory only, and gone when you leave. ${reason}`);
    }
    this.#stamp = '';
    this.#place.run(this.#look());
  }

  #hold(lines: IncidentLine[], why: string): void {
    this.#unkept.push(...lines);
    const {message} = this.#place.store.get();
    // What was understood by it has just been said, and has to be read too.
    this.#place.tell([message?.text, `Beware: ${why}`].filter(Boolean).join(' '), 'beware');
  }
}

function keep(root: string, lines: IncidentLine[]): void {
  const state = openState(root);
  try {
    keepIncident(state, lines);
  } finally {
    state.close();
  }
}

export const loadIncident: Load<IncidentWork> = async (place) => new IncidentWork(place);

/** Says something of the incident, as far as it is new: what was said before stays said by whom it was said first. */
export function sayIncident(
  saying: Saying,
  store: AppStore,
  reach: Pick<Reach, 'ask'>,
  typed: Typed = {},
): void {
  const {incident, me} = store.get();
  const fresh = newOf(incident, saying);
  if (Object.keys(fresh).length === 0) return;
  const told = incidentOf(linesOf(fresh, me.operator, new Date(), typed), incident);
  store.dispatch({type: 'incident told', incident: told});
  reach.ask(loadIncident, (work) => work.say(fresh, typed));
}
