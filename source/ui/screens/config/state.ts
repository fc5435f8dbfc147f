import type {Configuration} from '../../../engine/config/configuration.ts';
import {describeConfiguration, remarksOn} from '../../../engine/config/effective.ts';
import {updateReminder} from '../../../engine/config/last-run.ts';
import type {Scroll} from '../../kit/scroll.ts';
import {slice} from '../../state.ts';

export type ConfigLine =
  | {kind: 'value'; name: string; value: string; from: string}
  | {kind: 'problem'; text: string}
  | {kind: 'fault'; text: string};

/** Every effective value with where it came from, and under it what is wrong with it. */
export function configLines(configuration: Configuration | null, changes: string[]): ConfigLine[] {
  if (!configuration) return [];
  const {faults} = configuration;
  const values = describeConfiguration(configuration).flatMap(
    ({name, value, from, problem}): ConfigLine[] => [
      {kind: 'value', name, value, from},
      ...(problem ? [{kind: 'problem' as const, text: problem}] : []),
    ],
  );
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
    ...faults.map(
      ({file, line, message}): ConfigLine => ({kind: 'fault', text: `${file}:${line} ${message}`}),
    ),
  ];
}

export type ConfigAction = {type: 'config opened'};

const first: Scroll = {cursor: 0, top: 0};

/** The chosen line. */
export const configSlice = slice<Scroll, ConfigAction>('config', {start: first, reduce: () => first});
