import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {shellWord} from '../engine/base/shell-word.ts';
import type {EvidenceSubject} from '../engine/evidence/collect.ts';
import type {Exported} from '../engine/evidence/export.ts';
import {unsigned} from '../engine/session/story.ts';
import {some} from '../presenters/fact.ts';
import {writeLine} from '../terminal/standard-output.ts';
import {aboutOf} from './about.ts';
import {nameOperator} from './ask.ts';
import {type Command, type Invocation, openToWrite, wrongUsage} from './command.ts';
import {findBackup} from './find-backup.ts';
import {all, id, session} from './flags.ts';
import {checkPeriod, exportFlags, makeEvidence} from './make-evidence.ts';
import {readStories} from './sessions.ts';

const flags = {session, id, all, ...exportFlags};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary:
    'one markdown file that tells what was done, for the ticket and the auditor (exit 3: not all verified)',
  task: 'Prove',
  operands: ['[ID]'],
  flags,
  examples: ['magds evidence export --session=1 --sign=~/.ssh/id_ed25519'],
  run,
};

const usage = (message: string): never => wrongUsage(`${message} Nothing was written.`);

/** The session that is named, else the only one that is open, else the last one. */
function sessionOf(root: string, given: string | undefined): number {
  if (given !== undefined)
    return /^[1-9]\d{0,8}$/.test(given)
      ? Number(given)
      : usage(`--session=${given} is not a session number.`);
  const all = readStories(root);
  const open = unsigned(all);
  if (open.length > 1)
    usage(`Which session? ${open.map(({number}) => number).join(', ')} are open: --session=N.`);
  const session = open[0] ?? all.at(-1);
  return session?.number ?? usage('No restore was made here yet: --id=ID or --all tells of backups.');
}

/** What it says of no verification. */
const unverifiedIn = ({record}: Exported): Exported['record']['backups'] =>
  record.kind === 'restore' ? [] : record.backups.filter(({verified}) => verified === null);

/** Those a verification would help, and those of which there is nothing to verify; a line each. */
function unverifiedLines(unverified: Exported['record']['backups']): string[] {
  const ids = (isWhole: boolean): string[] =>
    unverified.filter(({state}) => (state === 'complete') === isWhole).map(({id}) => id);
  const [due, none] = [ids(true), ids(false)];
  const [only] = due;
  const which = unverified.length === 1 && only !== undefined ? `--id=${shellWord(only)}` : '--all';
  return [
    ...(due.length > 0
      ? [`not verified: ${some(due)}: magds backup verify ${which}; then export again`]
      : []),
    ...(none.length > 0 ? [`no whole backup, so nothing to verify: ${some(none)}`] : []),
  ];
}

async function run(invocation: Call): Promise<ExitCode> {
  const {flags} = invocation;
  const ways = (['session', 'id', 'all'] as const).filter((name) => flags[name] !== undefined);
  if (ways.length > 1) usage('Give one of --session=N, --id=ID, --all.');
  // What is typed wrongly is said before anything is looked at.
  aboutOf(flags);
  checkPeriod(flags);
  const place = await openToWrite(invocation);
  const subject: EvidenceSubject = flags.all
    ? {kind: 'catalog'}
    : flags.id !== undefined
      ? {kind: 'verification', id: findBackup(place, flags.id)}
      : {kind: 'restore', session: sessionOf(place.root, flags.session)};
  await nameOperator({...flags, yes: ''}, invocation.signal);
  const exported = await makeEvidence(invocation, place, subject);
  const {file, sha256, page, record, beware, isTold} = exported;
  const unverified = unverifiedIn(exported);
  if (flags.json)
    await writeLine(
      asciiJson({
        message_type: 'summary',
        command: 'evidence:export',
        file,
        sha256,
        page,
        record: record.id,
        kind: record.kind,
        session: record.session?.number ?? null,
        signer: record.signer,
        never_exported: record.sessions.never_exported,
        unverified: unverified.map(({id}) => id),
        beware,
      }),
    );
  else {
    await writeLine(escapeText(`+ ${file}`));
    await writeLine(`  SHA-256 ${sha256}`);
    await writeLine(
      escapeText(
        record.signer
          ? `  signed by ${record.signer.fingerprint}`
          : '  ! unsigned: it shows corruption only; --sign=KEY signs it',
      ),
    );
    if (page !== null) await writeLine(escapeText(`+ ${page}`));
    const {never_exported: never} = record.sessions;
    if (never.length > 0) await writeLine(`  ! sessions without evidence: ${never.join(', ')}`);
    for (const line of [...unverifiedLines(unverified), ...beware])
      await writeLine(escapeText(`  ! ${line}`));
    await writeLine(escapeText(`Check it: magds evidence check ${shellWord(file)}`));
  }
  // The digest of the last one is found nowhere else than in the audit log.
  return unverified.length > 0 || !isTold ? exitCode.partial : exitCode.done;
}
