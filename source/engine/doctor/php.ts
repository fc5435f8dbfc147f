import {counted, listed} from '../base/format.ts';
import {shellWord} from '../base/shell-word.ts';
import {underWay} from '../catalog/list.ts';
import {emptiesText, linkInside, phpForecast} from '../retention/php-forecast.ts';
import {othersIn, planRetention} from '../retention/plan.ts';
import {whyNotCounted} from '../retention/retention.ts';
import {idTime} from '../storage/new-id.ts';
import {onlyGoodIn} from './backups.ts';
import {beware, type Findings, type InRoot, ok, unknown, wrong} from './check.ts';
import type {Subject} from './subject.ts';

/** What lies in the backups directory and is no backup of this project: PHP counts it all the same (FORMAT.md). */
export function* checkStrays(subject: Subject): Findings {
  const {place, rows, backups} = subject;
  // Two projects in one backups directory: PHP's retention of either takes the other's.
  const others = place ? othersIn(place, rows) : new Map<string, string>();
  for (const [root, entries] of Map.groupBy(others, ([, of]) => of)) {
    const ids = entries.map(([id]) => id);
    yield beware(
      `${counted(ids.length, 'backup is', 'backups are')} of ${root}, which keeps its backups here too: ${listed(ids, 3)}. They are not counted or removed here; PHP's retention of either project counts and deletes those of both`,
      'Give each project a backups directory of its own (magds.backup.path). Now it is:',
      [`ls -ld ${shellWord(backups)}`],
    );
  }
  const strays = subject.catalog.listing.strays.filter(({reason}) => reason !== underWay);
  if (strays.length === 0) return 'none';
  const names = strays.map(({name, reason, leadsTo}) => {
    const danger = leadsTo == null ? '' : `, but PHP empties ${leadsTo} when it comes to delete this`;
    return `${name} (${reason}${danger})`;
  });
  const one = strays.length === 1;
  yield beware(
    `${counted(strays.length, 'entry is not a backup', 'entries are not backups')}: ${listed(names, 3)}. PHP's retention counts ${one ? 'it as one, and deletes one more backup' : `them, and deletes ${strays.length} more backups`}`,
    `Move ${one ? 'it' : 'them'} out of the backups directory:`,
    strays.slice(0, 3).map(({name}) => subject.asOwner(`mv -n ${shellWord(`${backups}/${name}`)} /var/tmp/`)),
  );
  return undefined;
}

/** What PHP's own next run would delete that retention here would keep. */
export function* checkPhp(subject: InRoot): Findings {
  const {place, backups, now} = subject;
  if (!place) {
    yield unknown('what its next run would delete is not known without the configuration');
    return undefined;
  }
  const {php, phpOff} = place.configuration;
  if (phpOff !== null) return `its backups are switched off (${phpOff}): it deletes nothing here`;
  if (php.path !== backups) return `its own backups lie elsewhere, in ${php.path}: it deletes nothing here`;
  if (php.maxCount === null) return 'it keeps all, as configured';
  const {listing, rows} = subject.catalog;
  const linkIn = (name: string) => linkInside(backups, name);
  const {deletes, empties} = phpForecast(place.configuration, backups, listing, now, linkIn);
  if (empties)
    yield wrong(`its ${emptiesText(empties)}`, 'Take that link away before its next run:', [
      subject.asOwner(`rm ${shellWord(`${backups}/${empties.link}`)}`),
    ]);
  if (deletes.length === 0) return 'its next run would delete nothing';
  const elsewhere = new Set(listing.held.filter((each) => !each.counted).map(({id}) => id));
  const usual = [...rows.values()].filter(({id}) => !elsewhere.has(id));
  const verdicts = planRetention(place, {id: idTime(now)}, usual);
  const goes = new Set(verdicts.flatMap(({id, stays}) => (stays ? [] : [id])));
  const kept = onlyGoodIn(
    subject,
    subject.rows.filter((row) => whyNotCounted(row) !== null),
  );
  // What could not be restored is no loss, unless something good is nowhere else: `damaged` says the same of it.
  const lost = deletes.filter((id) => {
    const row = rows.get(id);
    return !goes.has(id) && row !== undefined && (kept.has(id) || whyNotCounted(row) === null);
  });
  const said = `its next run would delete ${counted(deletes.length, 'entry', 'entries')} of the backups directory`;
  if (lost.length === 0) {
    yield ok(`${said}: ${listed(deletes, 3)}. Nothing that should be kept is lost`);
    return undefined;
  }
  const newest = lost.slice(-3).reverse();
  yield beware(
    `${said}, and with that ${counted(lost.length, 'backup')} that retention here would keep: ${listed(lost.toReversed(), 3)}`,
    'Hold what must stay, newest first; what is held, PHP cannot reach:',
    newest.map((id) => subject.command(`backup pin ${shellWord(id)} --reason='not for PHP to delete'`)),
  );
  return undefined;
}
