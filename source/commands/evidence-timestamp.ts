import {asciiJson, escapeText} from '../engine/base/escape.ts';
import {readSmallFile} from '../engine/base/files.ts';
import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {writeBeside} from '../engine/evidence/approve.ts';
import {largestFile, parseEvidenceFile} from '../engine/evidence/parse-file.ts';
import {sha256Of} from '../engine/evidence/place.ts';
import {largestReply, readTimeStamp, timeStampRequest} from '../engine/evidence/time-stamp.ts';
import {writeLine} from '../terminal/standard-output.ts';
import {type Command, checkWrites, type Invocation} from './command.ts';
import {givenFiles, pathFlag} from './evidence-files.ts';
import {text} from './flags.ts';

const flags = {
  tsq: text('OUT', 'make the request for a time stamp (RFC 3161); you send it'),
  tsr: text('REPLY', 'check what came back, and keep it beside the file'),
};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'ask for a time stamp, or keep the reply; nothing is sent from here',
  task: 'Prove',
  operands: ['FILE'],
  flags,
  run,
};

function read(file: string, given: string, limit: number): Buffer {
  const result = readSmallFile(file, limit);
  if ('data' in result) return result.data;
  if ('missing' in result)
    throw new Problem(exitCode.notFound, `${given}: there is no such file. Nothing was written.`);
  throw new Problem(exitCode.failed, `${given} ${result.reason}. Nothing was written.`);
}

async function run(invocation: Call): Promise<ExitCode> {
  const {flags} = invocation;
  const [{given, file} = {given: '', file: ''}] = givenFiles(invocation);
  checkWrites(invocation);
  const [request, reply] = [pathFlag(invocation, flags.tsq), pathFlag(invocation, flags.tsr)];
  if ((request === null) === (reply === null))
    throw new Problem(
      exitCode.usage,
      'Give --tsq=OUT to make the request, or --tsr=REPLY to keep what came back.',
    );
  const bytes = read(file, given, largestFile);
  const parsed = parseEvidenceFile(bytes);
  if (!('record' in parsed))
    throw new Problem(exitCode.verificationFailed, `${given}: ${parsed.reason}. Nothing was written.`);
  const sha256 = sha256Of(bytes);
  const tell = async (path: string, at: string | null, lines: string[]): Promise<void> => {
    if (flags.json)
      return writeLine(asciiJson({message_type: 'summary', command: 'evidence:timestamp', path, sha256, at}));
    for (const line of lines) await writeLine(escapeText(line));
  };
  if (request !== null) {
    writeBeside(request, await timeStampRequest(sha256));
    await tell(request, null, [
      `+ ${request} asks for a time stamp over ${given}.`,
      '= Nothing is sent from here. Send it to your time stamp authority, for example:',
      `=   curl -H 'Content-Type: application/timestamp-query' --data-binary @${request} URL > reply.tsr`,
      `= and keep what comes back: magds evidence timestamp ${given} --tsr=reply.tsr`,
    ]);
    return exitCode.done;
  }
  const answer = read(reply as string, flags.tsr as string, largestReply);
  const stamp = await readTimeStamp(answer);
  if ('reason' in stamp)
    throw new Problem(exitCode.verificationFailed, `${flags.tsr}: ${stamp.reason}. Nothing was written.`);
  if (stamp.imprint !== sha256)
    throw new Problem(
      exitCode.verificationFailed,
      `${flags.tsr} covers other bytes than ${given}: it belongs to another file. Nothing was written.`,
    );
  const target = `${file}.tsr`;
  // It may have been saved under that very name.
  if (target !== reply) writeBeside(target, answer);
  await tell(target, stamp.at, [
    `+ ${target}: it covers this very file, and says ${stamp.at}.`,
    '= Whose clock that is: magds evidence check --tsa-ca=FILE',
  ]);
  return exitCode.done;
}
