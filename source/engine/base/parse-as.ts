import type * as z from 'zod/mini';

/** JSON from a disk as a schema has it; null where it is none of that: torn, edited, or nested deeper than can be read. */
export function parseAs<Value>(schema: z.ZodMiniType<Value>, json: string | Buffer): Value | null {
  try {
    return schema.safeParse(JSON.parse(json.toString())).data ?? null;
  } catch {
    return null;
  }
}
