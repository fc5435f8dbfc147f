import {createPool, type Pool} from '../../source/engine/hashing/pool.ts';
import type {BackupResult} from '../../source/engine/verify/record.ts';
import {type VerifyEvent, type VerifyOptions, verify} from '../../source/engine/verify/verify.ts';
import type {BuiltBackup} from './backups.ts';
import {tidyAfterFile} from './tidy.ts';

let current: Pool | null = null;
function made(): Pool {
  current ??= createPool(2);
  return current;
}

/** One pool for all the tests of a file: starting workers is what takes the time. */
export const pool: Pool = {
  hash: (...given) => made().hash(...given),
  copy: (...given) => made().copy(...given),
  warm: (count) => made().warm(count),
  close() {
    current?.close();
    current = null;
  },
};
tidyAfterFile(() => pool.close());

/** All events of one verification of these backups, which must lie in one backups directory. */
export async function verifyEvents(
  backups: Pick<BuiltBackup, 'backups' | 'id'>[],
  options: Partial<VerifyOptions> = {},
): Promise<VerifyEvent[]> {
  const events: VerifyEvent[] = [];
  const ids = backups.map(({id}) => id);
  const directory = backups[0]?.backups ?? '';
  for await (const event of verify({backups: directory, ids, pool, record: false, ...options})) {
    events.push(event);
  }
  return events;
}

/** The result of one backup's verification. */
export async function verifyBackup(
  backup: Pick<BuiltBackup, 'backups' | 'id'>,
  options: Partial<VerifyOptions> = {},
): Promise<BackupResult> {
  const last = (await verifyEvents([backup], options)).at(-1);
  const result = last?.type === 'finished' ? last.results[0] : undefined;
  if (!result) throw new Error('the verification did not finish');
  return result;
}
