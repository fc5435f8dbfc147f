import * as z from 'zod/mini';

/** What a file is made of. */
export const formatSchema = z.enum(['sqlite', 'postgres', 'json', 'json lines', 'csv', 'text']);
export type ComparedAs = z.infer<typeof formatSchema>;

const sideSchema = z.object({
  file: z.object({directory: z.string(), segments: z.array(z.string())}),
  /** Somebody may have it open, or write to it. */
  isLive: z.boolean(),
});

/** What the process that compares is asked. */
export const jobSchema = z.object({
  as: formatSchema,
  one: sideSchema,
  other: sideSchema,
  /** A private directory for copies of databases, and its inode. */
  into: z.nullable(z.object({path: z.string(), inode: z.string()})),
});
export type ComparisonJob = z.infer<typeof jobSchema>;

/** A row that is not the same on both sides. Everything in it is as it was read: to be escaped where it is shown. */
const rowSchema = z.object({
  /** Only in the one, only in the other, or in both and different. */
  mark: z.enum(['-', '+', '!']),
  /** What tells it apart; empty where only the whole row does. */
  key: z.string(),
  /**
   * Of a row in both the columns that differ, else all but those that tell it apart; what it says on each side, null on the side that has no
   * such row, or no such column.
   */
  columns: z.array(z.object({name: z.string(), one: z.nullable(z.string()), other: z.nullable(z.string())})),
  /** Columns of it that are not in `columns`, because there are too many. */
  left: z.number(),
});
export type RowDifference = z.infer<typeof rowSchema>;

/** How the rows of one table, or the entries of one list or map, differ. */
const tableSchema = z.object({
  /** Empty where the file is but one. */
  name: z.string(),
  /** What tells rows apart; null where they are compared as a whole. */
  by: z.nullable(z.string()),
  /** Rows on each side; null where that side has no such table, or they were not counted. */
  one: z.nullable(z.number()),
  other: z.nullable(z.number()),
  /** Null where they were not compared. */
  onlyOne: z.nullable(z.number()),
  onlyOther: z.nullable(z.number()),
  differ: z.nullable(z.number()),
  /** The first of them. */
  rows: z.array(rowSchema),
  /** What a reader has to know of it: other columns, generated ones. */
  notes: z.array(z.string()),
  /** Why it was not compared; null where it was. */
  reason: z.nullable(z.string()),
  /** Only how many rows there are is known: `onlyOne` and `onlyOther` are how many more one side has. */
  isCounted: z.optional(z.boolean()),
});
export type TableDifference = z.infer<typeof tableSchema>;

/** What the process that compares tells, a line of JSON each. */
export const tellingSchema = z.union([
  /** What it is at, and how far. */
  z.object({is: z.literal('doing'), what: z.string(), done: z.number(), of: z.number()}),
  /** The tables there are, none of them compared yet. */
  z.object({
    is: z.literal('tables'),
    as: formatSchema,
    names: z.array(z.string()),
  }),
  z.object({is: z.literal('table'), index: z.number(), table: tableSchema}),
  z.object({is: z.literal('note'), text: z.string()}),
  /** Not all of it is compared: rows that are said to be on one side only may be on the other too. */
  z.object({is: z.literal('in part')}),
  /** It cannot be compared so. */
  z.object({is: z.literal('not so'), why: z.string()}),
  z.object({is: z.literal('end')}),
]);
export type ComparisonLine = z.infer<typeof tellingSchema>;

export type Tables = {
  kind: 'tables';
  as: ComparedAs;
  tables: TableDifference[];
  /** What the reader has to know, a sentence each. */
  notes: string[];
  /** False where not all of it was compared. */
  isWhole: boolean;
};

export type Comparing = {type: 'comparing'; what: string; done: number; of: number; limit: number};

/** Rows listed of a table for each of `-`, `+` and `!`; of all tables together; and columns of a row. */
export const mostRows = 100;
export const mostRowsAtAll = 2000;
export const mostColumns = 30;
/** Characters of a value, and bytes of a blob; longer ones are cut. */
export const longestValue = 80;
export const longestBlob = 16;

/** Milliseconds after which a comparison is ended: what was compared until then is told. */
export const usualLimit = 60_000;

export const blank = (name: string): TableDifference => ({
  name,
  by: null,
  one: null,
  other: null,
  onlyOne: null,
  onlyOther: null,
  differ: null,
  rows: [],
  notes: [],
  reason: null,
});

/** Whether it is known to be the same on both sides. */
export const isSame = ({onlyOne, onlyOther, differ, reason}: TableDifference): boolean =>
  reason === null && onlyOne === 0 && onlyOther === 0 && differ === 0;

/** Whether both sides are known to have as many rows, and nothing more is. */
export const isAlike = ({isCounted, one, other, onlyOne, onlyOther, reason}: TableDifference): boolean =>
  isCounted === true && reason === null && one !== null && other !== null && onlyOne === 0 && onlyOther === 0;
