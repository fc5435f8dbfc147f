import type {ServerDatabase} from './databases.ts';
import {identifier, literal} from './quote.ts';

/** What of a database goes by its name, beside its data: whether and how many it lets in, and its comment. */
export type Dress = Pick<ServerDatabase, 'allows' | 'limit' | 'comment'>;

/** The statements that give it that. @param name of the database */
export const dressStatements = (name: string, {allows, limit, comment}: Dress): string[] => [
  `ALTER DATABASE ${identifier(name)} WITH ALLOW_CONNECTIONS ${allows} CONNECTION LIMIT ${limit}`,
  `COMMENT ON DATABASE ${identifier(name)} IS ${comment === null ? 'NULL' : literal(comment)}`,
];
