import type {EvidenceContext} from '../../session/context-schema.ts';
import {isSame} from '../canonical.ts';
import {code, facts, list, paragraph, wideWidth} from '../markdown.ts';
import type {EvidenceRecord, EvidenceSession} from '../schema.ts';
import {recordFacts, systemFacts} from './identity.ts';
import {measured, unknown} from './loss.ts';
import {authorisedText} from './typed.ts';
import {amount, attemptText, closingText, moment, personText} from './words.ts';

/** From where, and as whom the machine knows them; what it does not know is named once. */
function loginFacts({who}: EvidenceContext): Record<string, string | null> {
  const all = {
    'sudo from': who.sudo_user,
    'SSH key': who.ssh_key,
    'From where': who.ssh_client,
    Terminal: who.terminal,
  };
  const known = Object.entries(all).flatMap(([name, text]) =>
    text === null ? [] : [[name, `${code(text)} ${measured}`] as const],
  );
  const missing = Object.entries(all).flatMap(([name, text]) => (text === null ? [name] : []));
  const person = who.person ? `${code(who.person)} [typed, not verified]` : `${unknown}: no name was typed`;
  return {
    Login: `${code(who.login)}, uid ${amount(who.uid)}, login uid ${amount(who.login_uid)} ${measured}`,
    'The person, as typed': who.shared_account ? person : null,
    ...Object.fromEntries(known),
    'Not known': missing.length === 0 ? null : `${missing.join(', ')} ${unknown}`,
  };
}

/** Who did it, who said yes to it, and who looked at it afterwards. */
export function* whoSection(record: EvidenceRecord): Iterable<string> {
  const {session, exported, authorised, attempts} = record;
  if (!session) return yield* paragraph(`Who: ${unknown}.`);
  const began = session.context;
  const isAlike = began !== null && isSame(began.who, exported.who);
  const exportedBy = {
    'Exported by': `${personText(exported)} at ${moment(exported.at)}${isAlike ? '; everything else is as above' : ''} ${measured}`,
  };
  yield* facts({
    'Begun by': began ? `${personText(began)} at ${moment(began.at)} ${measured}` : unknown,
    ...(began ? loginFacts(began) : {}),
    Authorised: `${authorisedText(record)}${authorised === null ? '' : `; nobody has checked that, and when it was given is ${unknown}`}`,
    Closed: `${closingText(session)} ${measured}`,
    'Approved by a second person':
      'not in this file: whoever approves it does so in `FILE.approval` beside it, which `magds evidence check` reads',
    ...(isAlike ? exportedBy : {}),
  });
  // In a list of its own: the same names are of another login there.
  if (!isAlike) yield* facts({...exportedBy, ...loginFacts(exported)});
  yield* ownersPart(session);
  if (attempts.length === 0) return;
  yield* paragraph(`Earlier sessions for the same ticket ${measured}:`);
  yield* list(attempts.map(attemptText), '');
}

function* ownersPart({owners}: EvidenceSession): Iterable<string> {
  if (owners.length < 2) return;
  yield* paragraph(`Who had the session, one after the other ${measured}:`);
  yield* list(
    owners.map(
      ({operator, person, from, at}) =>
        `${code(operator)}${person ? ` (${code(person)} [typed])` : ''}${from === null ? '' : ` from ${code(from)}`}, since ${moment(at)}`,
    ),
    '',
  );
}

const machineFacts = (context: EvidenceContext): Record<string, string> => {
  const {name, machine_id, boot_id} = context.host;
  return {
    Host: `${code(name)}, machine id ${code(machine_id)}, boot id ${code(boot_id)}`,
    ...systemFacts(context),
  };
};

/** What it was done with, and to what. */
export function* annexSection(record: EvidenceRecord): Iterable<string> {
  const {session, exported, asset, control, period, runbook} = record;
  yield* paragraph(`All of this is ${measured}, but for control and period, which were typed.`);
  yield* facts(
    {
      ...recordFacts(record),
      'SHA-256 of the effective backup settings': code(asset.configuration),
      Control: code(control),
      Period: code(period),
      Runbook: code(runbook?.path ?? null),
      'SHA-256 of the runbook': runbook && code(runbook.sha256),
    },
    wideWidth,
  );
  const [first, second] = session?.context ? [session.context, exported] : [exported, exported];
  const stayed = isSame([first.host, first.program], [second.host, second.program]);
  yield* paragraph(
    `The machine${stayed ? ', at the beginning and when this was exported' : ' at the beginning'}:`,
  );
  yield* facts(machineFacts(first), wideWidth);
  if (stayed) return;
  yield* paragraph('When this was exported:');
  yield* facts(machineFacts(second), wideWidth);
}
