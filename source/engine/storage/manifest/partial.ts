import * as z from 'zod/mini';
import {isBelow} from '../dataset.ts';
import type {Json, JsonMap} from './json.ts';

/** What a backup does not hold as it should, by its manifest's own word. */
export type Shortfall = {
  /** A dataset's name, or a file's of a directory dataset as `dataset/relative/path`. */
  dataset: string;
  reason: string;
  /** It is all there, but was written to while it was read. */
  torn?: true;
};

/** Reasons why something of a directory has no copy of its own, and nothing is lost by that. */
export const noLoss = {
  empty: 'an empty directory',
  own: 'the backups themselves, or the state of this program',
  beside: 'belongs to the database beside it, which is copied through SQLite',
  gone: 'it was gone again before it was copied',
  // Neither holds any data, and what listens there makes it anew.
  socket: 'a socket',
  pipe: 'a pipe (FIFO)',
};

/** What is not known to be a loss: where it leads to may be copied for itself. */
export const linkLeftOut = 'a link';

/** Stands for those that a manifest counts and does not name. */
export const notNamed = 'and more';
/** Behind their number, where none of them is a loss. */
export const noneLost = 'others, of which none is lost';

export const isLoss = (reason: string): boolean =>
  !Object.values(noLoss).includes(reason) && !reason.endsWith(noneLost);

const kinds = [
  {key: 'missing', more: {}, said: (reason: string) => reason},
  {key: 'changed', more: {torn: true as const}, said: (reason: string) => reason},
  {key: 'left_out', more: {}, said: (reason: string) => `left out: ${reason}`},
];

/** More than we ever write; of a manifest that names more, the others are counted. */
const mostRead = 1000;

const reasonOf = z.catch(z.string(), 'no reason is recorded');

/** A name that is a number would have made PHP take the map for a list. */
const nameOf = (key: string): string => key.replace(/^dataset (\d+)$/, '$1');

/** @param metadata as the manifest has it, hostile; what is no map of reasons says nothing */
export function readPartial(metadata: JsonMap | null): Shortfall[] {
  return kinds.flatMap(({key, more: marks, said}) => {
    const given: Json | undefined = metadata?.get(key);
    if (!(given instanceof Map)) return [];
    const all = [...given].flatMap(([name, value]) => {
      const reason = reasonOf.parse(value);
      return isLoss(reason) ? [{dataset: nameOf(name), reason: said(reason), ...marks}] : [];
    });
    const more = all.length - mostRead;
    return more > 0
      ? [...all.slice(0, mostRead), {dataset: notNamed, reason: `${more} others`, ...marks}]
      : all;
  });
}

/** Lines about one backup; JSON has them all. */
const mostTold = 20;

/** Each in words, for people; not escaped. */
export function partialTexts(partial: Shortfall[], most = mostTold): string[] {
  const texts = partial.slice(0, most).map(({dataset, reason}) => `${dataset}: ${reason}`);
  const more = partial.length - texts.length;
  return more > 0 ? [...texts, `and ${more} more`] : texts;
}

/** Of which shortfalls a dataset is one: those of its own name, of its files, and those that cannot be named. */
export const concerns = ({dataset}: Shortfall, name: string): boolean =>
  isBelow(dataset, name) || dataset === notNamed;
