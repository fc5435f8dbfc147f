import {compare, type DatasetDifference} from '../../../engine/differences/compare.ts';
import {readTableRows} from '../../../engine/differences/compare-table-rows.ts';
import {countDifferences} from '../../../engine/differences/counts.ts';
import {readDifference} from '../../../engine/differences/difference.ts';
import {type Comparison, type Pair, pairs} from '../../../engine/differences/sides.ts';
import {failureText, inTurn, type Workplace} from '../../work.ts';
import {type DifferencesAction, differencesSlice, toCount} from './state.ts';

/** Milliseconds for the counts of one dataset: what is counted until then is told. */
const limit = 10_000;

/** Compares backups and datasets. It writes nothing but private copies of databases, which go again. */
export function differencesWork({store, signal: over, pool, finish}: Workplace) {
  // Of what is read now: what comes later takes its place.
  const comparing = inTurn(over);
  const reading = inTurn(over);
  const counting = inTurn(over);
  let counted: string | null = null;
  const act = (action: DifferencesAction): void => store.dispatch(differencesSlice.to(action));

  function stop(what: 'dataset' | 'all'): void {
    reading.stop();
    if (what !== 'all') return;
    comparing.stop();
    counting.stop();
    counted = null;
  }

  function comparisonOf(id: string, other: string | null): Comparison {
    const {place, configuration} = store.get();
    const backups = differencesSlice.of(store.get())?.safetyIn ?? null;
    if (backups === null) return {place, configuration, id, other};
    return {place: {...place, backups}, configuration, id, other, safety: true};
  }

  /** What was hashed to be compared is known of the copies from then on. */
  function noteAltered({name, one, other: two}: DatasetDifference, id: string, other: string | null): void {
    const at = Date.now();
    const names = [name];
    if (one.altered) store.dispatch({type: 'copies altered', id, names, at});
    if (two.altered && other !== null) store.dispatch({type: 'copies altered', id: other, names, at});
  }

  /** A dataset of what is compared; none where it is in neither of them any more. */
  function pairOf(name: string): Pair | undefined {
    const task = differencesSlice.of(store.get());
    return task ? pairs(comparisonOf(task.id, task.other)).find((each) => each.name === name) : undefined;
  }

  const whereOf = (): {root: string | null; readOnly: boolean} => {
    const {place, readOnly} = store.get();
    return {root: place.root, readOnly};
  };

  /** Tells what fails, unless that is over. */
  const unlessOver = (
    work: Promise<void>,
    signal: AbortSignal,
    failed: (problem: string) => DifferencesAction,
  ) =>
    work.catch((error: unknown) => {
      if (!signal.aborted) act(failed(failureText(error)));
    });

  async function readDataset(name: string, signal: AbortSignal): Promise<void> {
    const pair = pairOf(name);
    if (!pair) {
      const difference = {kind: 'none' as const, why: 'it is in neither of them any more'};
      act({type: 'difference event', event: {type: 'finished', difference}});
      return;
    }
    for await (const event of readDifference(pair, whereOf(), signal)) {
      if (signal.aborted) return;
      act({type: 'difference event', event});
    }
  }

  async function readRows(table: string, signal: AbortSignal): Promise<void> {
    const pair = pairOf(differencesSlice.of(store.get())?.opened?.name ?? '');
    if (!pair) throw new Error('it is in neither of them any more');
    for await (const event of readTableRows(pair, table, whereOf(), signal)) {
      if (signal.aborted) return;
      act({type: 'rows event', table, event});
    }
  }

  /** Counts beside, as long as it is looked at, how much the chosen dataset differs. */
  function count(): void {
    const name = toCount(store.get());
    if (counted === name) return;
    counting.stop();
    counted = name;
    if (name === null || over.aborted) return;
    // A private copy of a database goes again before the program ends.
    finish(countDataset(name, counting.begin()));
  }

  async function countDataset(name: string, signal: AbortSignal): Promise<void> {
    const tell = (counts: Awaited<ReturnType<typeof countDifferences>>): void => {
      if (!signal.aborted) act({type: 'differences counted', name, counts});
    };
    try {
      const pair = pairOf(name);
      tell(pair ? await countDifferences(pair, {...whereOf(), limit}, signal) : null);
    } catch (error) {
      if (signal.aborted) return;
      // It is not tried again and again.
      tell(null);
      throw error;
    }
  }

  async function compareAll(id: string, other: string | null, signal: AbortSignal): Promise<void> {
    for await (const event of compare({...comparisonOf(id, other), pool: pool(), signal})) {
      if (signal.aborted) return;
      if (event.type === 'dataset') noteAltered(event.dataset, id, other);
      act({type: 'differences event', event});
    }
  }

  over.addEventListener('abort', store.subscribe(count));

  return {
    stop,
    compare(id: string, other: string | null): void {
      stop('all');
      const signal = comparing.begin();
      const failed = (problem: string) => ({type: 'differences failed' as const, problem});
      void unlessOver(compareAll(id, other, signal), signal, failed);
    },
    /** Of what is being compared. */
    open(name: string): void {
      const signal = reading.begin();
      const failed = (problem: string) => ({type: 'difference failed' as const, problem});
      void unlessOver(readDataset(name, signal), signal, failed);
    },
    /** Of a table of the database that is looked at. */
    openRows(table: string): void {
      const signal = reading.begin();
      const failed = (problem: string) => ({type: 'rows failed' as const, table, problem});
      // What its rows are put into goes again before the program ends.
      finish(unlessOver(readRows(table, signal), signal, failed));
    },
  };
}
