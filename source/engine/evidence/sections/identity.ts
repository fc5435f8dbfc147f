import type {EvidenceContext} from '../../session/context-schema.ts';
import {isSame} from '../canonical.ts';
import {code, facts, list, notRecorded, paragraph} from '../markdown.ts';
import type {EvidenceRecord} from '../schema.ts';
import {amount, moment, subjectOf} from './words.ts';

const subjects = {
  restore: 'a restore of live files from a backup',
  drill: 'a drill: a restore into a scratch directory; no live file was written',
  undo: 'the undoing of an earlier restore',
  verification: 'a verification of one backup: its copies were hashed and compared with its manifest',
  catalog: 'a fixity report: every backup of the catalog, with what its last verification said',
};

/** Which record it is, of which session and of which root. */
export function recordFacts({id, schema, asset, session}: EvidenceRecord): Record<string, string | null> {
  const made = asset.configured ? 'configured' : 'made of machine id and root; none is configured';
  return {
    Record: `${code(id)}, schema ${code(schema)}`,
    Session: session ? String(session.number) : 'none',
    'Undoes session': session && session.undoes !== null ? String(session.undoes) : null,
    'Restored into': session && session.into !== null ? code(session.into) : null,
    Asset: `${code(asset.id)} (${made})`,
    Root: code(asset.root),
    'Backups directory': code(asset.backups),
    Environment: code(asset.environment),
  };
}

export const whatThisIs = (record: EvidenceRecord): string[] =>
  facts({
    About: subjects[subjectOf(record)],
    ...recordFacts(record),
    Purpose: record.purpose ?? notRecorded,
    Ticket: code(record.ticket),
    Title: code(record.title),
    'Authorised beforehand': code(record.authorised),
    Control: code(record.control),
    Period: code(record.period),
  });

function clockText({clock}: EvidenceContext['host']): string {
  const state =
    clock.synchronised === null
      ? 'whether it is synchronised is not recorded'
      : clock.synchronised
        ? 'synchronised'
        : '**not synchronised**: no time in this file is better than this clock';
  return `${state}; offset in seconds: ${amount(clock.offset_seconds)}; source: ${code(clock.source)}`;
}

export const systemFacts = ({host, program}: EvidenceContext): Record<string, string> => ({
  System: `${code(host.os)}, kernel ${code(host.kernel)}`,
  Clock: clockText(host),
  Program: `${code(program.name)}, runtime ${code(program.runtime)}`,
  'SHA-256 of the program': code(program.sha256),
});

function contextPart(title: string, context: EvidenceContext): string[] {
  const {at, who, host} = context;
  return [
    ...paragraph(`**${title}**, ${moment(at)}:`),
    ...facts({
      Login: `${code(who.login)}, uid ${amount(who.uid)}, login uid ${amount(who.login_uid)}`,
      Beware: who.shared_account
        ? 'the login is shared by several people. It does not say who it was.'
        : null,
      'sudo from': code(who.sudo_user),
      'SSH key': code(who.ssh_key),
      'SSH client': code(who.ssh_client),
      Terminal: code(who.terminal),
      Host: `${code(host.name)}, machine id ${code(host.machine_id)}`,
      'Boot id': code(host.boot_id),
      ...systemFacts(context),
    }),
  ];
}

export function* whoAndWhere({session, exported, asset}: EvidenceRecord): Iterable<string> {
  const began = session?.context ?? null;
  if (began) yield* contextPart('When the session began', began);
  else if (session) yield* paragraph(`**When the session began**: ${notRecorded}.`);
  if (began && isSame({...began, at: exported.at}, exported))
    yield* paragraph(`**When this file was exported**, ${moment(exported.at)}: all of that was the same.`);
  else yield* contextPart('When this file was exported', exported);
  yield* facts({'SHA-256 of the effective backup settings': code(asset.configuration)});
  if (!session) return;
  yield* paragraph('Who had the session, one after the other:');
  yield* list(
    session.owners.map(({operator, from, at}) => `${code(operator)} from ${code(from)}, since ${moment(at)}`),
    `Who: ${notRecorded}.`,
  );
}
