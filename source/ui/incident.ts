import type {Directory} from '../engine/base/directory.ts';
import {describeError, Problem} from '../engine/base/problem.ts';
import {
  type IncidentLine,
  incidentLines,
  incidentOf,
  incidentStamp,
  keepIncident,
  newOf,
  readIncident,
  type Saying,
  type Typed,
} from '../engine/session/incident.ts';
import {inState, openState} from '../engine/storage/runbook/state-directory.ts';
import type {Reach} from './screen.ts';
import type {AppStore} from './state.ts';
import type {Workplace} from './work.ts';

/** Milliseconds between two looks at what others have said. */
const lookAgain = 3000;

/** Keeps what is said of the incident from the moment it is said, and follows what others say. */
export function incidentWork({store, signal, run, tell}: Workplace) {
  let seenStamp = '';
  /** What was said here and could not be kept: it counts as long as the app is open. */
  let unkept: IncidentLine[] = [];

  async function look(): Promise<void> {
    inState(store.get().place.root, (state) => {
      const stamp = incidentStamp(state);
      if (stamp !== seenStamp) read(state);
      seenStamp = stamp;
    });
  }

  function read(state: Directory | null): void {
    const kept = readIncident(state);
    const ended = kept.findLast(({what}) => what === 'over')?.at ?? '';
    unkept = unkept.filter(({at}) => at > ended);
    const incident = incidentOf([...kept, ...unkept]);
    if (JSON.stringify(incident) !== JSON.stringify(store.get().incident))
      store.dispatch({type: 'incident told', incident});
  }

  function hold(lines: IncidentLine[], why: string): void {
    unkept.push(...lines);
    const {message} = store.get();
    // What was understood by it has just been said, and has to be read too.
    tell([message?.text, `Beware: ${why}`].filter(Boolean).join(' '), 'beware');
  }

  return {
    watch(): void {
      run(look());
      const timer = setInterval(() => run(look()), lookAgain);
      signal.addEventListener('abort', () => clearInterval(timer));
    },
    /** Keeps what the operator says; where that cannot be, he is told that it ends with the app. */
    say(saying: Saying, typed: Typed = {}): void {
      const {me, place, readOnly} = store.get();
      const lines = incidentLines(saying, me, new Date(), typed);
      const why = readOnly ? 'with --read-only' : place.root === null ? 'without a project' : null;
      try {
        if (why === null && place.root !== null) keep(place.root, lines);
        else hold(lines, `${why} it is kept in memory only, and gone when you leave.`);
      } catch (error) {
        const reason = error instanceof Problem ? error.message : `${describeError(error)}.`;
        hold(lines, `it is kept in memory only, and gone when you leave. ${reason}`);
      }
      seenStamp = '';
      run(look());
    },
  };
}

function keep(root: string, lines: IncidentLine[]): void {
  using state = openState(root);
  keepIncident(state, lines);
}

export const loadIncident = async (place: Workplace) => incidentWork(place);

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
  const told = incidentOf(incidentLines(fresh, me, new Date(), typed), incident);
  store.dispatch({type: 'incident told', incident: told});
  reach.ask(loadIncident, (work) => work.say(fresh, typed));
}
