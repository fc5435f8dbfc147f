import * as z from 'zod/mini';

/** What `config.json` says of a dataset that lies on the disk. */
export const sourceFields = {source: z.string().check(z.minLength(1))};
export type SourceEntry = {name: string; source: string};
