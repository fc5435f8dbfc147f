import fs from 'node:fs';
import {expect, test} from 'vitest';
import {metricsFile} from '../../../source/engine/config/metrics-file.ts';
import {MetricsCounting} from '../../../source/engine/events/announcer.ts';
import * as happens from '../../support/happenings.ts';
import {emptyPlace, linesOf, prunedOf, telemetry, valuesOf} from '../../support/metrics.ts';

test('what could not be counted is counted with the next, and then nothing is said of it', async () => {
  const place = emptyPlace();
  const counting = new MetricsCounting(place);
  fs.writeFileSync(telemetry(place), 'a file');
  await counting.count(linesOf(place, happens.pruned));
  await counting.count(linesOf(place, happens.pruned, happens.completed(3)));
  await counting.settle();
  expect(counting.problems).toEqual([
    expect.stringContaining(`the metrics ${metricsFile(place.root)} were not written: `),
  ]);
  fs.rmSync(telemetry(place));
  await counting.count(linesOf(place, happens.pruned));
  expect(counting.problems).toEqual([]);
  expect(valuesOf(place)).toMatchObject({magdb_backups_pruned_total: 3, magdb_backups_total: 1});
});

test('or once more at the end, once', async () => {
  const place = emptyPlace();
  const counting = new MetricsCounting(place);
  fs.writeFileSync(telemetry(place), 'a file');
  await counting.count(linesOf(place, happens.pruned));
  fs.rmSync(telemetry(place));
  await counting.settle();
  await counting.settle();
  expect(counting.problems).toEqual([]);
  expect(prunedOf(place)).toBe(1);
});

test('that a file was damaged is said although it was written', async () => {
  const place = emptyPlace();
  const counting = new MetricsCounting(place);
  await counting.count(linesOf(place, happens.pruned));
  fs.writeFileSync(metricsFile(place.root), '');
  await counting.count(linesOf(place, happens.pruned));
  await counting.count(linesOf(place, happens.pruned));
  expect(counting.problems).toEqual([expect.stringContaining('it is not what this program left there')]);
  expect(prunedOf(place)).toBe(2);
});
