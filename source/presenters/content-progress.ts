import type {ContentEvent, ContentSummary} from '../engine/content/check.ts';
import type {ContentKind, ContentResult} from '../engine/storage/content.ts';
import {saidBy} from '../engine/storage/content-verdicts.ts';
import {type Sentence, sentence} from './sentence.ts';

/** What was found so far, the last first: of tens of thousands of files no list is copied for each. */
type Found = {name: string; result: ContentResult; before: Found | null};

/** How far a backup has been looked into; read by the screen and by both printers. */
export type ContentProgress = {
  id: string;
  /** All that is looked at, in the order of the manifest. */
  datasets: readonly {name: string; kind: ContentKind | null}[];
  checking: string | null;
  found: Found | null;
  /** How many were found to be something, and how many nothing that is known to be checked: of those there is nothing to say. */
  done: number;
  others: number;
  summary: ContentSummary | null;
};

export function reduceContent(progress: ContentProgress | null, event: ContentEvent): ContentProgress | null {
  if (event.type === 'content started')
    return {
      id: event.id,
      datasets: event.datasets,
      checking: null,
      found: null,
      done: 0,
      others: 0,
      summary: null,
    };
  if (progress?.id !== event.id) return progress;
  switch (event.type) {
    case 'content checking':
      return {...progress, checking: event.name};
    case 'content checked': {
      const {name, result} = event;
      const checking = progress.checking === name ? null : progress.checking;
      if (result === null) return {...progress, checking, others: progress.others + 1};
      const found = {name, result, before: progress.found};
      return {...progress, checking, found, done: progress.done + 1};
    }
    case 'content finished':
      return {...progress, summary: event.summary};
  }
}

/** It goes on. */
export const isLooking = (progress: ContentProgress | null): boolean =>
  progress !== null && progress.summary === null;

/** `nothing`: it is nothing that is known to be checked. */
type State = 'follows' | 'checking' | 'nothing' | ContentResult;

/** How each stands, in the order of the manifest. */
export function statesOf({datasets, checking, found, done, others}: ContentProgress): Map<string, State> {
  const results = new Map<string, ContentResult>();
  for (let each = found; each; each = each.before) results.set(each.name, each.result);
  return new Map(
    datasets.map(({name}, index) => {
      const waits = name === checking ? 'checking' : index < done + others ? 'nothing' : 'follows';
      return [name, results.get(name) ?? waits];
    }),
  );
}

/** Datasets that were found broken. */
export const brokenNames = (progress: ContentProgress | null): string[] =>
  progress === null
    ? []
    : [...statesOf(progress)].flatMap(([name, state]) =>
        typeof state === 'object' && state.state === 'broken' ? [name] : [],
      );

/** What was found in a file, in words; not escaped yet. */
export function insideLine({kind, state, check, detail}: Omit<ContentResult, 'dataset'>): Sentence {
  if (state === 'broken')
    return sentence('x', kind === 'json' ? `is not JSON: ${detail}` : saidBy({kind, detail}));
  if (state === 'not checked') return sentence('?', `was not looked into: ${detail}`);
  const sound =
    kind === 'json'
      ? 'parses as JSON'
      : kind === 'dump'
        ? 'is read to its end by pg_restore'
        : `passes SQLite's ${check}`;
  return detail === null ? sentence('+', sound) : sentence('!', `${sound}, but: ${detail}`);
}

/** The same of a dataset. */
function resultLine({dataset, ...found}: ContentResult): Sentence {
  const {mark, text, tone} = insideLine(found);
  const isQuoted = found.state === 'broken' && found.kind !== 'json';
  return {mark, text: `${dataset}${isQuoted ? ':' : ''} ${text}`, tone};
}

const waitingFor = {
  json: 'JSON check follows',
  sqlite: 'SQLite check follows',
  dump: 'pg_restore follows',
};
const underWay = {
  json: 'being read as JSON',
  sqlite: 'SQLite looks into a private copy of it',
  dump: 'pg_restore reads it to its end',
};

/** What needs the operator first. */
const order = 'x!-?+';

/** A line for each dataset that there is something to say of, what needs the operator first. */
export function contentLines(progress: ContentProgress): Sentence[] {
  const states = statesOf(progress);
  const lines = progress.datasets.flatMap(({name, kind}): Sentence[] => {
    const state = states.get(name);
    if (typeof state === 'object') return [resultLine(state)];
    if (progress.summary !== null || state === 'nothing') return [];
    if (state === 'checking')
      return [sentence('-', `${name}: ${kind ? underWay[kind] : 'being looked into'}`)];
    return kind === null ? [] : [sentence('-', `${name}: ${waitingFor[kind]}`)];
  });
  return lines.toSorted((a, b) => order.indexOf(a.mark) - order.indexOf(b.mark));
}

/** All of it in a line, for where there is room for no more. */
export function contentSummary(progress: ContentProgress): Sentence {
  const {datasets, done, others, summary} = progress;
  const doneText = `${done} of ${datasets.length - others} done`;
  if (summary === null) return sentence('-', `looking inside: ${doneText}`);
  const {outcome, results} = summary;
  const of = (state: ContentResult['state']): number => results.filter((each) => each.state === state).length;
  const some = results.length === 1 ? '1 dataset' : `${results.length} datasets`;
  switch (outcome) {
    case 'cancelled':
      return sentence('-', `looking inside was stopped: ${doneText}`);
    case 'broken':
      return sentence('x', `broken inside: ${brokenNames(progress).join(', ')}`);
    case 'not checked':
      return results.length === 0
        ? sentence('?', 'nothing in it matched: nothing was looked into')
        : sentence('?', `${of('not checked')} of ${some} not looked into`);
    case 'nothing to check':
      return sentence('-', 'no JSON, SQLite or dump in it: only its bytes were checked');
    case 'sound':
      return sentence(
        '+',
        `${some} can be read: nothing in ${results.length === 1 ? 'it' : 'them'} is broken`,
      );
  }
}
