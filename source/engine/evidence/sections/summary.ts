import {type Intervals, intervalsOf} from '../intervals.ts';
import {code, count, fact, notRecorded, paragraph} from '../markdown.ts';
import type {EvidenceBackup, EvidenceRecord, EvidenceSession} from '../schema.ts';
import {resultsText} from './catalog.ts';
import {actorOf} from './identity.ts';
import {rpoText, rtoText} from './times.ts';
import {clockTime, duration, moment, signOffText, tally, verificationText} from './words.ts';

const outcomes = new Map([
  ['done', 'done'],
  ['rolled-back', '**rolled back**: the live files are as they were before'],
  ['refused', '**refused**: nothing was changed'],
  ['cancelled', '**cancelled**: nothing was changed'],
  ['stopped', '**interrupted**: it needs recovery; live files may be old or new'],
  ['at work', 'still at work when this was exported'],
  ['unreadable', '**unknown**: its journal cannot be read'],
]);

const untouched = ['rolled-back', 'refused', 'cancelled'];

/** At most five names, and how many there are besides. */
function named(names: string[]): string {
  const more = names.length - 5;
  return `${names.slice(0, 5).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

function outcome({state, reason, restored, left_out}: EvidenceSession): string[] {
  const left = left_out.length === 0 ? '' : `; left out: ${named(left_out.map(({name}) => code(name)))}`;
  const why = reason === null ? '' : `; reason: ${code(reason)}`;
  const results = restored.length === 0 ? 'none is recorded' : tally(restored.map(({result}) => result));
  return [
    ...fact('Outcome', `${outcomes.get(state) ?? code(state)}${why}`),
    ...fact('Files', `${restored.length}; ${results}${left}`),
  ];
}

/** What the restore cost: the live writes after the backup. */
function lost({state, safety, times, drill}: EvidenceSession, {ageAtLastWrite}: Intervals): string {
  if (drill) return 'nothing: a drill writes no live file';
  if (untouched.includes(state)) return 'nothing: the live files are as they were before';
  if (state !== 'done') return 'cannot be said before it has come to its end';
  if (ageAtLastWrite === null) return `${notRecorded}: when live files were last written is not known`;
  const kept = safety?.kept ? '; the safety backup keeps the old files' : '';
  return ageAtLastWrite <= 0
    ? 'nothing: no live file was written after the backup'
    : `what was written in ${duration(ageAtLastWrite)}, from the backup to the last live write at ${moment(times.last_write)}${kept}`;
}

function checklist({checklist: steps}: EvidenceSession): string {
  if (steps.length === 0) return 'it has no steps';
  const rest = steps.filter(({state}) => state !== 'done');
  return `${steps.length - rest.length} of ${count(steps.length, 'step')} done${rest.length === 0 ? '' : `; ${named(rest.map(({id, state}) => `${code(id)} ${state}`))}`}`;
}

function ageText({drill}: EvidenceSession, {ageAtBad}: Intervals): string {
  if (ageAtBad === null) return drill ? '' : 'when things went bad is not recorded; ';
  return ageAtBad < 0
    ? `**from ${duration(-ageAtBad)} after things went bad**; `
    : `from ${duration(ageAtBad)} before things went bad; `;
}

const whyThis = ({verified}: EvidenceBackup, session: EvidenceSession, intervals: Intervals): string =>
  `${session.undoes === null ? ageText(session, intervals) : `it keeps what session ${session.undoes} replaced; `}last verification: ${verificationText(verified)}`;

function why({purpose, ticket, title, authorised}: EvidenceRecord): string {
  const named = title === null ? '' : `, ${code(title)}`;
  return `${purpose ?? `purpose ${notRecorded}`}; ticket: ${code(ticket)}${named}; authorised: ${code(authorised)}`;
}

function openPoints({not_checked}: EvidenceRecord): string[] {
  const shown = not_checked.slice(0, 3).map(code);
  const more = not_checked.length - shown.length;
  return fact(
    'Not checked',
    `${shown.length === 0 ? 'nothing is recorded' : shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}. See "What was not checked".`,
  );
}

const signature = ({signer}: EvidenceRecord): string =>
  signer ? `signed with ${code(signer.fingerprint)} of ${code(signer.principal)}` : '**not signed**';

/** Who did what with which backup, in a sentence. */
function sentence(record: EvidenceRecord, session: EvidenceSession): string {
  const {asset, exported, backups} = record;
  const [backup] = backups;
  const did = session.state === 'done' ? 'restored' : 'set out to restore';
  const host = (session.context ?? exported).host.name;
  const time = clockTime(backup?.time ?? null);
  const isUndo = session.undoes !== null;
  const from = `${isUndo ? 'safety backup' : 'backup'} ${code(backup?.id ?? null)}${time === null ? '' : `, of ${time}`}`;
  const undo = isUndo ? `, to undo session ${session.undoes}` : '';
  const drill = session.drill ? ' This was a drill: no live file was written.' : '';
  return `${actorOf(record)} ${did} ${session.drill ? '' : 'live files of '}${code(asset.id)} on ${code(host)} from the ${from}${undo}.${drill}`;
}

function ofSession(record: EvidenceRecord, session: EvidenceSession, intervals: Intervals): string[] {
  const [backup] = record.backups;
  return [
    ...paragraph(sentence(record, session)),
    ...outcome(session),
    ...fact('Why', why(record)),
    ...(backup ? fact('Why this backup', whyThis(backup, session, intervals)) : []),
    ...fact('Lost', lost(session, intervals)),
    ...fact('RTO achieved', rtoText(intervals)),
    ...fact('RPO achieved', rpoText(intervals)),
    ...fact('Checklist', checklist(session)),
    ...fact('Signed off', signOffText(session)),
  ];
}

function ofBackups(record: EvidenceRecord): string[] {
  const {asset, exported, backups, kind} = record;
  const [backup] = backups;
  const isOne = kind === 'verification';
  // Whoever exports it need not be who verified, and nobody may have.
  const what = isOne ? `the verification of the backup ${code(backup?.id ?? null)}` : 'all backups';
  const never = isOne && !backup?.verified ? ' **No verification of it is recorded.**' : '';
  const failed = backup?.verified?.failed ?? [];
  return [
    ...paragraph(
      `${actorOf(record)} reported on ${what} of ${code(asset.id)} on ${code(exported.host.name)}.${never}`,
    ),
    ...(isOne
      ? [
          ...fact('Outcome', verificationText(backup?.verified ?? null)),
          ...fact(
            'Copies',
            tally(backup?.datasets.map(({status}) => code(status)) ?? []) || 'none is recorded',
          ),
          ...(failed.length === 0 ? [] : fact('Failed', named(failed.map(code)))),
        ]
      : fact('Outcome', backups.length === 0 ? 'there is no backup' : resultsText(backups))),
    ...fact('Why', why(record)),
  ];
}

/** What an executive reads in ten seconds. */
export function summarySection(record: EvidenceRecord): string[] {
  const intervals = intervalsOf(record);
  const {session, kind} = record;
  return [
    ...(kind === 'restore' && session && intervals
      ? ofSession(record, session, intervals)
      : kind === 'restore'
        ? fact('Outcome', `${notRecorded}: the record holds no session`)
        : ofBackups(record)),
    ...openPoints(record),
    ...fact('This file', signature(record)),
    '',
  ];
}
