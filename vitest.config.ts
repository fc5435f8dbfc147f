import os from 'node:os';
import {defineConfig} from 'vitest/config';

/** They put something else in the place of a module, which files that share their modules cannot. */
const alone = [
  'test/engine/events/announcer.test.ts',
  'test/engine/hashing/copy-files.test.ts',
  'test/engine/hashing/pool.test.ts',
  'test/engine/restore/recover.test.ts',
  'test/engine/restore/transaction.test.ts',
];

export default defineConfig({
  test: {
    setupFiles: ['test/support/setup.ts'],
    // Far more than any test takes: a slow machine is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Much of it waits for programs and terminals; vitest itself would leave one of the cores idle.
    maxWorkers: os.availableParallelism(),
    reporters: ['default', './test/support/count-reporter.ts'],
    // The real environment must not leak into what the screens show.
    env: {TZ: 'UTC', FORCE_COLOR: '1'},
    projects: [
      // Loading the modules again for each file would take as long as the tests.
      {
        extends: true,
        test: {name: 'shared', include: ['test/**/*.test.{ts,tsx}'], exclude: alone, isolate: false},
      },
      {extends: true, test: {name: 'alone', include: alone}},
    ],
  },
});
