import * as z from 'zod/mini';
import type {Session} from './session.ts';

const maySchema = z.object({may: z.boolean()});
const idSchema = z.object({id: z.string()});

/**
 * The number that a server got when its data were first made. It tells servers apart that are reached by one address, such
 * as a socket's directory, on two machines.
 * @returns null where it is not told to our role
 */
export async function systemIdOf(session: Session): Promise<string | null> {
  const [row] = await session.query("SELECT has_function_privilege('pg_control_system()', 'EXECUTE') AS may");
  if (!maySchema.parse(row).may) return null;
  const [said] = await session.query('SELECT system_identifier::text AS id FROM pg_control_system()');
  return idSchema.parse(said).id;
}
