import type {Pool} from '../hashing/pool.ts';
import type {LineData} from '../session/lines.ts';
import type {Standing} from './switch.ts';
import type {Work} from './work.ts';

/** What is live of one target, right after the switch. */
export type Live = LineData<'switched'>['live'][number];

export type Direction = 'forward' | 'back';

/** Files are changed by system calls, one after the other; a server is asked, and answers. */
type Maybe<T> = T | Promise<T>;

/** One thing that a restore changes, as a recovery sees it, and who looks at it since. What it does may be done again. */
export type Target = {
  dataset: string;
  /** Where it is, for the operator and the record. */
  path: string;
  /** The safety backup holds what it was. */
  isSaved: boolean;
  /** What it is now, by its bytes where its times could mislead. @throws Stopped where its place is not what it was */
  standing(pool: Pool): Promise<Standing>;
  /** Why what somebody has written since cannot give way to what was there before; null where it can. */
  whyNotBack(): Maybe<string | null>;
  /** Why it cannot become what is restored; null where it can. */
  whyNotForward(pool: Pool): Promise<string | null>;
  /** Puts what is staged in its place, which is as before. */
  forward(): Maybe<void>;
  /**
   * Makes it what it was before, and removes what was staged and kept.
   * @returns where what was written to the new one in the last moment is kept; null where nothing was
   */
  back(): Maybe<string | null>;
  /**
   * Makes it the new one, or the old one, whatever somebody has written since.
   * @returns where that is kept; null where there was nothing
   */
  force(direction: Direction): Maybe<string | null>;
  /** Leaves it as somebody has written it. @returns where the old one is kept, if it is another */
  leave(direction: Direction): Maybe<string | null>;
  /** Whether it is still as the restore has left it, going by its times: nothing of it is read. @throws Stopped as above */
  isAsRestored(): boolean;
  /** Whether it is what was restored, by its bytes. */
  isNew(pool: Pool): Promise<boolean>;
};

/**
 * All that a restore changes of one kind, as the steps of the transaction see it: files, or databases, each with a part
 * of the journal of its own. What may fail is done by `save`, `stage` and `keep`; a switch is renames, and takes no time.
 */
export type Targets = {
  all(): Target[];
  /** Saves what is live into the safety backup. */
  save(work: Work): Promise<void>;
  /** Brings what is restored beside what is live, and verifies it. @throws Stopped, CancelledRestore */
  stage(work: Work): Promise<void>;
  /** Makes the way back, which no switch takes away. */
  keep(): Maybe<void>;
  /** @throws Stopped where what is live is not what it was any more */
  check(): Maybe<void>;
  /** Puts all that is staged in its place; it is durable when it returns. */
  forward(): Maybe<void>;
  /** The proof. @throws Stopped where what is live is not what was restored, and nobody has written to it */
  prove(work: Work): Promise<Live[]>;
  /** Where what was written between the safety backup and the switch is kept. */
  late(): Maybe<string[]>;
  /** Makes all of it again what it was. @returns as one of them @throws Stopped where somebody has written to it since */
  back(): Maybe<string[]>;
  /** Removes every trace of what was prepared, and switches nothing. */
  discard(): Maybe<void>;
  /** Makes durable what was done; on the way back, places that were made for it go. */
  settle(direction: Direction): Maybe<void>;
  /** Removes what is staged still, once all of it is new. */
  tidy(): Maybe<void>;
  /** Gives up the way back. @returns where what was written late is kept, which stays */
  release(): Maybe<string[]>;
};
