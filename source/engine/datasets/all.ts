import * as z from 'zod/mini';
import {directory} from './directory.ts';
import {file} from './file.ts';
import {postgres} from './postgres.ts';
import type {ConfiguredDataset, DatasetType} from './type.ts';

/** Every type of dataset that there is. */
export const datasetTypes: readonly DatasetType[] = [file, directory, postgres as DatasetType];

/** The type that is meant where none is named. */
export const usualType: DatasetType = file;

export const typeNames = datasetTypes.map(({name}) => name);

/** A dataset in `config.json`, as it was written there. */
export type DatasetEntry = {name: string; type?: string | undefined};

/** What `config.json` may say of a dataset: a shape for all types with the same fields. */
export function entrySchema(types: readonly DatasetType[]): z.ZodMiniType<DatasetEntry> {
  const shapes = [...Map.groupBy(types, ({fields}) => fields)].map(([fields, same]) => {
    const names = z.enum(same.map(({name}) => name));
    const type = same.includes(usualType) ? z.optional(names) : names;
    const shape = z.strictObject({name: z.string().check(z.minLength(1)), ...fields, type});
    return shape.check((context) => {
      const {value} = context;
      const why = same.find(({name}) => name === (value.type ?? usualType.name))?.whyUnfit?.(value) ?? null;
      if (why !== null) context.issues.push({code: 'custom', input: value, message: why});
    });
  });
  const [only, ...others] = shapes;
  if (!only) throw new Error('there is no type of dataset');
  return others.length === 0 ? only : z.discriminatedUnion('type', [only, ...others]);
}

/** The dataset that an entry means, which `entrySchema` has let pass. */
export function readDataset(entry: DatasetEntry, root: string, from: string): ConfiguredDataset {
  const type = datasetTypes.find(({name}) => name === entry.type) ?? usualType;
  return type.read(entry, root, from);
}
