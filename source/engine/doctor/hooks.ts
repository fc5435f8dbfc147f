import fs, {constants} from 'node:fs';
import path from 'node:path';
import {shellWord} from '../base/shell-word.ts';
import type {Fault} from '../config/configuration.ts';
import {type OwnFile, ownFileName, readOwnFile} from '../config/own-file.ts';
import {areHooksDue, hooksDueName, hooksDueText} from '../storage/runbook/hooks-due.ts';
import {lockState} from '../storage/runbook/lock.ts';
import {beware, counted, type Finding, ok, wrong} from './check.ts';
import type {Subject} from './subject.ts';

/** Every command that a part of the settings names: lists of words, however deep. */
function commandsIn(value: unknown): string[][] {
  if (Array.isArray(value))
    return value.length > 0 && value.every((each) => typeof each === 'string')
      ? [value]
      : value.flatMap(commandsIn);
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(commandsIn) : [];
}

/** Whether a program can be run, as `execvp` would look for it. */
function whyNotRun(program: string, root: string, env: NodeJS.ProcessEnv): string | null {
  const places = program.includes('/')
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
  if (there.length === 0) return program.includes('/') ? 'is not there' : 'is in no directory of PATH';
  const can = there.some((each) => {
    try {
      fs.accessSync(each, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  return can ? null : 'cannot be executed';
}

/** Whether what a backup had stopped that was killed may still stand still. */
function checkDue({state}: Subject, own: OwnFile | null): Finding[] {
  if (!state || lockState(state).state === 'held' || !areHooksDue(state)) return [];
  const commands = (own?.hooks?.after_backup ?? []).map((command) => command.map(shellWord).join(' '));
  const note = shellWord(`${state.name}/${hooksDueName}`);
  return [
    wrong(hooksDueText, 'The next backup runs them. To do it now, then to say that it is done:', [
      ...commands,
      `rm ${note}`,
    ]),
  ];
}

/** Whether `config.json` is obeyed, and the programs that it names can be run. */
export function checkHooks(subject: Subject): Finding[] {
  if (subject.root === null) return [];
  const faults: Fault[] = [];
  const own = readOwnFile(subject.root, faults);
  return [...checkDue(subject, own), ...checkSettings(subject, subject.root, own, faults)];
}

function checkSettings(subject: Subject, root: string, own: OwnFile | null, faults: Fault[]): Finding[] {
  const {options} = subject;
  if (!fs.lstatSync(`${root}/${ownFileName}`, {throwIfNoEntry: false}))
    return [ok(`none: there is no ${ownFileName}`)];
  const [fault] = faults;
  if (fault) {
    const say = subject.isOnlooker ? beware : wrong;
    return [
      say(
        `${ownFileName} ${fault.message}`,
        'Its settings and hooks do not count until then, and nothing is written. What it may hold:',
        [
          'magds config --schema',
          `ls -ld ${shellWord(path.dirname(`${root}/${ownFileName}`))} ${shellWord(`${root}/${ownFileName}`)}`,
        ],
      ),
    ];
  }
  const commands = commandsIn([own?.hooks ?? {}, (own?.checklist ?? []).map(({command}) => command ?? null)]);
  const programs = [...new Set(commands.map(([program = '']) => program))];
  const findings = programs.flatMap((program) => {
    const why = whyNotRun(program, root, options.env);
    return why === null
      ? []
      : [
          wrong(
            `the program ${program} of ${ownFileName} ${why}: what it is for fails`,
            'Install it, or mend its path there:',
            [`ls -l ${shellWord(path.resolve(root, program))}`],
          ),
        ];
  });
  if (findings.length > 0) return findings;
  return [
    ok(
      `${ownFileName} is obeyed; ${commands.length === 0 ? 'it names no program' : `${counted(programs.length, 'program')} in it, all there`}`,
    ),
  ];
}
