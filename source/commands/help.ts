import {loadAll, type Named} from './all.ts';
import {type FlagTable, globalFlags, spellFlag} from './flags.ts';

const exitCodes = `Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done in part (something was missing), 4 verification failed,
or a comparison found differences, 5 restore refused, or failed and rolled back, 6 a restore stopped halfway and waits
for a decision, 10 no such root, backup or file, 11 locked by another writer, 130 cancelled.
A mismatch is never 0, and neither is "nothing was checked".`;

const line = (left: string, right: string) => `  ${left.padEnd(26)}  ${right}`;

export const spell = ({name, command}: Named): string =>
  ['magds', name, ...(command.operands ?? [])].join(' ');

const flagLines = (table: FlagTable): string[] =>
  Object.entries(table).map(([name, {kind, takes, help}]) =>
    line(`${spellFlag(name, kind)} ${takes}`.trimEnd(), help),
  );

/** @param only the command that it is about; null for all of them */
export async function help(only: Named | null): Promise<string> {
  const named = only ? [only] : await loadAll();
  const flags: FlagTable = Object.assign({}, ...named.toReversed().map(({command}) => command.flags));
  const examples = only?.command.examples ?? [];
  const lines = [
    'magds: find the good MagDS backup, prove that it is one, put it back. Opening and listing changes nothing.',
    '',
    'Usage',
    ...(only ? [] : [line('magds', 'open the app: browse, read manifests, verify, back up, restore')]),
    ...named.map((each) => line(spell(each), each.command.summary)),
    '',
    ...(examples.length > 0 ? ['Examples', ...examples.map((example) => `  ${example}`), ''] : []),
    'Flags',
    ...flagLines({...flags, ...globalFlags}),
    '',
    exitCodes,
  ];
  return `${lines.join('\n')}\n`;
}
