import {shellWord} from '../base/shell-word.ts';
import {underWay} from '../catalog/list.ts';
import {emptiesText, linkInside, phpForecast} from '../retention/php-forecast.ts';
import {othersIn, planRetention} from '../retention/plan.ts';
import {whyNotCounted} from '../retention/retention.ts';
import {idTime} from '../storage/new-id.ts';
import {beware, counted, type Finding, ok, some, unknown, wrong} from './check.ts';
import type {Subject} from './subject.ts';

/** What lies in the backups directory and is no backup of this project: PHP counts it all the same (FORMAT.md). */
export function checkStrays(subject: Subject): Finding[] {
  const others = otherProjects(subject);
  const found = strayEntries(subject);
  return others.length > 0 && found[0]?.state === 'ok' ? others : [...others, ...found];
}

/** Two projects in one backups directory: PHP's retention of either takes the other's. */
function otherProjects({place, rows, backups}: Subject): Finding[] {
  const others = place ? othersIn(place, rows) : new Map<string, string>();
  return [...new Set(others.values())].map((root) => {
    const ids = [...others].flatMap(([id, of]) => (of === root ? [id] : []));
    return beware(
      `${counted(ids.length, 'backup is', 'backups are')} of ${root}, which keeps its backups here too: ${some(ids)}. They are not counted or removed here; PHP's retention of either project counts and deletes those of both`,
      'Give each project a backups directory of its own (magds.backup.path). Now it is:',
      [`ls -ld ${shellWord(backups)}`],
    );
  });
}

function strayEntries(subject: Subject): Finding[] {
  const strays = subject.catalog.listing.strays.filter(({reason}) => reason !== underWay);
  if (strays.length === 0) return [ok('none')];
  const names = strays.map(({name, reason, leadsTo}) => {
    const danger = leadsTo == null ? '' : `, but PHP empties ${leadsTo} when it comes to delete this`;
    return `${name} (${reason}${danger})`;
  });
  return [
    beware(
      `${counted(strays.length, 'entry is', 'entries are')} no backup: ${some(names)}. PHP's retention counts ${strays.length === 1 ? 'it as one, and deletes one backup more' : `them, and deletes ${strays.length} backups more`}`,
      `Move ${strays.length === 1 ? 'it' : 'them'} out of the backups directory:`,
      strays
        .slice(0, 3)
        .map(({name}) => subject.asOwner(`mv -n ${shellWord(`${subject.backups}/${name}`)} /var/tmp/`)),
    ),
  ];
}

/** What PHP's own next run would delete that retention here would keep. */
export function checkPhp(subject: Subject): Finding[] {
  const {place, backups, now} = subject;
  if (!place)
    return subject.root === null
      ? []
      : [unknown('what its next run would delete is not known without the configuration')];
  const {php, phpOff} = place.configuration;
  if (phpOff !== null) return [ok(`its backups are switched off (${phpOff}): it deletes nothing here`)];
  if (php.path !== backups)
    return [ok(`its own backups lie elsewhere, in ${php.path}: it deletes nothing here`)];
  if (php.maxCount === null) return [ok('it keeps all, as configured')];
  const {listing, rows} = subject.catalog;
  const linkIn = (name: string) => linkInside(backups, name);
  const {deletes, empties} = phpForecast(place.configuration, backups, listing, now, linkIn);
  const alarm = empties
    ? [
        wrong(`its ${emptiesText(empties)}`, 'Take that link away before its next run:', [
          subject.asOwner(`rm ${shellWord(`${backups}/${empties.link}`)}`),
        ]),
      ]
    : [];
  if (deletes.length === 0) return empties ? alarm : [ok('its next run would delete nothing')];
  const elsewhere = new Set(listing.held.filter(({counted: seen}) => !seen).map(({id}) => id));
  const usual = [...rows.values()].filter(({id}) => !elsewhere.has(id));
  const verdicts = planRetention(place, {id: idTime(now)}, usual);
  const goes = new Set(verdicts.flatMap(({id, stays, waits}) => (stays && !waits ? [] : [id])));
  const wanted = new Set(verdicts.flatMap(({id, datasets}) => (datasets.length > 0 ? [id] : [])));
  // What could not be restored is no loss.
  const lost = deletes.filter((id) => {
    const row = rows.get(id);
    return !goes.has(id) && row !== undefined && (wanted.has(id) || whyNotCounted(row) === null);
  });
  const said = `its next run would delete ${counted(deletes.length, 'entry', 'entries')} of the backups directory`;
  if (lost.length === 0)
    return [...alarm, ok(`${said}: ${some(deletes)}. Nothing is lost by it that should stay`)];
  const newest = lost.slice(-3).reverse();
  return [
    ...alarm,
    beware(
      `${said}, and with that ${counted(lost.length, 'backup')} that retention here would keep: ${some(lost.toReversed())}`,
      'Hold what must stay, newest first; what is held, PHP cannot reach:',
      newest.map((id) => subject.command(`backup pin ${shellWord(id)} --reason='not for PHP to delete'`)),
    ),
  ];
}
