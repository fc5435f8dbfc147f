import {describeError} from '../base/problem.ts';
import {hookFailure} from '../base/result.ts';
import type {RunPlace} from '../config/project.ts';
import type {Happening} from '../storage/events.ts';
import type {EventHookResult} from './event-hooks.ts';
import {type AuditLine, auditLine, auditText, type ToldEvent} from './log/audit-line.ts';
import {appendToLog, notAppended} from './log/audit-log.ts';
import {type EventPlace, recordMetrics} from './metrics/metrics.ts';

/**
 * Tells what happens in a root: its configuration says where.
 * @param signal ends the site's hooks early
 */
export const announcerOf = ({root, backups, configuration}: RunPlace, signal?: AbortSignal): Announcer =>
  new Announcer(
    {root, backups, auditLog: configuration.auditLog.value, metrics: configuration.metrics.value},
    process.env,
    signal,
  );

/** What became of telling: what was told, what could not be, and what the site's hooks said. */
type Told = {events: ToldEvent[]; problems: string[]; hooks: EventHookResult[]};

/** What there is to say of hooks that failed and must not; one that failed for many events in the same way is told of once. */
export function hookProblems(hooks: EventHookResult[]): string[] {
  const failed = hooks.flatMap((result) => {
    const why = result.mayFail ? null : hookFailure(result);
    return why === null ? [] : [`the hook ${result.command.join(' ')} on ${result.event}: ${why}`];
  });
  return [...new Set(failed)];
}

/** Counts events in the metrics. Those that could not be counted are counted with the next: a prune may make room. */
export class MetricsCounting {
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

/** Lines that are appended under one lock, and why they could not be; null where they were. */
type Batch = {lines: AuditLine[]; durable: boolean; told: Promise<string | null>};

/**
 * Tells the others what happens: the audit log, the metrics, and the site's own hooks. None of them can keep the work
 * from going on; what could not be told is told to the operator.
 */
export class Announcer {
  readonly #place: EventPlace;
  readonly #env: NodeJS.ProcessEnv;
  readonly #signal: AbortSignal | undefined;
  /** What is told next, together: taking the lock costs more than writing many lines. */
  #next: Batch | null = null;
  /** Lines that no hook has been run for yet. */
  #waiting: AuditLine[] = [];
  #events: ToldEvent[] = [];
  #problems = new Set<string>();
  readonly #counting: MetricsCounting;
  #hooks: EventHookResult[] = [];
  /** One after the other: lines in the order of what happened. Neither is ever rejected. */
  #telling: Promise<unknown> = Promise.resolve();
  #running: Promise<void> = Promise.resolve();

  constructor(place: EventPlace, env: NodeJS.ProcessEnv, signal?: AbortSignal) {
    this.#place = place;
    this.#counting = new MetricsCounting(place);
    this.#env = env;
    this.#signal = signal;
  }

  /**
   * Appends events to the audit log, under one lock, and counts them. Never rejects: it need not be waited for.
   * @param durable waits until they are on the disk
   * @param isKnown no hook is run: nothing has changed since one was
   * @returns the lines, and why they could not be appended; null where they were
   */
  async announce(
    happenings: Happening[],
    durable = false,
    isKnown = false,
  ): Promise<{lines: AuditLine[]; problem: string | null}> {
    const {root} = this.#place;
    const now = new Date();
    let lines: AuditLine[];
    try {
      lines = happenings.map((each) => auditLine(each, root, this.#env, now));
    } catch (error) {
      const actions = happenings.map(({action}) => action).join(', ');
      const problem = `${actions} cannot be put into words: ${describeError(error)}`;
      this.#problems.add(problem);
      return {lines: [], problem};
    }
    if (lines.length === 0) return {lines, problem: null};
    if (!isKnown) this.#waiting.push(...lines);
    const batch = this.#next ?? this.#openBatch();
    batch.lines.push(...lines);
    batch.durable ||= durable;
    return {lines, problem: await batch.told};
  }

  #openBatch(): Batch {
    const batch: Batch = {lines: [], durable: false, told: Promise.resolve(null)};
    batch.told = this.#telling.then(() => {
      this.#next = null;
      return this.#tell(batch);
    });
    this.#telling = batch.told;
    this.#next = batch;
    return batch;
  }

  async #tell({lines, durable}: Batch): Promise<string | null> {
    const {root, auditLog} = this.#place;
    let problem: string | null = null;
    try {
      await appendToLog(root, auditLog, lines.map(auditText).join(''), durable);
    } catch (error) {
      problem = notAppended(auditLog, error);
      this.#problems.add(problem);
    }
    this.#events.push(...lines.map((line) => ({line, logged: problem === null})));
    await this.#counting.count(lines);
    return problem;
  }

  /** Runs the site's hooks for what has happened since the last time; they run one after the other. Never rejects. */
  async settle(): Promise<Told> {
    let telling: Promise<unknown>;
    do {
      telling = this.#telling;
      await telling;
    } while (telling !== this.#telling);
    // In its turn: what is announced meanwhile is counted after it.
    this.#telling = this.#telling.then(() => this.#counting.settle());
    await this.#telling;
    const lines = this.#waiting.splice(0);
    const run = async (): Promise<void> => {
      if (lines.length === 0) return;
      try {
        const {runEventHooks} = await import('./event-hooks.ts');
        const {results, problem} = await runEventHooks(this.#place.root, lines, this.#signal);
        this.#hooks.push(...results);
        if (problem !== null) this.#problems.add(problem);
      } catch (error) {
        this.#problems.add(`the site's hooks were not run: ${describeError(error)}`);
      }
    };
    this.#running = this.#running.then(run);
    await this.#running;
    return this.told;
  }

  /** What has become of it so far. */
  get told(): Told {
    const problems = [...this.#problems, ...this.#counting.problems, ...hookProblems(this.#hooks)];
    return {events: [...this.#events], problems, hooks: [...this.#hooks]};
  }
}

/** Tells of what is done by now, and runs the site's hooks. Never rejects. @returns what could not be told */
export async function tellOf(
  place: RunPlace,
  happenings: Happening[],
  signal?: AbortSignal,
): Promise<string[]> {
  const announcer = announcerOf(place, signal);
  void announcer.announce(happenings);
  return (await announcer.settle()).problems;
}
