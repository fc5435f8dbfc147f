import {counted} from '../../base/format.ts';
import type {EvidenceContext} from '../../session/context-schema.ts';
import {type Intervals, intervalsOf} from '../intervals.ts';
import {code, facts, notRecorded, paragraph} from '../markdown.ts';
import type {EvidenceRecord, EvidenceSession} from '../schema.ts';
import {resultsText, weakHashes} from './backups.ts';
import {rpoText, rtoText} from './times.ts';
import {clockTime, duration, moment, personText, signOffText, tally, verificationText} from './words.ts';

export const interruptedText =
  'the restore was interrupted and needs recovery: live files may be old or new.';

/** Who used a shared login, as far as anything says. */
function sharedText({schema}: EvidenceRecord, {person, ssh_key: key}: EvidenceContext['who']): string {
  if (person) return `that it was ${code(person)} is typed, and nothing checks it`;
  if (schema !== 'magds-evidence/1' && key !== null) return 'only its SSH key says who';
  return 'it does not say who it was';
}

/** What a reader must know before anything else, in sentences. */
export function cautionsOf(record: EvidenceRecord): string[] {
  const {session, exported, backups} = record;
  const contexts = session?.context ? [session.context, exported] : [exported];
  const shared = contexts.find(({who}) => who.shared_account);
  const weak = weakHashes(backups);
  const flags: string[] = [];
  if (session && session.broken !== null)
    flags.push(`the record of session ${session.number} cannot be relied on: ${code(session.broken)}.`);
  if (session?.torn) flags.push("the last line of the session's record was cut short.");
  if (session?.state === 'stopped') flags.push(interruptedText);
  for (const each of intervalsOf(record)?.contradictions ?? [])
    flags.push(each.charAt(0).toLowerCase() + each.slice(1));
  if (shared) flags.push(`${code(shared.who.login)} is a shared account: ${sharedText(record, shared.who)}.`);
  if (contexts.some(({host}) => host.clock.synchronised === false))
    flags.push('the clock was not synchronised: times are no better than it.');
  if (weak > 0)
    flags.push(
      `${counted(weak, 'hash is', 'hashes are')} of a weak algorithm, which finds accidents, not tampering.`,
    );
  if (backups.some(({manifest}) => manifest.replaced))
    flags.push('a manifest holds bytes that are no UTF-8; they were replaced in this file.');
  return flags;
}

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
export function named(names: string[]): string {
  const more = names.length - 5;
  return `${names.slice(0, 5).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

export const outcomeText = ({state, reason}: EvidenceSession): string =>
  `${outcomes.get(state) ?? code(state)}${reason === null ? '' : `; reason: ${code(reason)}`}`;

function filesText({restored, left_out}: EvidenceSession): string {
  const results = restored.length === 0 ? 'none is recorded' : tally(restored.map(({result}) => result));
  const left = left_out.length === 0 ? '' : `; left out: ${named(left_out.map(({name}) => code(name)))}`;
  return `${restored.length}; ${results}${left}`;
}

/** What the restore cost: the live writes after the backup. */
function lostText({state, safety, times, drill}: EvidenceSession, {ageAtLastWrite}: Intervals): string {
  if (drill) return 'nothing: a drill writes no live file';
  if (untouched.includes(state)) return 'nothing: the live files are as they were before';
  if (state !== 'done') return 'cannot be said before it has come to its end';
  if (ageAtLastWrite === null) return `${notRecorded}: when live files were last written is not known`;
  if (ageAtLastWrite <= 0) return 'nothing: no live file was written after the backup';
  const kept = safety?.kept ? '; the safety backup keeps the old files' : '';
  return `what was written in ${duration(ageAtLastWrite)}, from the backup to the last live write at ${moment(times.last_write)}${kept}`;
}

function checklistText({checklist: steps}: EvidenceSession): string {
  if (steps.length === 0) return 'it has no steps';
  const open = steps.filter(({state}) => state !== 'done');
  const names = open.length === 0 ? '' : `; ${named(open.map(({id, state}) => `${code(id)} ${state}`))}`;
  return `${steps.length - open.length} of ${counted(steps.length, 'step')} done${names}`;
}

function ageText({undoes, drill}: EvidenceSession, {ageAtBad}: Intervals): string {
  if (undoes !== null) return `it keeps what session ${undoes} replaced; `;
  if (ageAtBad === null) return drill ? '' : 'when things went bad is not recorded; ';
  return ageAtBad < 0
    ? `**from ${duration(-ageAtBad)} after things went bad**; `
    : `from ${duration(ageAtBad)} before things went bad; `;
}

function whyText({purpose, ticket, title, authorised}: EvidenceRecord): string {
  const name = title === null ? '' : `, ${code(title)}`;
  return `${purpose ?? `purpose ${notRecorded}`}; ticket: ${code(ticket)}${name}; authorised: ${code(authorised)}`;
}

function openPoints({not_checked}: EvidenceRecord): string {
  const shown = not_checked.slice(0, 3).map(code);
  const more = not_checked.length - shown.length;
  return `${shown.length === 0 ? 'nothing is recorded' : shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}. See "What was not checked".`;
}

/** Who answers for what this is about. */
const actorOf = ({session, exported}: EvidenceRecord): string =>
  session && !session.context
    ? code(session.owners.at(0)?.operator ?? null)
    : personText(session?.context ?? exported);

/** Who did what with which backup, in a sentence. */
export function sentence(record: EvidenceRecord, session: EvidenceSession): string {
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

type Facts = Record<string, string | null>;

function factsOfSession(record: EvidenceRecord, session: EvidenceSession, intervals: Intervals): Facts {
  const [backup] = record.backups;
  return {
    Outcome: outcomeText(session),
    Files: filesText(session),
    Why: whyText(record),
    'Why this backup': backup
      ? `${ageText(session, intervals)}last verification: ${verificationText(backup.verified)}`
      : null,
    Lost: lostText(session, intervals),
    'RTO achieved': rtoText(intervals),
    'RPO achieved': rpoText(intervals),
    Checklist: checklistText(session),
    'Signed off': signOffText(session),
  };
}

/** The exporter need not be who verified it, and it may not be verified at all. */
function reported(record: EvidenceRecord): string {
  const {asset, exported, backups, kind} = record;
  const [backup] = backups;
  const isOne = kind === 'verification';
  const what = isOne ? `the verification of the backup ${code(backup?.id ?? null)}` : 'all backups';
  const never = isOne && !backup?.verified ? ' **No verification of it is recorded.**' : '';
  return `${actorOf(record)} reported on ${what} of ${code(asset.id)} on ${code(exported.host.name)}.${never}`;
}

function factsOfBackups(record: EvidenceRecord): Facts {
  const {backups, kind} = record;
  const Why = whyText(record);
  if (kind === 'catalog')
    return {Outcome: backups.length === 0 ? 'there is no backup' : resultsText(backups), Why};
  const [backup] = backups;
  const verified = backup?.verified ?? null;
  return {
    Outcome: verificationText(verified),
    Copies: tally(backup?.datasets.map(({status}) => code(status)) ?? []) || 'none is recorded',
    Failed: verified && verified.failed.length > 0 ? named(verified.failed.map(code)) : null,
    Why,
  };
}

/** What an executive reads in ten seconds. */
export function* summarySection(record: EvidenceRecord): Iterable<string> {
  const intervals = intervalsOf(record);
  const {session, kind, signer} = record;
  let known: Facts = {Outcome: `${notRecorded}: the record holds no session`};
  if (kind !== 'restore') {
    yield* paragraph(reported(record));
    known = factsOfBackups(record);
  } else if (session && intervals) {
    yield* paragraph(sentence(record, session));
    known = factsOfSession(record, session, intervals);
  }
  yield* facts({
    ...known,
    'Not checked': openPoints(record),
    'This file': signer
      ? `signed with ${code(signer.fingerprint)} of ${code(signer.principal)}`
      : '**not signed**',
  });
}
