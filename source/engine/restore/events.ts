import {within} from '../base/pause.ts';
import type {RunPlace} from '../config/project.ts';
import {type Announcer, announcerOf} from '../events/announcer.ts';
import {eventNote, type MetricsMoment, metricsNote} from '../events/told-notes.ts';
import type {Telling} from '../session/progress.ts';
import type {Happening} from '../storage/events.ts';

/** Seconds that the end of a restore waits for the site's hooks. */
const hookPatience = 10;

/**
 * Tells of what happens, waits until that is on the disk, and keeps it in the record of a session.
 * @param telling that record; null where it cannot be written
 * @returns why the audit log was not written; null where it was
 */
export async function tellAndNote(
  announcer: Announcer,
  telling: Telling | null,
  happening: Happening,
): Promise<string | null> {
  const {lines, problem} = await announcer.announce([happening], true);
  for (const line of lines) telling?.note(...eventNote({line, logged: problem === null}));
  return problem;
}

/** Tells others of a restore, and keeps what was told in the record of its session. */
export class RestoreEvents {
  readonly #announcer: Announcer;
  readonly #telling: Telling;
  readonly #place: RunPlace;

  constructor(place: RunPlace, telling: Telling) {
    this.#place = place;
    this.#announcer = announcerOf(place);
    this.#telling = telling;
  }

  /** Keeps what the metrics say in this moment. */
  noteMetrics(moment: MetricsMoment): void {
    this.#telling.note(...metricsNote(this.#place, moment));
  }

  /**
   * Tells of what happens. The site's hooks begin to run; nobody waits for them.
   * @returns why the audit log was not written; null where it was
   */
  async tell(happening: Happening): Promise<string | null> {
    const problem = await tellAndNote(this.#announcer, this.#telling, happening);
    void this.#announcer.settle();
    return problem;
  }

  /**
   * Waits for the site's hooks, but not for ever, and keeps what they said; to be called once, at the end.
   * @returns what could not be told, and what is not known to have been
   */
  async settle(): Promise<{untold: string[]; late: string[]}> {
    const isLate = (await within(hookPatience * 1000, this.#announcer.settle())) === null;
    const {problems, hooks} = this.#announcer.told;
    for (const hook of hooks) this.#telling.note('event-hook', hook);
    const late = `the hooks on events had not finished ${hookPatience} seconds after the restore; they go on, and their output is not kept`;
    return {untold: problems, late: isLate ? [late] : []};
  }
}
