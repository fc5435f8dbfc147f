import {Problem} from '../base/problem.ts';
import {describeConfiguration, describeDoubt, describeRefusal, whyPhpMakesNone} from '../config/effective.ts';
import {changesOf, configurationDocument} from '../config/last-run.ts';
import {ownFileName} from '../config/own-file.ts';
import {checkEnabled, checkMayWrite} from '../config/project.ts';
import {marksOf} from '../storage/root.ts';
import {beware, type Finding, ok, some, unknown, wrong} from './check.ts';
import type {Subject} from './subject.ts';

export function checkRoot({root, backups, configuration, options, ...subject}: Subject): Finding[] {
  if (root === null) return [ok(`none: only the backups in ${backups} are looked at, as --backups says`)];
  const by = `it has ${marksOf(root).join(', ')}`;
  const how = options.from === null ? 'named by --root' : `the nearest from ${options.from} upwards`;
  const said = `${root}, ${how}; ${by}`;
  if (subject.storage === null)
    return [
      wrong(`${said}; but ${root}/storage is not there, or cannot be reached`, 'Is a disk not mounted?'),
    ];
  if (configuration && !configuration.found)
    return [
      beware(
        `${said}; but no configuration in config/: what is backed up is only a guess`,
        'Is it the right directory? Name the project.',
        ['magds doctor --root=DIR'],
      ),
    ];
  return [ok(said)];
}

/** A value or a file that is wrong keeps everybody from writing, or is only worth knowing. */
export function checkConfiguration(subject: Subject): Finding[] {
  const {configuration, unconfigured} = subject;
  if (unconfigured !== null) return [unknown(`it cannot be read: ${unconfigured}`)];
  if (!configuration) return [];
  const show = [subject.command('config')];
  const findings: Finding[] = [];
  const {conflict, doubt, environment, faults, refused, phpOff, blocking} = configuration;
  if (conflict && environment.from !== '--env')
    findings.push(
      wrong(
        `.env says ${conflict.file}, the process says ${conflict.process}: nothing is written until that is settled`,
        'Make them agree, or say with each command which counts.',
        [`${subject.command('doctor')} --env=${conflict.file}`],
      ),
    );
  for (const each of refused.slice(0, 5))
    findings.push(
      wrong(
        describeRefusal({...each, file: subject.short(each.file)}),
        'Mend it; this shows all values.',
        show,
      ),
    );
  if (phpOff !== null)
    findings.push(
      beware(whyPhpMakesNone(phpOff), 'Set components.MagDB.enabled to true, if PHP is meant to make them.'),
    );
  if (doubt && doubt.order.from === null)
    findings.push(beware(describeDoubt(doubt), 'Make them agree, or have php.ini set variables_order.'));
  for (const {file, line, message} of faults.slice(0, 5)) {
    const said = `${subject.short(file)}:${line} ${message}`;
    // What he may not read is no fault of the root's, and may hold secrets.
    const isClosed = subject.isOnlooker && message.includes('permission denied');
    findings.push(isClosed ? unknown(said) : wrong(said, 'Mend it; this shows all values.', show));
  }
  if (faults.length > 5) findings.push(wrong(`${faults.length - 5} more faults in the files`, null, show));
  for (const {name, problem, from} of describeConfiguration(configuration)) {
    if (problem === null) continue;
    const blocks = blocking.some((each) => each.includes(problem));
    const say = blocks ? wrong : beware;
    findings.push(say(`${name} (${from}): ${problem}`, 'Mend it; this shows all values.', show));
  }
  const why = whyNotWritten(subject);
  if (why !== null && !findings.some(({state}) => state !== 'beware')) findings.push(wrong(why, null, show));
  findings.push(...switchedOff(subject));
  if (findings.length > 0) return findings;
  const names = configuration.datasets.value.map(({name}) => name);
  const said = `${environment.value} (${environment.from}); ${names.length} datasets: ${some(names, 6)}`;
  return [ok(said)];
}

/** What every writing command would say of it. */
function whyNotWritten({configuration}: Subject): string | null {
  try {
    if (configuration) checkMayWrite(configuration);
    return null;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}

function switchedOff({configuration}: Subject): Finding[] {
  try {
    if (configuration) checkEnabled(configuration);
    return [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const where = `Set magds.backup.enabled to true, or backup.enabled in ${ownFileName}.`;
    return [beware('backups are switched off: none is made', where)];
  }
}

/** The runbook wants its document changed with it. */
export function checkChanges(subject: Subject): Finding[] {
  const {root, configuration} = subject;
  if (root === null || !configuration) return [];
  return changesOf(root, configuration).map((change) =>
    beware(
      `since the last backup: ${change}`,
      `If that is meant, update ${configurationDocument}; the next backup takes it as it is. The table for it:`,
      [subject.command('config --markdown')],
    ),
  );
}
