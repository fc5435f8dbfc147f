import {spawnSync} from 'node:child_process';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {commit, runtime, version} from '../../../../source/engine/base/version.ts';
import {
  initialValues,
  metrics,
  metricsText,
  type PresentState,
  presentStates,
  readValues,
} from '../../../../source/engine/events/metrics/metrics-text.ts';
import {anyText} from '../../../support/arbitraries.ts';
import {samplesOf} from '../../../support/metrics.ts';

const hostile = [
  '/srv/a b',
  '/srv/"quoted"',
  '/srv/back\\slash\\n',
  '/srv/two\nlines\n# EOF\nx 1',
  '/é/😀\r\t"}',
];
const anyRoot = fc.oneof(anyText, fc.constantFrom(...hostile), fc.string({unit: 'binary'}));
const anyValue = fc.oneof(fc.nat(), fc.double({min: 0, max: Number.MAX_SAFE_INTEGER, noNaN: true}));
const keptNames = metrics.flatMap(({name, kind}) => (kind === 'seen' ? [] : [name]));
const anyValues = fc
  .dictionary(fc.constantFrom(...keptNames), anyValue)
  .map((each) => new Map([...initialValues(), ...Object.entries(each)]));
const present = new Map<PresentState, number>(presentStates.map((state, index) => [state, index]));

test('whatever a root is called, its label says so, and what is kept is read again', async () => {
  await fc.assert(
    fc.asyncProperty(anyRoot, anyRoot, anyValues, async (root, tree, values) => {
      const text = await metricsText(values, present, root, tree);
      const samples = samplesOf(text);
      expect(new Set(samples.map(({labels}) => labels['root']))).toEqual(new Set([root.toWellFormed()]));
      expect(samples).toHaveLength(values.size + presentStates.length + 1);
      expect(samples.at(-1)).toMatchObject({
        name: 'magds_build_info',
        labels: {version, commit, runtime, package: 'source'},
        value: 1,
      });
      const read = readValues(text, tree);
      expect(read.flaw).toBeNull();
      expect(new Map([...read.values].sort())).toEqual(new Map([...values].sort()));
    }),
  );
});

test('each metric has a name and a place of its own', () => {
  expect(new Set(metrics.map(({name}) => name)).size).toBe(metrics.length);
  expect(metrics.map(({place}) => place)).toEqual(metrics.map((_, index) => index + 1));
});

test('whatever is in the file, reading it gives numbers that can be gone on from', async () => {
  const text = await metricsText(initialValues(), present, '/srv/a', '/srv/a/storage');
  await fc.assert(
    fc.property(fc.nat(text.length), fc.nat(40), anyText, (at, removed, added) => {
      const {values, flaw} = readValues(
        text.slice(0, at) + added + text.slice(at + removed),
        '/srv/a/storage',
      );
      for (const value of values.values())
        expect(value).toSatisfy((each) => Number.isFinite(each) && each >= 0);
      expect(flaw).toSatisfy((each) => each === null || typeof each === 'string');
    }),
  );
});

const promtool = spawnSync('promtool', ['--version']).error === undefined;
test.skipIf(!promtool).each(hostile)(
  'promtool finds nothing wrong with %j (needs promtool of the package prometheus)',
  async (root) => {
    const values = new Map(metrics.map(({name}, index) => [name, index + 0.5]));
    const input = await metricsText(values, present, root, root);
    const {status, stdout, stderr} = spawnSync('promtool', ['check', 'metrics'], {input, encoding: 'utf8'});
    expect({status, stdout, stderr}).toEqual({status: 0, stdout: '', stderr: ''});
  },
);
