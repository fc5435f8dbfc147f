import type {ContentEvent, ContentSummary} from '../engine/content/check.ts';
import type {ContentKind, ContentResult} from '../engine/storage/content.ts';
import {saidBy} from '../engine/storage/content-verdicts.ts';
import {type Sentence, sentence} from './sentence.ts';

type Looked = {name: string; kind: ContentKind | null; state: 'follows' | 'checking' | ContentResult};

/** How far a backup has been looked into; read by the screen and by both printers. */
export type ContentProgress = {id: string; datasets: Looked[]; summary: ContentSummary | null};

export function reduceContent(progress: ContentProgress | null, event: ContentEvent): ContentProgress | null {
  if (event.type === 'content started')
    return {
      id: event.id,
      datasets: event.datasets.map((each) => ({...each, state: 'follows'})),
      summary: null,
    };
  if (progress?.id !== event.id) return progress;
  const {datasets} = progress;
  switch (event.type) {
    case 'content checking':
      return {
        ...progress,
        datasets: datasets.map((each) => (each.name === event.name ? {...each, state: 'checking'} : each)),
      };
    case 'content checked': {
      const {name, result} = event;
      // Of what is neither JSON nor SQLite there is nothing to say.
      if (result === null) return {...progress, datasets: datasets.filter((each) => each.name !== name)};
      return {
        ...progress,
        datasets: datasets.map((each) =>
          each.name === name ? {name, kind: result.kind, state: result} : each,
        ),
      };
    }
    case 'content finished':
      return {...progress, summary: event.summary};
  }
}

/** It goes on. */
export const isLooking = (progress: ContentProgress | null): boolean =>
  progress !== null && progress.summary === null;

/** Datasets that were found broken. */
export const brokenNames = (progress: ContentProgress | null): string[] =>
  progress?.datasets.flatMap(({name, state}) =>
    typeof state === 'object' && state.state === 'broken' ? [name] : [],
  ) ?? [];

/** What was found in a file, in words; not escaped yet. */
export function insideLine({kind, state, check, detail}: Omit<ContentResult, 'dataset'>): Sentence {
  if (state === 'broken')
    return sentence('x', kind === 'json' ? `is no JSON: ${detail}` : saidBy({kind, detail}));
  if (state === 'not checked') return sentence('?', `was not looked into: ${detail}`);
  const sound = kind === 'json' ? 'parses as JSON' : `passes SQLite's ${check}`;
  return detail === null ? sentence('+', sound) : sentence('!', `${sound}, but: ${detail}`);
}

/** The same of a dataset. */
function resultLine({dataset, ...found}: ContentResult): Sentence {
  const {mark, text, tone} = insideLine(found);
  const isQuoted = found.state === 'broken' && found.kind !== 'json';
  return {mark, text: `${dataset}${isQuoted ? ':' : ''} ${text}`, tone};
}

const waitingFor = {json: 'JSON check follows', sqlite: 'SQLite check follows'};
const underWay = {json: 'being read as JSON', sqlite: 'SQLite looks into a private copy of it'};

/** What needs the operator first. */
const order = 'x!-?+';

/** A line for each dataset that there is something to say of, what needs the operator first. */
export function contentLines({datasets, summary}: ContentProgress): Sentence[] {
  const lines = datasets.flatMap(({name, kind, state}): Sentence[] => {
    if (typeof state === 'object') return [resultLine(state)];
    if (summary !== null) return [];
    if (state === 'checking')
      return [sentence('-', `${name}: ${kind ? underWay[kind] : 'being looked into'}`)];
    return kind === null ? [] : [sentence('-', `${name}: ${waitingFor[kind]}`)];
  });
  return lines.toSorted((a, b) => order.indexOf(a.mark) - order.indexOf(b.mark));
}

const count = (datasets: Looked[]): number => datasets.filter(({state}) => typeof state === 'object').length;

/** All of it in a line, for where there is room for no more. */
export function contentSummary(progress: ContentProgress): Sentence {
  const {datasets, summary} = progress;
  if (summary === null) return sentence('-', `looking inside: ${count(datasets)} of ${datasets.length} done`);
  const {outcome, results} = summary;
  const of = (state: ContentResult['state']): number => results.filter((each) => each.state === state).length;
  const some = results.length === 1 ? '1 dataset' : `${results.length} datasets`;
  switch (outcome) {
    case 'cancelled':
      return sentence('-', `looking inside was stopped: ${count(datasets)} of ${datasets.length} done`);
    case 'broken':
      return sentence('x', `broken inside: ${brokenNames(progress).join(', ')}`);
    case 'not checked':
      return results.length === 0
        ? sentence('?', 'nothing in it matched: nothing was looked into')
        : sentence('?', `${of('not checked')} of ${some} not looked into`);
    case 'nothing to check':
      return sentence('-', 'neither JSON nor SQLite in it: only its bytes were checked');
    case 'sound':
      return sentence('+', `${some} can be read: JSON parses, SQLite finds no fault`);
  }
}
