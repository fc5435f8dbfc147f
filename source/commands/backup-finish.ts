import type {FinishResult} from '../engine/backup/finish.ts';
import {finishAndTell} from '../engine/backup/tell-finish.ts';
import {escapeText} from '../engine/base/escape.ts';
import {formatBytes} from '../engine/base/format.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {shellWord} from '../engine/base/shell-word.ts';
import {sharedPool} from '../engine/hashing/pool.ts';
import {finishEnding, finishLines} from '../presenters/finish-outcome.ts';
import {untold} from '../presenters/sentence.ts';
import {say, writeJson, writeLine} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openToWrite} from './command.ts';
import {findBackup, namedId} from './find-backup.ts';
import {breakLock, dryRun, id as idFlag} from './flags.ts';
import {progressLine, statusEvery, statusJson} from './progress.ts';
import {lineOf, tell, tellTidied} from './tell.ts';

const flags = {id: idFlag, dryRun, breakLock};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'make a backup of one that was cut off: write the manifest it lacks, for what lies in it whole',
  task: 'Restore',
  operands: ['ID'],
  flags,
  examples: [
    'magds backup finish 20261123_020000_nightly --dry-run',
    'magds backup finish 20261123_020000_nightly',
  ],
  run,
};

const summary = (result: FinishResult, root: string) => ({
  command: 'backup:finish',
  root,
  result: result.outcome,
  id: result.id,
  path: result.path,
  datasets: result.copies.map((copy) => ({...copy, algorithm: result.algorithm})),
  missing: result.missing,
  left_out: result.leftOut.map(({name, reason}) => ({name, reason})),
  untold: result.untold,
  seconds: Math.round(result.seconds * 1000) / 1000,
});

function textOf(result: FinishResult): string {
  const {id, outcome} = result;
  const lines = finishLines(result).map(({name, said, copy}) => {
    const size = copy === null ? '' : `${formatBytes(copy.bytes)}  `;
    return `  ${lineOf({mark: said.mark, text: `${name}  ${size}${said.text}`})}`;
  });
  const next =
    outcome === 'done'
      ? [escapeText(`Next: magds backup verify ${shellWord(id)}; magds restore ${shellWord(id)}`)]
      : [];
  return [...lines, lineOf(finishEnding(result)), ...next].join('\n');
}

async function run(invocation: Call): Promise<ExitCode> {
  const {flags, signal} = invocation;
  const given = namedId(invocation);
  const isDryRun = flags.dryRun === true;
  const place = await openToWrite(invocation, isDryRun);
  const id = findBackup(place, given);
  const pool = sharedPool();
  const live = process.stderr.isTTY === true;
  const due = statusEvery();
  const began = performance.now();
  try {
    const options = {
      ...place,
      id,
      dryRun: isDryRun,
      readOnly: flags.readOnly === true,
      pool,
      signal,
      breakHost: flags.breakLock,
    };
    for await (const event of finishAndTell(options)) {
      if (event.type === 'tidied') tellTidied(event.tidied);
      if (event.type === 'content checking' && live && !flags.json)
        process.stderr.write(`\r\u001b[KLooking into ${escapeText(event.name)} ...`);
      if (event.type === 'progress' && (flags.json ? due() : live)) {
        const {bytesDone: doneBytes, totalBytes} = event;
        const amount = {doneBytes, totalBytes, seconds: (performance.now() - began) / 1000};
        const part = totalBytes > 0 ? doneBytes / totalBytes : 0;
        if (flags.json) await writeLine(statusJson(part, amount, null));
        else process.stderr.write(progressLine(part, amount, null));
      }
      if (event.type !== 'finished') continue;
      const {result} = event;
      if (live && !flags.json) process.stderr.write('\r\u001b[K');
      if (flags.json) {
        const line = isDryRun ? {dry_run: true} : {message_type: 'summary'};
        await writeJson({...line, ...summary(result, place.root)});
      } else if (result.outcome === 'cancelled') say(lineOf(finishEnding(result)));
      else await writeLine(textOf(result));
      tell(untold(result.untold));
      if (result.outcome === 'cancelled') return exitCode.cancelled;
      return result.missing.length + result.untold.length > 0 ? exitCode.partial : exitCode.done;
    }
    return exitCode.failed;
  } finally {
    pool.close();
  }
}
