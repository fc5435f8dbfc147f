import {counted, formatAge, listed} from '../base/format.ts';
import {shellWord} from '../base/shell-word.ts';
import {copiesOf} from '../catalog/copies.ts';
import {isStillWritten, stillWritten} from '../catalog/cut-off.ts';
import {type Row, readRow} from '../catalog/row.ts';
import {lacks} from '../catalog/suggest.ts';
import {configuredNames} from '../config/effective.ts';
import {copyStates, whyNotCounted} from '../retention/retention.ts';
import {heldDirectory} from '../storage/held.ts';
import {partialTexts} from '../storage/manifest/partial.ts';
import {beware, type Findings, ok, wrong} from './check.ts';
import type {Subject} from './subject.ts';

const ageOf = ({time}: Row, now: number): number =>
  time === null ? Number.POSITIVE_INFINITY : now / 1000 - time;

const ago = (seconds: number): string =>
  seconds === Number.POSITIVE_INFINITY
    ? 'of an unknown time'
    : seconds < 60
      ? 'just now'
      : `${formatAge(seconds)} ago`;

const isTooOld = ({now, options}: Subject, row: Row): boolean => ageOf(row, now) > options.maxAge;

/** Characters of a reason that are told: a manifest may name thousands of datasets. */
const longest = 200;
const brief = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}...` : text);

const idsOf = (rows: Row[]): string =>
  listed(
    rows.map(({id}) => id),
    3,
  );

export function* checkNewest(subject: Subject): Findings {
  const {newest: row, rows, now, options, configuration} = subject;
  const make = subject.root === null ? [] : [subject.command('backup run')];
  if (!row) {
    const said = rows.length === 0 ? 'there is no backup' : 'there is no backup that could be restored whole';
    yield wrong(said, make.length > 0 ? 'Make one:' : null, make);
    return undefined;
  }
  const said = `${row.id}, ${ago(ageOf(row, now))}`;
  if (isTooOld(subject, row))
    yield beware(
      `${said}: older than ${formatAge(options.maxAge)}`,
      'Does the nightly run still run (timer, cron)? To make one now:',
      make,
    );
  const lacking = lacks(row, configuration && configuredNames(configuration));
  if (lacking.length > 0)
    yield beware(`${said}: it has no ${lacking.join(', ')}`, 'Make one with all of them:', make);
  if (row.partial.length > 0)
    yield beware(
      `${said}: it is partial: ${brief(partialTexts(row.partial, 3).join('; '))}`,
      'Make one that is whole, once what is in the way is settled:',
      make,
    );
  return said;
}

const verifyIt = (subject: Subject, {id}: Row): string =>
  subject.command(`backup verify --id=${shellWord(id)}`);

/** The newest backup that is verified, by its own age: a good night is one with a backup, and with a look at it. */
export function* checkVerified(subject: Subject): Findings {
  const {newest, now, options} = subject;
  if (!newest) return undefined;
  const row = subject.newestOf(
    (each) => whyNotCounted(each) === null && each.verification.state === 'verified',
  );
  if (!row) {
    const verify = [verifyIt(subject, newest)];
    yield beware('no backup is verified: none is known to be good', 'Verify the newest:', verify);
    return undefined;
  }
  const passed = (now - Date.parse(row.verification.at ?? '')) / 1000;
  const said = `${row.id}, ${ago(ageOf(row, now))}, verified ${ago(passed)}`;
  if (isTooOld(subject, row)) {
    const newer = newest.id === row.id ? [] : [verifyIt(subject, newest)];
    const advice = newer.length > 0 ? 'Verify the newest:' : null;
    yield beware(`${said}: that backup is older than ${formatAge(options.maxAge)}`, advice, newer);
  }
  return said;
}

/** Of which datasets these backups hold the newest good copy there is, by their ids. */
export function onlyGoodIn({rows, configuration}: Subject, some: Row[]): ReadonlyMap<string, string[]> {
  const configured = (configuration && configuredNames(configuration)) ?? [];
  const asked = new Set(some.map(({id}) => id));
  const names = new Set(some.flatMap((row) => [...copiesOf(row, configured).keys()]));
  const found = [...names].flatMap((name) => {
    const at = copyStates(rows, name, configured).findIndex(
      (state) => state === 'good' || state === 'proved',
    );
    const id = rows[at]?.id;
    return id !== undefined && asked.has(id) ? [{id, name}] : [];
  });
  const byId = Map.groupBy(found, ({id}) => id);
  return new Map([...byId].map(([id, all]) => [id, all.map(({name}) => name)]));
}

/** What is no good for a restore, by what is wrong with it. */
export function* checkDamaged(subject: Subject): Findings {
  const {rows} = subject;
  const written = rows.filter(isStillWritten);
  const onlyHeld = new Set(
    subject.catalog.listing.held.filter(({only, counted}) => only && !counted).map(({id}) => id),
  );
  const bad = rows.filter(
    // That the operator may not read it is told by the permissions.
    (row) =>
      whyNotCounted(row) !== null && !isStillWritten(row) && !row.reason?.includes('permission denied'),
  );
  const kept = onlyGoodIn(subject, bad);
  for (const [why, every] of Map.groupBy(bad, whyNotCounted)) {
    const what = why === 'damaged' ? 'copies are missing, or cannot be used' : why;
    for (const {id, reason} of every) {
      const names = kept.get(id);
      if (names)
        yield wrong(
          `${what}: ${id}${reason === null ? '' : ` (${brief(reason)})`}`,
          `Not usable for a whole restore, and no newer backup has a good copy of ${listed(names, 3)}: leave it where it is. Look at it:`,
          [subject.command(`backup show ${shellWord(id)}`)],
        );
    }
    const all = every.filter(({id}) => !kept.has(id));
    if (all.length === 0) continue;
    // An empty one has nothing to be finished, and what is only held, or in no project, cannot be.
    const canFinish = (row: Row): boolean =>
      subject.root !== null && row.state === 'interrupted' && !!row.lying && !onlyHeld.has(row.id);
    const lying = all.find(canFinish);
    const newest = lying ?? (all[0] as Row);
    const one = all.length === 1;
    const reason = one && newest.reason !== null ? ` (${brief(newest.reason)})` : '';
    yield wrong(
      `${what}: ${idsOf(all)}${reason}`,
      lying
        ? `Cut off before its end. Where a copy in ${one ? 'it' : 'one'} is needed, make it a backup of what lies in it whole; once nothing is, move it away:`
        : `Not usable for a whole restore. Look at ${one ? 'it; once nothing in it is needed, move it' : 'them; once nothing in them is needed, move each'} away:`,
      [
        subject.command(`backup ${lying ? 'finish' : 'show'} ${shellWord(newest.id)}`),
        subject.asOwner(`mv -n ${shellWord(`${subject.backups}/${newest.id}`)} /var/tmp/`),
      ],
    );
  }
  if (written.length > 0) yield ok(`${idsOf(written)}: ${stillWritten}`);
  return `none of ${counted(rows.length, 'backup')}`;
}

/** What passed, and is not what passed any more; and what is broken although its bytes are what was backed up. */
export function* checkChanged(subject: Subject): Findings {
  const changed = subject.rows.filter(({verification}) => verification.changed);
  const [first] = changed;
  if (first)
    yield beware(
      `changed since it passed: ${idsOf(changed)} (${first.verification.reason})`,
      'Verify again:',
      [verifyIt(subject, first)],
    );
  const broken = subject.rows.filter(({brokenInside}) => brokenInside.length > 0);
  const [worst] = broken;
  if (!worst) return undefined;
  const names = broken.map(
    ({id, brokenInside}) => `${id} (${brokenInside.map(({name}) => name).join(', ')})`,
  );
  yield beware(
    `broken inside: ${listed(names, 3)}`,
    'The copy is what was backed up: the live file was broken then, and may still be:',
    [subject.command(`backup verify --content --id=${shellWord(worst.id)}`)],
  );
  return undefined;
}

/** Whether what is held is really there. */
export function* checkPins(subject: Subject): Findings {
  const directory = heldDirectory(subject.root);
  if (directory === null) return undefined;
  const {held} = subject.catalog.listing;
  const place = subject.short(subject.backups);
  for (const {id, only} of held) {
    const row = readRow(directory, id, subject.now);
    const why = whyNotCounted(row);
    if (why === null || why.startsWith('failed')) continue;
    const said = `${id} is held, but what is held is ${why}${row.reason ? ` (${brief(row.reason)})` : ''}`;
    if (only) yield wrong(`${said}; and nothing usable of it is in ${place}`);
    else
      yield wrong(`${said}; the backup itself is in ${place}`, 'Hold it again:', [
        subject.command(`backup unpin ${shellWord(id)}`),
        subject.command(`backup pin ${shellWord(id)} --reason='held again'`),
      ]);
  }
  if (held.length === 0) return 'none is held';
  const only = held.filter((each) => each.only).length;
  const alone = only > 0 ? `; ${only} of them are only there: PHP has deleted the original` : '';
  return `${counted(held.length, 'backup')} held${alone}`;
}
