import type {DatabaseSync} from 'node:sqlite';

/** The two databases, as they are attached. */
export type Side = 'main' | 'other';

export type ColumnFacts = {
  name: string;
  type: string;
  isGenerated: boolean;
  mayBeNull: boolean;
  key: number;
  /** Which values of it are one key. */
  collation: string;
};

/** Objects of a schema, by kind and name, with what made them. */
export type SchemaFacts = {
  tables: Map<string, {name: string}>;
  /** Virtual tables, by name, with the module; their data lie in ordinary tables, or nowhere in the file. */
  virtual: string[];
  objects: Map<string, string>;
};

/** SQLite tells names apart whatever their case, of ASCII only. */
export const foldName = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Reads what a schema lists; nothing of it is opened, a virtual table's module neither. */
export function readSchema(database: DatabaseSync, side: Side): SchemaFacts {
  const facts: SchemaFacts = {tables: new Map(), virtual: [], objects: new Map()};
  const rows = database
    .prepare(
      `SELECT type, name, rootpage, sql FROM ${side}.sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
    )
    .all();
  for (const {type, name, rootpage, sql} of rows) {
    if (typeof name !== 'string' || typeof type !== 'string') continue;
    // How a statement is spaced is no difference.
    facts.objects.set(`${type} ${name}`, String(sql ?? '').replace(/\s+/g, ' '));
    if (type !== 'table') continue;
    if (rootpage === 0) facts.virtual.push(name);
    else facts.tables.set(foldName(name), {name});
  }
  return facts;
}

/** The columns of a table. */
export function columnsOf(database: DatabaseSync, side: Side, table: string): ColumnFacts[] {
  const collations = new Map(
    database
      .prepare(
        `SELECT c.name, c.coll FROM pragma_index_list(?, ?) i, pragma_index_xinfo(i.name, ?) c
         WHERE i.origin = 'pk' AND c.key = 1`,
      )
      // Node 22 binds a numbered parameter by its name only.
      .all(table, side, side)
      .map(({name, coll}) => [name, String(coll).toUpperCase()]),
  );
  return database
    .prepare('SELECT name, type, "notnull", pk, hidden FROM pragma_table_xinfo(?, ?) ORDER BY cid')
    .all(table, side)
    .map(({name, type, notnull, pk, hidden}) => ({
      name: String(name),
      type: foldName(String(type)),
      isGenerated: hidden === 2 || hidden === 3,
      mayBeNull: notnull === 0,
      key: Number(pk),
      collation: collations.get(name) ?? 'BINARY',
    }));
}

/** Sentences told of schemas. */
const mostNotes = 20;

/** How two schemas differ beside their rows, a sentence each. */
export function schemaNotes(one: SchemaFacts, other: SchemaFacts): string[] {
  const notes: string[] = [];
  const only = (mine: SchemaFacts, theirs: SchemaFacts, mark: string): void => {
    for (const name of mine.objects.keys())
      if (!theirs.objects.has(name)) notes.push(`Schema: ${name} is only on the ${mark} side.`);
  };
  only(one, other, '-');
  only(other, one, '+');
  for (const [name, sql] of one.objects)
    if (other.objects.has(name) && other.objects.get(name) !== sql)
      notes.push(`Schema: ${name} is made in another way on the + side.`);
  const left = notes.length - mostNotes;
  return left > 0
    ? [...notes.slice(0, mostNotes), `Schema: ${left} more differences are not listed.`]
    : notes;
}
