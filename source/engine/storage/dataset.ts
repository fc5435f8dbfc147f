import * as z from 'zod/mini';

const text = z.nullable(z.string());

/** What became of the copy of one dataset, as it is told and recorded. */
export const datasetSchema = z.object({
  name: z.string(),
  status: z.enum([
    'match',
    'mismatch',
    'missing',
    'unreadable',
    'unsupported',
    'unsafe',
    /** Nothing is known of the copy: this machine had too little of something to read it. */
    'not checked',
    'cancelled',
  ]),
  algorithm: text,
  expected: text,
  actual: text,
  /** Bytes read. */
  bytes: z.nullable(z.number()),
  mtimeMs: z.nullable(z.number()),
  /** Why it is no match; null for a match. */
  reason: text,
});
export type DatasetResult = z.infer<typeof datasetSchema>;
export type DatasetStatus = DatasetResult['status'];

/** Something of a directory that no file of the backup stands for. `grave`: data that should have been copied. */
export type LeftOut = {name: string; reason: string; grave: boolean};

/** Whether a name in a manifest is that dataset's, or one of a file below it. */
export const isBelow = (name: string, wanted: string): boolean =>
  name === wanted || name.startsWith(`${wanted}/`);

/** Whether it changes all the time, as the site has it. @param names of datasets, or of files of one */
export const isVolatile = (names: readonly string[], name: string): boolean =>
  names.some((each) => isBelow(name, each));
