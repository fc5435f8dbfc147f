import fs, {constants} from 'node:fs';
import path from 'node:path';
import {describeError, errorCode} from '../base/problem.ts';
import {shellWord} from '../base/shell-word.ts';
import {whyTooLarge} from '../storage/manifest/read.ts';
import {counted, type Finding, ok, unknown, wrong} from './check.ts';
import {may} from './identity.ts';
import {wayTo, whyNotWritable} from './permissions.ts';
import type {Subject} from './subject.ts';

/** Whether each live file is there, and can be read. */
export function checkSources(subject: Subject): Finding[] {
  const {sources} = subject;
  if (!sources) return [];
  const {datasets, missing, leftOut} = sources;
  const sourceOf = (name: string): string =>
    datasets.find(({dataset}) => dataset.name === name)?.dataset.source ?? '';
  if (datasets.length === 0)
    return [
      wrong('no dataset is configured: there is nothing to back up', null, [subject.command('config')]),
    ];
  const findings = missing.map(({name, reason}) => {
    const said = `${name}: ${reason}: ${sourceOf(name)}`;
    // What he may not see is no fault of the root's.
    if (subject.isOnlooker && reason.includes('permission denied')) return unknown(said);
    const advice = 'Without it the next backup is not whole. Bring it back, or mend the configuration:';
    return wrong(said, advice, [subject.command('config')]);
  });
  const grave = leftOut.filter((each) => each.grave);
  for (const {name, reason} of grave.slice(0, 5))
    findings.push(wrong(`${name}: ${reason}; it will not be in the next backup`));
  if (grave.length > 5) findings.push(wrong(`${grave.length - 5} more files will not be in the next backup`));
  let files = 0;
  for (const {base, dataset, files: all} of datasets) {
    files += all.length;
    const unread = all.flatMap(({segments}) => whyNotRead(subject, [base, ...segments].join('/')) ?? []);
    const [first] = unread;
    if (first === undefined) continue;
    const more = unread.length > 1 ? `, and ${counted(unread.length - 1, 'more file')}` : '';
    const say = subject.isOnlooker ? unknown : wrong;
    findings.push(
      say(`${dataset.name}: ${first}${more}`, 'What cannot be read is not backed up. Look whose it is:', [
        `ls -l ${shellWord(dataset.source)}`,
      ]),
    );
  }
  const tooLarge = whyTooLarge(files, sources.manifestBytes);
  if (tooLarge !== null) findings.push(wrong(`no backup can be made: ${tooLarge}`));
  return findings.length > 0
    ? findings
    : [ok(`all ${counted(datasets.length, 'dataset')} can be read: ${counted(files, 'file')}`)];
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
export function checkTargets(subject: Subject): Finding[] {
  const {configuration, isOnlooker} = subject;
  if (!configuration) return [];
  if (isOnlooker) return [unknown('whether a restore could write beside the live files is not told to you')];
  const directories = configuration.datasets.value.map(({source, type}) =>
    type.isTree ? source : path.dirname(source),
  );
  const findings = [...new Set(directories)].flatMap((directory) => {
    // What is not there is made by a restore, and is told of by the sources.
    if (!fs.existsSync(directory)) return [];
    const why = whyNotWritable(subject, directory);
    return why === null
      ? []
      : [wrong(`no restore there: ${directory}: ${why}`, ...wayTo(subject, directory))];
  });
  return findings.length > 0 ? findings : [ok('a restore can write beside every live file')];
}
