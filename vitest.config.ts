import os from 'node:os';
import {defineConfig} from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Far more than any test takes: a slow machine is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Much of it waits for programs and terminals; vitest itself would leave one of the cores idle.
    maxWorkers: os.availableParallelism(),
    reporters: ['default', './test/support/count-reporter.ts'],
    // The real environment must not leak into what the screens show.
    env: {TZ: 'UTC', FORCE_COLOR: '1'},
  },
});
