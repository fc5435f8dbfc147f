import {intervalsOf} from '../intervals.ts';
import {beware, code, count} from '../markdown.ts';
import type {EvidenceRecord} from '../schema.ts';

/** What a reader must know before anything else, in points of a list. */
export function flagsOf(record: EvidenceRecord): string[] {
  const {session, exported, backups} = record;
  const contexts = session?.context ? [session.context, exported] : [exported];
  const weak = backups.flatMap(({datasets}) => datasets).filter((each) => each.weak).length;
  const shared = contexts.find(({who}) => who.shared_account);
  const flags = [
    ...(session && session.broken !== null
      ? [`the record of session ${session.number} cannot be relied on: ${code(session.broken)}.`]
      : []),
    ...(session?.torn ? ["the last line of the session's record was cut short."] : []),
    ...(session && session.state === 'stopped'
      ? ['the restore was interrupted and needs recovery: live files may be old or new.']
      : []),
    ...(intervalsOf(record)?.contradictions.map((each) => each.charAt(0).toLowerCase() + each.slice(1)) ??
      []),
    ...(shared ? [`${code(shared.who.login)} is a shared account: it does not say who it was.`] : []),
    ...(contexts.some(({host}) => host.clock.synchronised === false)
      ? ['the clock was not synchronised: times are no better than it.']
      : []),
    ...(weak > 0
      ? [`${count(weak, 'hash is', 'hashes are')} of a weak algorithm, which finds accidents, not tampering.`]
      : []),
    ...(backups.some(({manifest}) => manifest.replaced)
      ? ['a manifest holds bytes that are no UTF-8; they were replaced in this file.']
      : []),
  ];
  return flags.map(beware);
}
