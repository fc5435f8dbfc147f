import path from 'node:path';
import {inspect} from 'node:util';
import {expect} from 'vitest';
import {changingCalls, sample, saySweep, type Traced} from './faults.ts';
import type {Begun} from './restore-runner.ts';

/** Where in a restore a fault hits it, going by the journal on the disk: `before` there is none yet. */
export const stages = ['before', 'prepare', 'commit', 'rollback', 'done'] as const;
export type Stage = (typeof stages)[number];

/** A call of a restore that changes a file. */
export type RestorePoint = {
  call: string;
  /** Which of its thread's calls of this kind it is: on this path, or of all where it names what it changes. */
  nth: number;
  /** Below the root, what an open file is; the id of the safety backup, which is not known before, is left open. */
  path: string | null;
  /** Where it was in the run that was looked at. */
  stage: Stage;
};

export const nameOfPoint = ({call, nth, path: at}: RestorePoint): string =>
  `${call} ${nth}${at === null ? '' : ` of ${at}`}`;

const safetyId = /\d{8}_\d{6}_before-restore-\d+/;
const open = '{safety}';
/** Seconds from now on in which a safety backup may begin, after which it is called. */
const patience = 300;

/** Calls with an open file; the others name what they change. */
const onOpenFile = /^\d+ +\w+\(\d+<(?<file>[^>]*)>/;

/** The phase that a call moves the journal to: renaming what was written for it. */
const movesTo = ({call, text}: Traced): Stage | null => {
  const phase = call === 'rename' && /\/\.journal\.([a-z-]+)\.new", /.exec(text)?.[1];
  if (!phase) return null;
  return ({back: 'rollback', 'rolled-back': 'done'} as Record<string, Stage>)[phase] ?? (phase as Stage);
};

/**
 * The points of a sweep, in the order in which they came. With `-P` strace counts the calls on one path only, so that
 * Node's own, whose number is another each time, do not count. It counts those of each thread: of two that are the first
 * of their thread it hits the one that comes first, and the other is no point.
 * @param first the stage in which it begins
 */
export function pointsOfRestore(calls: Traced[], root: string, first: Stage = 'before'): RestorePoint[] {
  const counts = new Map<string, number>();
  const taken = new Set<string>();
  let stage = first;
  return calls.flatMap((traced): RestorePoint[] => {
    const {call, text, thread} = traced;
    if (!changingCalls.includes(call)) return [];
    const file = onOpenFile.exec(text)?.groups?.['file']?.replace(/ \(deleted\)$/, '');
    if (file !== undefined && !file.startsWith(`${root}/`)) return [];
    const at = file === undefined ? null : path.relative(root, file).replace(safetyId, open);
    const key = `${thread} ${call} ${at ?? ''}`;
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    const point = {call, nth, path: at, stage};
    stage = movesTo(traced) ?? stage;
    const name = nameOfPoint(point);
    if (taken.has(name)) return [];
    taken.add(name);
    return [point];
  });
}

/** What strace is told so that a fault hits this point, and only this one. */
export function injectAt(
  {call, nth, path: at}: RestorePoint,
  fault: string,
  {root, session}: Pick<Begun, 'root' | 'session'>,
): {calls: string[]; inject: string; paths: string[]} {
  const what = {calls: [call], inject: `${call}:${fault}:when=${nth}`};
  if (at === null) return {...what, paths: []};
  const ids = at.includes(open)
    ? Array.from({length: patience}, (_, second) => {
        const digits = new Date(Date.now() + (second - 1) * 1000).toISOString().slice(0, 19);
        return `${digits.replace(/[-:]/g, '').replace('T', '_')}_before-restore-${session}`;
      })
    : [''];
  return {...what, paths: ids.map((id) => path.join(root, at.replace(open, id)))};
}

/** So many of each stage, as `sample` takes them. */
export const sampleOfEach = (points: RestorePoint[], most: Partial<Record<Stage, number>>): RestorePoint[] =>
  stages.flatMap((stage) => {
    const some = points.filter((point) => point.stage === stage);
    return some.length === 0 ? [] : sample(some, most[stage] ?? some.length);
  });

/** What a sweep did: how many points it hit in each stage, and what went wrong. */
export class Tally {
  readonly #name: string;
  readonly #hits = new Map<Stage, number>();
  readonly #violations: string[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  hit(stage: Stage): void {
    this.#hits.set(stage, (this.#hits.get(stage) ?? 0) + 1);
  }

  /** Does what is to be found at a point; whatever fails in it is a violation. */
  async at(point: string, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      const actual = error instanceof Error && 'actual' in error ? `: ${inspect(error.actual)}` : '';
      this.#violations.push(`${point}: ${error instanceof Error ? error.message : error}${actual}`);
    }
  }

  /** Prints it. A stage in which nothing was hit was not shown to be safe. */
  settle(needed: readonly Stage[], all: number): void {
    const hits = stages.flatMap((stage) =>
      this.#hits.has(stage) ? [`${this.#hits.get(stage)} ${stage}`] : [],
    );
    const sum = [...this.#hits.values()].reduce((total, each) => total + each, 0);
    saySweep(
      `${this.#name}: hit ${sum} of ${all} points (${hits.join(', ')}), ${this.#violations.length} violations`,
    );
    expect(this.#violations).toEqual([]);
    expect([...this.#hits.keys()]).toEqual(expect.arrayContaining([...needed]));
  }
}
