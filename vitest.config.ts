import {defineConfig} from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    testTimeout: 20_000,
    reporters: ['default', './test/support/count-reporter.ts'],
    // The real environment must not leak into what the screens show.
    env: {TZ: 'UTC', FORCE_COLOR: '1'},
  },
});
