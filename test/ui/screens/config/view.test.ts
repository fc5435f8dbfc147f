import fc from 'fast-check';
import stringWidth from 'string-width';
import {describe, expect, test} from 'vitest';
import {file} from '../../../../source/engine/datasets/file.ts';
import {bodyHeight} from '../../../../source/ui/layout.ts';
import {configSlice} from '../../../../source/ui/screens/config/state.ts';
import type {AppAction} from '../../../../source/ui/state.ts';
import {frameText, lineText, screenOf} from '../../../support/frames.ts';
import {hostile, unprintable} from '../../../support/hostile.ts';
import {configured} from '../../../support/run-states.ts';
import {anApp, reduceAll} from '../../../support/states.ts';

const configScreen = screenOf('config');

const sizes = [
  {columns: 80, rows: 24},
  {columns: 60, rows: 16},
];
const long = '/srv/magmoboce/shared/data/customers/of-the-northern-region/tenants-and-their-sessions.json';
const from = 'config/environments/production/magds/backup/datasets.php:1234';
const source = (name: string, value: string) => ({name, source: value, type: file, from});
const withSources = (...sources: string[]): AppAction =>
  configured({
    datasets: {value: sources.map((each, index) => source(`set_${index}`, each)), from, problem: null},
  });
const open: AppAction = configSlice.open({type: 'config opened'});
const shown = (size: (typeof sizes)[0], ...actions: AppAction[]): string[] =>
  frameText(configScreen(reduceAll(anApp([], {size}), ...actions))).split('\n');

describe.each(sizes)('at $columns x $rows', (size) => {
  test('the chosen value is read to its end, and where it came from', () => {
    const sources = Array.from({length: 20}, (_, index) => `/srv/${index}`);
    const all = [withSources(...sources, long), open, {type: 'moved', how: 'last'}] as AppAction[];
    let lines = shown(size, ...all);
    for (let steps = 0; steps < 40 && !lines.some((line) => line.startsWith(' > dataset set_20')); steps++) {
      all.push({type: 'moved', how: 'up'});
      lines = shown(size, ...all);
    }
    const detail = lines.slice(lines.findIndex((line) => line.startsWith(' -- dataset set_20')) + 1);
    const text = detail.map((line) => line.trim()).join('');
    expect(text).toContain(long);
    expect(text.replaceAll(' ', '')).toContain(`from${from}`);
  });

  test('what is wrong is read to its end as well', () => {
    const message = `is no PHP that can be understood: ${'word '.repeat(20)}at the very end`;
    const faults = [{file: '/srv/magmoboce/config/base/magds.php', line: 3, message}];
    const lines = shown(size, configured({faults}), open, {type: 'moved', how: 'last'});
    expect(lines.join('\n')).toContain('at the very end');
  });

  test('the chosen line stays on the screen, however one moves and resizes', () => {
    const how = fc.constantFrom('up', 'down', 'pageUp', 'pageDown', 'first', 'last');
    fc.assert(
      fc.property(fc.array(how, {maxLength: 20}), fc.integer({min: 16, max: 40}), (moves, rows) => {
        const lines = shown(
          size,
          withSources(...Array.from({length: 30}, () => long)),
          open,
          ...moves.map((each): AppAction => ({type: 'moved', how: each})),
          {type: 'resized', size: {columns: size.columns, rows}},
        );
        expect(lines.filter((line) => line.startsWith(' > '))).toHaveLength(1);
      }),
    );
  });
});

test('whatever it holds: nothing drives the terminal, nothing is too wide, the height is kept', () => {
  fc.assert(
    fc.property(
      fc.record({columns: fc.integer({min: 60, max: 180}), rows: fc.integer({min: 16, max: 60})}),
      fc.array(hostile, {minLength: 1, maxLength: 9}),
      fc.nat({max: 9}),
      (size, texts, down) => {
        const state = reduceAll(
          anApp([], {size}),
          withSources(...texts),
          open,
          ...Array.from({length: down}, (): AppAction => ({type: 'moved', how: 'down'})),
        );
        const lines = configScreen(state).map(lineText);
        expect(lines).toHaveLength(bodyHeight(size));
        for (const line of lines) {
          expect(stringWidth(line), line).toBeLessThanOrEqual(size.columns);
          expect(line).not.toMatch(unprintable);
        }
      },
    ),
    {numRuns: 200},
  );
});
