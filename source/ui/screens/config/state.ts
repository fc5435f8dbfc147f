import {describeFault} from '../../../engine/config/configuration.ts';
import {type Databases, describeDatabases} from '../../../engine/config/databases.ts';
import {describeConfiguration, remarksOn} from '../../../engine/config/effective.ts';
import {updateReminder} from '../../../engine/config/last-run.ts';
import type {Scroll} from '../../kit/scroll.ts';
import {type AppState, slice} from '../../state.ts';

export type ConfigLine =
  | {kind: 'value'; name: string; value: string; from: string}
  | {kind: 'problem'; text: string}
  | {kind: 'fault'; text: string};

/** Every effective value with where it came from, and under it what is wrong with it. */
export function configLines(
  {configuration, changes}: Pick<AppState, 'configuration' | 'changes'>,
  {databases}: ConfigState,
): ConfigLine[] {
  if (!configuration) return [];
  const {faults} = configuration;
  const settings = [
    ...describeConfiguration(configuration),
    ...(databases ? describeDatabases(databases) : []),
  ];
  const values = settings.flatMap(({name, value, from, problem}): ConfigLine[] => [
    {kind: 'value', name, value, from},
    ...(problem ? [{kind: 'problem' as const, text: problem}] : []),
  ]);
  const doubt = remarksOn(configuration).map((text): ConfigLine => ({kind: 'problem', text}));
  const since = changes.map(
    (change): ConfigLine => ({kind: 'problem', text: `since the last run: ${change}`}),
  );
  const reminder: ConfigLine[] = since.length > 0 ? [{kind: 'problem', text: updateReminder}] : [];
  return [
    ...since,
    ...reminder,
    ...doubt,
    ...values,
    ...faults.map((fault): ConfigLine => ({kind: 'fault', text: describeFault(fault)})),
  ];
}

/** The chosen line, and the databases of the PHP configuration; null until they were read. */
export type ConfigState = Scroll & {databases: Databases | null};
export type ConfigAction = {type: 'config opened'} | {type: 'databases read'; databases: Databases};

const start: ConfigState = {cursor: 0, top: 0, databases: null};

export const configSlice = slice<ConfigState, ConfigAction>('config', {
  start,
  reduce: (state, action) =>
    action.type === 'config opened' ? start : {...state, databases: action.databases},
});
