import {describeError} from '../../base/problem.ts';
import type {AuditLine} from '../log/audit-line.ts';
import {type EventPlace, recordMetrics} from './metrics.ts';

/** Counts events in the metrics. Those that could not be counted are counted with the next: a prune may make room. */
export class Counting {
  readonly #place: EventPlace;
  #uncounted: AuditLine[] = [];
  /** Why they are; null where none is. */
  #why: string | null = null;
  #problems = new Set<string>();

  constructor(place: EventPlace) {
    this.#place = place;
  }

  /** Never rejects; to be called again only when it is done. */
  async count(lines: AuditLine[]): Promise<void> {
    this.#uncounted.push(...lines);
    try {
      const {written, problem} = await recordMetrics(this.#place, this.#uncounted);
      if (written) this.#uncounted = [];
      this.#why = written ? null : problem;
      if (written && problem !== null) this.#problems.add(problem);
    } catch (error) {
      this.#why = `the metrics were not written: ${describeError(error)}`;
    }
  }

  /** Tries once more what could not be counted. Never rejects. */
  async settle(): Promise<void> {
    if (this.#why !== null) await this.count([]);
  }

  /** What there is to say of it so far. */
  get problems(): string[] {
    return [...this.#problems, ...(this.#why === null ? [] : [this.#why])];
  }
}
