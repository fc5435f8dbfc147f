import * as z from 'zod/mini';
import {formatSchema} from './tables.ts';

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
export type Job = z.infer<typeof jobSchema>;
