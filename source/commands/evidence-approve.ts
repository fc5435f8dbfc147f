import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {approve} from '../engine/evidence/approve.ts';
import {checkEvidence} from '../engine/evidence/check.ts';
import {say, writeLine} from '../terminal/standard-output.ts';
import {type Command, checkWrites, type Invocation} from './command.ts';
import {checkLine, givenFiles, pathFlag} from './evidence-files.ts';
import {note, sign} from './flags.ts';

const flags = {sign, note};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'countersign one: FILE.approval and its signature are put beside it',
  task: 'Prove',
  operands: ['FILE'],
  flags,
  run,
};

async function run(invocation: Call): Promise<ExitCode> {
  const {flags, signal} = invocation;
  const [{given, file} = {given: '', file: ''}] = givenFiles(invocation);
  checkWrites(invocation);
  const key = pathFlag(invocation, flags.sign);
  if (key === null)
    throw new Problem(
      exitCode.usage,
      'Approve with which key? Give --sign=KEY: none is guessed. Nothing was written.',
    );
  const options = {file, allowedSigners: null, identity: null, tsaCa: null, live: null, signal};
  for await (const event of checkEvidence(options)) {
    if (event.type === 'check' && event.check.state === 'failed') say(escapeText(checkLine(event.check)));
    if (event.type !== 'checked') continue;
    const {verdict, record, sha256} = event;
    if (verdict === 'failed' || record === null)
      throw new Problem(
        exitCode.verificationFailed,
        `${given} is not approved: its own checks fail. Nothing was written.`,
      );
    const terminal = process.stdin.isTTY === true && process.stderr.isTTY === true;
    const note = flags.note?.trim() || null;
    const {approval, path} = await approve({file, sha256, record, key, note, terminal, signal});
    // A second key is no second person.
    const {who, host} = record.exported;
    const isOwn = approval.by === who.login && approval.host === host.name;
    if (flags.json) {
      const summary = {message_type: 'summary', command: 'evidence:approve', path, signature: `${path}.sig`};
      await writeLine(asciiJson({...summary, own_evidence: isOwn, approval}));
    } else {
      await writeLine(escapeText(`+ ${given} is approved by ${approval.by} with ${approval.fingerprint}.`));
      if (isOwn) await writeLine(escapeText(`! ${who.login} on ${host.name} has exported it, too.`));
      await writeLine(escapeText(`= ${path} and ${path}.sig: keep them beside it.`));
    }
  }
  return exitCode.done;
}
