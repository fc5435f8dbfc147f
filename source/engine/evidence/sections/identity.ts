import type {EvidenceContext} from '../../session/context-schema.ts';
import {canonicalJson} from '../canonical.ts';
import {beware, code, fact, list, notRecorded, paragraph, point} from '../markdown.ts';
import type {EvidenceRecord} from '../schema.ts';
import {amount, moment, subjectOf, whoText} from './words.ts';

const subjects = {
  restore: 'a restore of live files from a backup',
  drill: 'a drill: a restore into a scratch directory; no live file was written',
  undo: 'the undoing of an earlier restore',
  verification: 'a verification of one backup: its copies were hashed and compared with its manifest',
  catalog: 'a fixity report: every backup of the catalog, with what its last verification said',
};

export function whatThisIs(record: EvidenceRecord): string[] {
  const {asset, session} = record;
  const made = asset.configured ? 'configured' : 'made of machine id and root; none is configured';
  const into = session?.into ?? null;
  return [
    ...fact('About', subjects[subjectOf(record)]),
    ...fact('Record', `${code(record.id)}, schema ${code(record.schema)}`),
    ...fact('Session', session ? String(session.number) : 'none'),
    ...(session && session.undoes !== null ? fact('Undoes session', String(session.undoes)) : []),
    ...(into === null ? [] : fact('Restored into', code(into))),
    ...fact('Asset', `${code(asset.id)} (${made})`),
    ...fact('Root', code(asset.root)),
    ...fact('Backups directory', code(asset.backups)),
    ...fact('Environment', code(asset.environment)),
    ...fact('Purpose', record.purpose ?? notRecorded),
    ...fact('Ticket', code(record.ticket)),
    ...fact('Title', code(record.title)),
    ...fact('Authorised beforehand', code(record.authorised)),
    ...fact('Control', code(record.control)),
    ...fact('Period', code(record.period)),
    '',
  ];
}

function clockText({clock}: EvidenceContext['host']): string {
  const state =
    clock.synchronised === null
      ? 'whether it is synchronised is not recorded'
      : clock.synchronised
        ? 'synchronised'
        : '**not synchronised**: no time in this file is better than this clock';
  return `${state}; offset in seconds: ${amount(clock.offset_seconds)}; source: ${code(clock.source)}`;
}

function context(title: string, {at, who, host, program}: EvidenceContext): string[] {
  return [
    ...paragraph(`**${title}**, ${moment(at)}:`),
    ...fact('Login', `${code(who.login)}, uid ${amount(who.uid)}, login uid ${amount(who.login_uid)}`),
    ...(who.shared_account
      ? point(beware('the login is shared by several people. It does not say who it was.'))
      : []),
    ...fact('sudo from', code(who.sudo_user)),
    ...fact('SSH key', code(who.ssh_key)),
    ...fact('SSH client', code(who.ssh_client)),
    ...fact('Terminal', code(who.terminal)),
    ...fact('Host', `${code(host.name)}, machine id ${code(host.machine_id)}`),
    ...fact('Boot id', code(host.boot_id)),
    ...fact('System', `${code(host.os)}, kernel ${code(host.kernel)}`),
    ...fact('Clock', clockText(host)),
    ...fact('Program', `${code(program.name)}, runtime ${code(program.runtime)}`),
    ...fact('SHA-256 of the program', code(program.sha256)),
    '',
  ];
}

export function whoAndWhere(record: EvidenceRecord): string[] {
  const {session, exported, asset} = record;
  const owners = session?.owners.map(
    ({operator, from, at}) => `${code(operator)} from ${code(from)}, since ${moment(at)}`,
  );
  const began = session?.context ?? null;
  const isSame = began !== null && canonicalJson({...began, at: exported.at}) === canonicalJson(exported);
  return [
    ...(began ? context('When the session began', began) : []),
    ...(session && !began ? paragraph(`**When the session began**: ${notRecorded}.`) : []),
    ...(isSame
      ? paragraph(`**When this file was exported**, ${moment(exported.at)}: all of that was the same.`)
      : context('When this file was exported', exported)),
    ...fact('SHA-256 of the effective backup settings', code(asset.configuration)),
    '',
    ...(owners
      ? [...paragraph('Who had the session, one after the other:'), ...list(owners, `Who: ${notRecorded}.`)]
      : []),
  ];
}

/** Who answers for what this is about. */
export const actorOf = ({session, exported}: EvidenceRecord): string =>
  session
    ? session.context
      ? whoText(session.context)
      : code(session.owners.at(0)?.operator ?? null)
    : whoText(exported);
