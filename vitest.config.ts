import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {defineConfig} from 'vitest/config';
import {BaseSequencer, type TestSpecification} from 'vitest/node';

/** They put something else in the place of a module, or measure the memory of their process: neither can be shared. */
const alone = [
  'test/engine/base/json-checker.test.ts',
  'test/engine/content/check.test.ts',
  'test/engine/content/json-checker.test.ts',
  'test/engine/events/announcer.test.ts',
  'test/engine/events/log/read-log.test.ts',
  'test/engine/evidence/collect.test.ts',
  'test/engine/hashing/copy-files.test.ts',
  'test/engine/hashing/pool.test.ts',
  'test/engine/restore/recover.test.ts',
  'test/engine/restore/transaction.test.ts',
];

const runsProgram = /support\/(faults|program|restore-runner|run|terminal)\.ts'/;

/** `npm run test:quick`: without the tests that run the program itself, which take longest, and need it to be built. */
const left =
  process.env['QUICK_TESTS'] === '1'
    ? (fs.readdirSync('test', {recursive: true}) as string[])
        .filter((file) => /\.test\.tsx?$/.test(file))
        .map((file) => `test/${file}`)
        .filter((file) => runsProgram.test(fs.readFileSync(file, 'utf8')))
    : [];

/** What takes long begins first, also where no run has measured it yet: else one core waits for the last of it. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({moduleId}: TestSpecification): number => Number(/\/test\/(faults|pty)\//.test(moduleId));
    return (await super.sort(files)).toSorted((one, other) => isLong(other) - isLong(one));
  }
}

export default defineConfig({
  test: {
    setupFiles: ['test/support/setup.ts'],
    globalSetup: ['test/support/cluster-template.ts'],
    // Far more than any test takes: a slow machine is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A machine under load makes a terminal or a process late. Once more, and said at the end; what a property test has
    // found is never tried again.
    retry: {count: 1, condition: /^(?!Property failed)/},
    // A third of the time of each worker goes into waiting for programs, terminals and disks.
    maxWorkers: Math.ceil(os.availableParallelism() * 1.5),
    sequence: {sequencer: LongFirst},
    reporters: ['default', './test/support/count-reporter.ts'],
    // The real environment must not leak into what the screens show.
    env: {
      TZ: 'UTC',
      FORCE_COLOR: '1',
      // Threads and processes of the engine begin with its sources: to take the types out of them takes twice as long as all
      // else of a start.
      NODE_COMPILE_CACHE: path.resolve('node_modules/.cache/magds-tests'),
    },
    projects: [
      // Loading the modules again for each file would take as long as the tests.
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [...alone, ...left],
          isolate: false,
        },
      },
      {extends: true, test: {name: 'alone', include: alone, exclude: left}},
    ],
  },
});
