import type {RunPlace} from '../backup/plan.ts';
import {type Announcer, announcerOf} from '../events/announcer.ts';
import type {Happening} from '../events/registry.ts';
import type {Telling} from './telling.ts';

/** Type of a session's lines that keep what was told to others. */
export const eventLine = 'event';

/** Tells others of a restore, and keeps what was told in the record of its session. */
export class RestoreEvents {
  readonly #announcer: Announcer;
  readonly #telling: Telling;

  constructor(place: RunPlace, telling: Telling) {
    this.#announcer = announcerOf(place);
    this.#telling = telling;
  }

  /**
   * Tells of what happens, and waits until that is on the disk. The site's hooks begin to run; nobody waits for them.
   * @returns why the audit log was not written; null where it was
   */
  async tell(happening: Happening): Promise<string | null> {
    const {lines, problem} = await this.#announcer.announce([happening], true);
    for (const line of lines) this.#telling.note(eventLine, {...line, logged: problem === null});
    void this.#announcer.settle();
    return problem;
  }

  /** Waits for the site's hooks. @returns what could not be told */
  async settle(): Promise<string[]> {
    return (await this.#announcer.settle()).problems;
  }
}
