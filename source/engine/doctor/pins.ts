import {shellWord} from '../base/shell-word.ts';
import {readRow} from '../catalog/row.ts';
import {whyNotCounted} from '../retention/retention.ts';
import {heldDirectory} from '../storage/held.ts';
import {brief} from './catalog.ts';
import {counted, type Finding, ok, wrong} from './check.ts';
import type {Subject} from './subject.ts';

/** Whether what is held is really there. */
export function checkPins(subject: Subject): Finding[] {
  const {root, backups, now} = subject;
  const held = heldDirectory(root);
  if (held === null) return [];
  const {listing} = subject.catalog;
  const findings = listing.held.flatMap(({id, only}) => {
    const row = readRow(held, id, now);
    const why = whyNotCounted(row);
    if (why === null || why.startsWith('failed')) return [];
    const other = only
      ? `and nothing usable of it lies in ${subject.short(backups)}`
      : `the backup itself lies in ${subject.short(backups)}`;
    const again = only
      ? []
      : [
          subject.command(`backup unpin ${shellWord(id)}`),
          subject.command(`backup pin ${shellWord(id)} --reason='held anew'`),
        ];
    return [
      wrong(
        `${id} is held, but what is held is ${why}${row.reason ? ` (${brief(row.reason)})` : ''}; ${other}`,
        only ? null : 'Hold it anew:',
        again,
      ),
    ];
  });
  if (findings.length > 0) return findings;
  const only = listing.held.filter((each) => each.only).length;
  const alone = only > 0 ? `; ${only} of them lie only there, PHP has deleted the other` : '';
  return [
    ok(listing.held.length === 0 ? 'none is held' : `${counted(listing.held.length, 'backup')} held${alone}`),
  ];
}
