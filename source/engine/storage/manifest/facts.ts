import * as z from 'zod/mini';
import type {JsonMap} from './json.ts';
import type {PhpValue} from './php-json.ts';

/** What the type of a dataset says of a copy that is not its live file as it lay there. */
export type CopyFacts = {
  /** The type of the dataset. */
  type: string;
  format: string;
  /** Its name among the connections of the PHP configuration; only where it has one. */
  connection?: string | undefined;
  /** Where it was: `db.example:5432`. */
  server?: string | undefined;
  database?: string | undefined;
  /** The number of that server's data: another one of the same address has another. */
  server_id?: string | undefined;
  server_version?: string | undefined;
  tool_version?: string | undefined;
  /** The time that all of it is of, DATE_ATOM. */
  snapshot_at?: string | undefined;
  /** Whole seconds that it took to write it. */
  dump_seconds?: string | undefined;
  /** Rows at that time, by table. */
  rows?: Map<string, number> | undefined;
};

/** Characters of a fact that are read; a name of the server's has fewer. */
const longest = 500;
const said = z.string().check(z.maxLength(longest));
const optional = z.catch(z.optional(said), undefined);

const schema = z.object({
  type: said,
  format: said,
  connection: optional,
  server: optional,
  database: optional,
  server_id: optional,
  server_version: optional,
  tool_version: optional,
  snapshot_at: optional,
  dump_seconds: optional,
});
const names = Object.keys(schema.shape);

/** @param entry of a manifest, hostile; undefined where it says no such thing */
export function readFacts(entry: JsonMap | null): CopyFacts | undefined {
  if (!entry?.has('type')) return undefined;
  const {data} = schema.safeParse(Object.fromEntries(names.map((name) => [name, entry.get(name)])));
  if (!data) return undefined;
  const counts = entry.get('rows');
  const rows = (counts instanceof Map ? [...counts] : []).filter(
    (row): row is [string, number] =>
      row[0].length <= longest && Number.isSafeInteger(row[1]) && Number(row[1]) >= 0,
  );
  const texts = Object.entries(data).filter(([, value]) => value !== undefined);
  return {...(Object.fromEntries(texts) as CopyFacts), ...(rows.length > 0 && {rows: new Map(rows)})};
}

/** As an entry holds them: texts and a map that is not empty, so that PHP rewrites them unharmed. */
export const factFields = (facts: CopyFacts): [string, PhpValue][] =>
  Object.entries(facts).flatMap(([name, value]): [string, PhpValue][] =>
    value === undefined || (value instanceof Map && value.size === 0) ? [] : [[name, value]],
  );
