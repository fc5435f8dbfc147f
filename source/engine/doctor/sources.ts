import fs, {constants} from 'node:fs';
import path from 'node:path';
import {counted} from '../base/format.ts';
import {describeError, errorCode} from '../base/problem.ts';
import {shellWord} from '../base/shell-word.ts';
import {whyTooLarge} from '../storage/manifest/read.ts';
import {type Findings, type InProject, type LaterFindings, unknown, wrong} from './check.ts';
import {may} from './identity.ts';
import {makeWritable, whyNotWritable} from './permissions.ts';
import type {Subject} from './subject.ts';

/** Whether each live file is there, and can be read. */
export async function* checkSources(subject: InProject): LaterFindings {
  const {isOnlooker} = subject;
  const {datasets, missing, leftOut, manifestBytes} = await subject.sources;
  const show = [subject.command('config')];
  if (datasets.length === 0) yield wrong('no dataset is configured: there is nothing to back up', null, show);
  for (const {name, reason} of missing) {
    const dataset = datasets.find((each) => each.dataset.name === name)?.dataset;
    const said = `${name}: ${reason}: ${dataset?.type.describe(dataset) ?? ''}`;
    // What an onlooker may not see is no fault of the root's.
    if (isOnlooker && reason.includes('permission denied')) yield unknown(said);
    else {
      const advice = 'Without it the next backup is not whole. Bring it back, or fix the configuration:';
      yield wrong(said, advice, show);
    }
  }
  const grave = leftOut.filter((each) => each.grave);
  for (const {name, reason} of grave.slice(0, 5))
    yield wrong(`${name}: ${reason}; it will not be in the next backup`);
  if (grave.length > 5) yield wrong(`${grave.length - 5} more files will not be in the next backup`);
  let count = 0;
  for (const {base, dataset, files} of datasets) {
    count += files.length;
    const unread = files.flatMap(({segments}) => whyNotRead(subject, [base, ...segments].join('/')) ?? []);
    const [first] = unread;
    if (first === undefined) continue;
    const more = unread.length > 1 ? `, and ${counted(unread.length - 1, 'more file')}` : '';
    const say = isOnlooker ? unknown : wrong;
    yield say(`${dataset.name}: ${first}${more}`, 'What cannot be read is not backed up. Look whose it is:', [
      `ls -l ${shellWord(dataset.source)}`,
    ]);
  }
  const tooLarge = whyTooLarge(count, manifestBytes);
  if (tooLarge !== null) yield wrong(`no backup can be made: ${tooLarge}`);
  return `all ${counted(datasets.length, 'dataset')} can be read: ${counted(count, 'file')}`;
}

function whyNotRead({owner, ownerName, me}: Subject, file: string): string | null {
  try {
    fs.accessSync(file, constants.R_OK);
    if (owner && owner.uid !== me && !may(owner, fs.statSync(file), 4))
      return `by its owner and mode ${ownerName} may not read ${file}`;
    return null;
  } catch (error) {
    // It went meanwhile.
    if (errorCode(error) === 'ENOENT') return null;
    return `${file} cannot be read: ${describeError(error)}`;
  }
}

/** A restore puts the new file beside the old one, and renames it. */
export function* checkTargets(subject: InProject): Findings {
  if (subject.isOnlooker) {
    yield unknown('you may not see whether a restore could write beside the live files');
    return undefined;
  }
  const directories = subject.configuration.datasets.value.map(({source, type}) =>
    type.isTree ? source : path.dirname(source),
  );
  for (const directory of new Set(directories)) {
    // What is not there is made by a restore, and is told of by the sources.
    const why = fs.existsSync(directory) ? whyNotWritable(subject, directory) : null;
    if (why !== null)
      yield wrong(`no restore there: ${directory}: ${why}`, ...makeWritable(subject, directory));
  }
  return 'a restore can write beside every live file';
}
