import type {Command} from './command.ts';
import {flagTable, globalFlags} from './flags.ts';

const exitCodes = `Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done in part (something was missing), 4 verification failed,
or a comparison found differences, 5 restore refused, or failed and rolled back, 6 a restore stopped halfway and waits
for a decision, 10 no such root, backup or file, 11 locked by another writer, 130 cancelled.
A mismatch is never 0, and neither is "nothing was checked".`;

const line = (left: string, right: string) => `  ${left.padEnd(26)}  ${right}`;

export const spell = (command: Command): string => ['magds', ...command.words, ...command.operands].join(' ');

export function usage(commands: Command[], only?: Command): string {
  const flags = only
    ? [...only.flags, ...globalFlags]
    : [...new Set([...commands.flatMap((each) => each.flags), ...globalFlags])];
  const chosen = only ? [only] : commands;
  const lines = [
    'magds: find the good MagDS backup, prove that it is one, put it back. Opening and listing changes nothing.',
    '',
    'Usage',
    ...(only ? [] : [line('magds', 'open the app: browse, read manifests, verify, back up, restore')]),
    ...chosen.map((command) => line(spell(command), command.summary)),
    '',
    'Flags',
    ...flags.map((flag) => line(flagTable[flag].usage, flagTable[flag].help)),
    '',
    exitCodes,
  ];
  return `${lines.join('\n')}\n`;
}
