import path from 'node:path';
import {escapeText} from '../engine/base/escape.ts';
import {formatBytes} from '../engine/base/format.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {configuredAlgorithm} from '../engine/config/configuration.ts';
import {sharedPool} from '../engine/hashing/pool.ts';
import {heldDirectory} from '../engine/storage/held.ts';
import {sourceNames} from '../engine/storage/manifest/lying.ts';
import {CancelledExtract, type Extracted} from '../engine/verify/extract.ts';
import {extractAndTell} from '../engine/verify/tell-extract.ts';
import {untold as untoldOf} from '../presenters/sentence.ts';
import {say, writeJson, writeOut} from '../terminal/standard-output.ts';
import {type Command, type Invocation, openPlace, wrongUsage} from './command.ts';
import {findBackup, namedId} from './find-backup.ts';
import {id as idFlag, text, yes} from './flags.ts';
import {progressLine, statusEvery, statusJson} from './progress.ts';
import {tell} from './tell.ts';

const flags = {
  id: idFlag,
  to: text('PATH', 'the file to create, or a directory for more than one file; never one that exists'),
  evenDamaged: yes('copy it out even though it is not what was backed up'),
};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary: 'copy a dataset out of a backup, verified on the way (all of it without DATASET)',
  task: 'Restore',
  operands: ['ID', '[DATASET]'],
  flags,
  examples: ['magds backup extract 20261123_020000_nightly ledger --to=/tmp/ledger.sqlite'],
  run,
};

const proofs = {
  match: '+ what was backed up',
  mismatch: 'x not what was backed up',
  none: '? nothing says what was backed up',
};

async function run(invocation: Call): Promise<ExitCode> {
  const {flags, rest, cwd, signal} = invocation;
  const given = namedId(invocation);
  const [dataset = null] = rest;
  if (flags.to === undefined || flags.to === '')
    wrongUsage('Where to? Give --to=FILE. Nothing that exists is overwritten.');
  if (flags.to === '-')
    wrongUsage(
      '--to=- is no file, and nothing is copied to stdout: name one, such as ./-. Nothing was written.',
    );
  const {place, configuration} = await openPlace(invocation);
  const id = findBackup(place, given, true);
  const to = path.resolve(cwd, flags.to);
  const due = statusEvery();
  const began = performance.now();
  let files: Extracted[];
  let beside: string[];
  let untold: string[];
  try {
    const held = heldDirectory(place.root);
    const evenDamaged = flags.evenDamaged === true;
    const algorithm = configuredAlgorithm(configuration);
    const sources = sourceNames(configuration?.datasets.value ?? []);
    const {root, backups} = place;
    const project = root !== null && configuration && !flags.readOnly ? {root, backups, configuration} : null;
    ({files, beside, untold} = await extractAndTell(
      {
        backups: place.backups,
        held,
        id,
        dataset,
        to,
        algorithm,
        sources,
        evenDamaged,
        pool: sharedPool(),
        signal,
      },
      project,
      (doneBytes, totalBytes) => {
        if (!due() || (flags.json !== true && !process.stderr.isTTY)) return;
        const part = totalBytes > 0 ? doneBytes / totalBytes : 0;
        const amount = {doneBytes, totalBytes, seconds: (performance.now() - began) / 1000};
        if (flags.json) void writeOut(`${statusJson(part, amount, null)}\n`);
        else process.stderr.write(progressLine(part, amount, null));
      },
    ));
  } catch (error) {
    if (!(error instanceof CancelledExtract)) throw error;
    say('Stopped. Nothing was written.');
    return exitCode.cancelled;
  }
  const isProved = files.every(({proof}) => proof === 'match');
  if (flags.json) {
    await writeJson({command: 'backup:extract', root: place.root, id, to, files, beside, untold});
  } else {
    const lines = files.map(
      ({name, bytes, proof}) => `${proofs[proof]}: ${escapeText(name)}, ${formatBytes(bytes)}`,
    );
    const more =
      beside.length === 0
        ? []
        : [
            `Not in it, but in the backup: ${beside.map(escapeText).join(', ')}. To copy it out as well, name it instead of ${escapeText(dataset ?? '')}.`,
          ];
    await writeOut(`${[...lines, `In ${escapeText(to)}.`, ...more].join('\n')}\n`);
  }
  tell(untoldOf(untold));
  // Who may only read the root cannot tell of it; the bytes are what was asked for all the same.
  return isProved ? exitCode.done : exitCode.partial;
}
