import type {Row} from '../engine/catalog/row.ts';
import type {ContentEvent} from '../engine/content/check.ts';
import type {ContentResult} from '../engine/storage/content.ts';
import {saidBy} from '../engine/storage/content-verdicts.ts';
import type {CatalogState} from './catalog.ts';

/** What this session found inside, by dataset and bytes: where there is no state of ours the disk does not say so. */
export type InsideFound = ReadonlyMap<string, ContentResult>;

const keyOf = (dataset: string, content: string): string => JSON.stringify([dataset, content]);

/** Keeps what was found in a copy; what was not looked into says nothing. */
export function noteInside(found: InsideFound, {rows}: CatalogState, event: ContentEvent): InsideFound {
  if (event.type !== 'content checked' || event.result === null || event.result.state === 'not checked')
    return found;
  const content = rows.get(event.id)?.datasets.find(({name}) => name === event.name)?.content;
  return content ? new Map(found).set(keyOf(event.name, content), event.result) : found;
}

/** What this session found out counts more than what is kept of before. */
function withFound(row: Row, found: InsideFound): Row {
  const mine = row.datasets.flatMap(({name, content}) => {
    const result = content === null ? undefined : found.get(keyOf(name, content));
    if (result?.kind == null) return [];
    const {kind, state, detail} = result;
    const isSaid =
      state === 'broken'
        ? row.brokenInside.some((each) => each.name === name)
        : row.soundInside.some((each) => each.name === name);
    return isSaid ? [] : [{name, kind, state, detail}];
  });
  if (mine.length === 0) return row;
  const names = new Set(mine.map(({name}) => name));
  const others = <T extends {name: string}>(all: T[]): T[] => all.filter(({name}) => !names.has(name));
  const broken = mine.filter(({state}) => state === 'broken');
  const sound = mine.filter(({state}) => state === 'sound');
  return {
    ...row,
    brokenInside: [
      ...others(row.brokenInside),
      ...broken.map(({name, kind, detail}) => ({name, detail: saidBy({kind, detail})})),
    ],
    soundInside: [...others(row.soundInside), ...sound.map(({name, kind}) => ({name, kind}))],
  };
}

/** The same bytes are as sound wherever they lie. */
export function overlayInside(catalog: CatalogState, found: InsideFound): CatalogState {
  if (found.size === 0) return catalog;
  let rows: Map<string, Row> | null = null;
  for (const [id, row] of catalog.rows) {
    const known = withFound(row, found);
    if (known === row) continue;
    rows ??= new Map(catalog.rows);
    rows.set(id, known);
  }
  return rows === null ? catalog : {...catalog, rows};
}
