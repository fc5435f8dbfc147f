import {formatAge} from '../base/format.ts';
import {shellWord} from '../base/shell-word.ts';
import {type Row, stillWritten} from '../catalog/row.ts';
import {configuredNames} from '../config/effective.ts';
import {whyNotCounted} from '../retention/retention.ts';
import {partialTexts} from '../storage/manifest/partial.ts';
import {beware, counted, type Finding, ok, some, wrong} from './check.ts';
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

/** The newest backup that is whole as far as one sees without hashing. */
export function checkNewest(subject: Subject): Finding[] {
  const {rows, now, options, configuration} = subject;
  const make = subject.root === null ? [] : [subject.command('backup run')];
  const row = rows.find((each) => whyNotCounted(each) === null);
  if (!row)
    return [
      wrong(
        rows.length === 0 ? 'there is no backup' : 'there is no backup that could be restored whole',
        make.length > 0 ? 'Make one:' : null,
        make,
      ),
    ];
  const said = `${row.id}, ${ago(ageOf(row, now))}`;
  const findings: Finding[] = [];
  if (isTooOld(subject, row))
    findings.push(
      beware(
        `${said}: older than ${formatAge(options.maxAge)}`,
        'Does the nightly run still run (timer, cron)? To make one now:',
        make,
      ),
    );
  const names = (configuration && configuredNames(configuration)) ?? [];
  const lacking = names.filter(
    (name) => !row.datasets.some((each) => each.name === name || each.name.startsWith(`${name}/`)),
  );
  if (lacking.length > 0)
    findings.push(beware(`${said}: it has no ${lacking.join(', ')}`, 'Make one with all of them:', make));
  if (row.partial.length > 0)
    findings.push(
      beware(
        `${said}: it is partial: ${brief(partialTexts(row.partial, 3).join('; '))}`,
        'Make one that is whole, once what is in the way is settled:',
        make,
      ),
    );
  return findings.length > 0 ? findings : [ok(said)];
}

const verifyIt = (subject: Subject, {id}: Row): string =>
  subject.command(`backup verify --id=${shellWord(id)}`);

/** The newest backup that is verified, by its own age: a good night is one with a backup, and with a look at it. */
export function checkVerified(subject: Subject): Finding[] {
  const {rows, now, options} = subject;
  const whole = rows.find((each) => whyNotCounted(each) === null);
  const row = rows.find((each) => whyNotCounted(each) === null && each.verification.state === 'verified');
  if (!row)
    return whole
      ? [
          beware('no backup is verified: nobody knows whether one is good', 'Verify the newest:', [
            verifyIt(subject, whole),
          ]),
        ]
      : [];
  const passed = (now - Date.parse(row.verification.at ?? '')) / 1000;
  const said = `${row.id}, ${ago(ageOf(row, now))}, verified ${ago(passed)}`;
  if (!isTooOld(subject, row)) return [ok(said)];
  const newer = whole && whole.id !== row.id ? [verifyIt(subject, whole)] : [];
  return [
    beware(
      `${said}: that backup is older than ${formatAge(options.maxAge)}`,
      newer.length > 0 ? 'Verify the newest:' : null,
      newer,
    ),
  ];
}

/** Of what a retention does not count, where its own word is short. */
const words: Record<string, string> = {damaged: 'copies are missing, or cannot be used'};
/** Characters of a reason that are told: a manifest may name thousands of datasets. */
const longest = 200;

export const brief = (text: string): string =>
  text.length > longest ? `${text.slice(0, longest)}...` : text;

const isStillWritten = ({state, reason}: Row): boolean =>
  state === 'interrupted' && (reason?.includes(stillWritten) ?? false);

/** What is no good for a restore, by what is wrong with it. */
export function checkDamaged(subject: Subject): Finding[] {
  const kinds = new Map<string, Row[]>();
  for (const row of subject.rows) {
    const why = whyNotCounted(row);
    // That the operator may not read it is told by the permissions.
    if (why === null || isStillWritten(row) || row.reason?.includes('permission denied')) continue;
    kinds.set(why, [...(kinds.get(why) ?? []), row]);
  }
  const findings = [...kinds].map(([why, rows]) => {
    const [newest] = rows as [Row];
    const reason = rows.length === 1 && newest.reason !== null ? ` (${brief(newest.reason)})` : '';
    return wrong(
      `${words[why] ?? why}: ${some(rows.map(({id}) => id))}${reason}`,
      `No good for a whole restore. Look; when nothing more is wanted of ${rows.length === 1 ? 'it, move it' : 'them, move each'} away:`,
      [
        subject.command(`backup show ${shellWord(newest.id)}`),
        subject.asOwner(`mv -n ${shellWord(`${subject.backups}/${newest.id}`)} /var/tmp/`),
      ],
    );
  });
  const written = subject.rows.filter(isStillWritten).map(({id}) => id);
  if (written.length > 0) findings.push(ok(`${some(written)}: being written just now, it seems`));
  if (findings.length > 0) return findings;
  return [ok(`none of ${counted(subject.rows.length, 'backup')}`)];
}

/** What passed, and is not what passed any more; and what is broken although its bytes are what was backed up. */
export function checkChanged(subject: Subject): Finding[] {
  const changed = subject.rows.filter(({verification}) => verification.changed);
  const broken = subject.rows.filter(({brokenInside}) => brokenInside.length > 0);
  const findings: Finding[] = [];
  const [first] = changed;
  if (first)
    findings.push(
      beware(
        `changed since it passed: ${some(changed.map(({id}) => id))} (${first.verification.reason})`,
        'Verify again:',
        [verifyIt(subject, first)],
      ),
    );
  const [worst] = broken;
  if (worst)
    findings.push(
      beware(
        `broken inside: ${some(broken.map(({id, brokenInside}) => `${id} (${brokenInside.map(({name}) => name).join(', ')})`))}`,
        'The copy is what was backed up; the live file was broken then, and may be so still:',
        [subject.command(`backup verify --content --id=${shellWord(worst.id)}`)],
      ),
    );
  return findings;
}
