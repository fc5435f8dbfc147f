import {whyLate} from '../backup/next-id.ts';
import {clockOf} from '../session/context.ts';
import {beware, type Finding, ok, wrong} from './check.ts';
import type {Subject} from './subject.ts';

/** Whether ids stay in the order of time. */
export async function checkClock(subject: Subject): Promise<Finding[]> {
  if (subject.root === null) return [];
  const {listing} = subject.catalog;
  const late = whyLate([...listing.ids, ...listing.held.map(({id}) => id)]);
  if (late !== null)
    return [wrong(late, 'Until then no backup can be made. What the clock says:', ['timedatectl; date -u'])];
  const {synchronised, offset_seconds: offset, source} = await clockOf();
  const off = offset === null ? '' : `, off by ${Math.abs(offset).toFixed(3)} s`;
  if (synchronised === null)
    return [
      ok('not behind the newest backup; whether it is synchronised is not told here (no chrony, no systemd)'),
    ];
  if (!synchronised)
    return [
      beware(
        `not synchronised, says ${source}: names of backups and times in the record may be wrong`,
        'Start what keeps it right:',
        [source === 'systemd' ? 'timedatectl set-ntp true' : 'chronyc tracking'],
      ),
    ];
  return [ok(`synchronised, says ${source}${off}`)];
}
