import fs, {constants} from 'node:fs';
import path from 'node:path';
import {seenAt} from '../base/files.ts';
import {counted, listed} from '../base/format.ts';
import {Problem} from '../base/problem.ts';
import {shellWord} from '../base/shell-word.ts';
import {type Configuration, describeFault, type Fault} from '../config/configuration.ts';
import {
  describeConfiguration,
  describeDoubt,
  describeRefusal,
  noDatasets,
  whyPhpMakesNone,
} from '../config/effective.ts';
import {describeConflict} from '../config/environment.ts';
import {changesOf, configurationDocument} from '../config/last-run.ts';
import {hookOf, type OwnFile, ownFileName, readOwnFile} from '../config/own-file.ts';
import {checkEnabled, checkMayWrite} from '../config/project.ts';
import {marksOf} from '../storage/root.ts';
import {areHooksDue, hooksDueName, hooksDueText} from '../storage/runbook/hooks-due.ts';
import {beware, type Findings, type Found, type InProject, type InRoot, ok, unknown, wrong} from './check.ts';
import type {Subject} from './subject.ts';

export function* checkRoot({root, backups, configuration, options, storage}: Subject): Findings {
  if (root === null) return `none: only the backups in ${backups} are looked at, as --backups says`;
  const how = options.from === null ? 'named by --root' : `the nearest from ${options.from} upwards`;
  const said = `${root}, ${how}; it has ${marksOf(root).join(', ')}`;
  if (storage === null)
    yield wrong(`${said}; but ${root}/storage is not there, or cannot be reached`, 'Is a disk not mounted?');
  else if (configuration && !configuration.found)
    yield beware(
      `${said}; but no configuration in config/: what is backed up is only a guess`,
      'Is it the right directory? Name the project.',
      ['magds doctor --root=DIR'],
    );
  return said;
}

/** What a check of the configuration throws; null where it holds. */
function whyNot(check: (configuration: Configuration) => void, configuration: Configuration): string | null {
  try {
    check(configuration);
    return null;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}

function* faultsOf(subject: Subject, configuration: Configuration): Iterable<Found> {
  const {conflict, doubt, environment, faults, refused, phpOff, blocking} = configuration;
  const show = [subject.command('config')];
  const mend: [string, string[]] = ['Fix it; this shows all values.', show];
  if (conflict && environment.from !== '--env')
    yield wrong(
      `${describeConflict(conflict)}: nothing is written until that is settled`,
      'Make them agree, or say with each command which counts.',
      [`${subject.command('doctor')} --env=${conflict.file}`],
    );
  for (const each of refused.slice(0, 5))
    yield wrong(describeRefusal({...each, file: subject.short(each.file)}), ...mend);
  if (phpOff !== null)
    yield beware(
      whyPhpMakesNone(phpOff),
      'Set components.MagDB.enabled to true, if PHP is meant to make them.',
    );
  if (doubt && doubt.order.from === null)
    yield beware(describeDoubt(doubt), 'Make them agree, or have php.ini set variables_order.');
  for (const {file, line, message} of faults.slice(0, 5)) {
    const said = describeFault({file: subject.short(file), line, message});
    // What an onlooker may not read is no fault of the root's, and may hold secrets.
    const isClosed = subject.isOnlooker && message.includes('permission denied');
    yield isClosed ? unknown(said) : wrong(said, ...mend);
  }
  if (faults.length > 5) yield wrong(`${faults.length - 5} more faults in the files`, null, show);
  for (const {name, problem, from} of describeConfiguration(configuration)) {
    // That there is none is told with the sources.
    if (problem === null || problem === noDatasets) continue;
    const say = blocking.some((each) => each.includes(problem)) ? wrong : beware;
    yield say(`${name} (${from}): ${problem}`, ...mend);
  }
}

/** A value or a file that is wrong keeps everybody from writing, or is only worth knowing. */
export function* checkConfiguration(subject: InRoot): Findings {
  const {configuration, unconfigured} = subject;
  if (!configuration) {
    yield unknown(`it cannot be read: ${unconfigured}`);
    return undefined;
  }
  const found = [...faultsOf(subject, configuration)];
  yield* found;
  const why = whyNot(checkMayWrite, configuration);
  if (why !== null && found.every(({state}) => state === 'beware'))
    yield wrong(why, null, [subject.command('config')]);
  if (whyNot(checkEnabled, configuration) !== null)
    yield beware(
      'backups are switched off: none is made',
      `Set magds.backup.enabled to true, or backup.enabled in ${ownFileName}.`,
    );
  const {environment, datasets} = configuration;
  const names = datasets.value.map(({name}) => name);
  return `${environment.value} (${environment.from}); ${names.length} datasets: ${listed(names, 6)}`;
}

/** The runbook wants its document changed with it. */
export function* checkChanges(subject: InProject): Findings {
  for (const change of changesOf(subject.root, subject.configuration))
    yield beware(
      `since the last backup: ${change}`,
      `If that is meant, update ${configurationDocument}; the next backup takes it as it is. The table for it:`,
      [subject.command('config --markdown')],
    );
  return undefined;
}

/** Every command that a part of the settings names: lists of words, however deep. */
function commandsIn(value: unknown): string[][] {
  if (Array.isArray(value))
    return value.length > 0 && value.every((each) => typeof each === 'string')
      ? [value]
      : value.flatMap(commandsIn);
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(commandsIn) : [];
}

function canBeRun(file: string): boolean {
  try {
    fs.accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Why a program cannot be run, as `execvp` would look for it; null where it can. */
function whyNotRun(program: string, root: string, env: NodeJS.ProcessEnv): string | null {
  const isPath = program.includes('/');
  const places = isPath
    ? [path.resolve(root, program)]
    : (env['PATH'] ?? '').split(':').map((each) => path.join(each || '.', program));
  const there = places.filter((each) => {
    try {
      return fs.statSync(each).isFile();
    } catch {
      // Not in this one.
      return false;
    }
  });
  if (there.length === 0) return isPath ? 'is not there' : 'is in no directory of PATH';
  return there.some(canBeRun) ? null : 'cannot be executed';
}

/** Whether `config.json` is obeyed, and the programs that it names can be run. */
export function* checkHooks(subject: InRoot): Findings {
  const {root, state, lock, options} = subject;
  const faults: Fault[] = [];
  const own = readOwnFile(root, faults);
  // What a backup that was killed had stopped may still stand still.
  if (state && lock?.state !== 'held' && areHooksDue(state))
    yield wrong(
      hooksDueText,
      'The next backup runs them. To run them now, and then to say that it is done:',
      [
        ...(own?.hooks?.after_backup ?? []).map((each) => hookOf(each).command.map(shellWord).join(' ')),
        `rm ${shellWord(`${state.name}/${hooksDueName}`)}`,
      ],
    );
  const file = `${root}/${ownFileName}`;
  if (!seenAt(file)) yield ok(`none: there is no ${ownFileName}`);
  else if (faults.length > 0) {
    const say = subject.isOnlooker ? beware : wrong;
    yield say(
      faults.map((fault) => describeFault({...fault, file: ownFileName})).join('; '),
      'Its settings and hooks do not count until then, and nothing is written. What it may hold:',
      ['magds config --schema', `ls -ld ${shellWord(path.dirname(file))} ${shellWord(file)}`],
    );
  } else yield* programsOf(root, own, options.env);
  return undefined;
}

function* programsOf(root: string, own: OwnFile | null, env: NodeJS.ProcessEnv): Iterable<Found> {
  const commands = commandsIn([own?.hooks ?? {}, (own?.checklist ?? []).map(({command}) => command ?? null)]);
  const programs = [...new Set(commands.map(([program = '']) => program))];
  let missing = 0;
  for (const program of programs) {
    const why = whyNotRun(program, root, env);
    if (why === null) continue;
    missing++;
    yield wrong(
      `the program ${program} of ${ownFileName} ${why}: what it is for fails`,
      'Install it, or fix its path there:',
      [
        program.includes('/')
          ? `ls -l ${shellWord(path.resolve(root, program))}`
          : `command -v ${shellWord(program)}`,
      ],
    );
  }
  const all =
    programs.length === 0 ? 'it names no program' : `${counted(programs.length, 'program')} in it, all there`;
  if (missing === 0) yield ok(`${ownFileName} is obeyed; ${all}`);
}
