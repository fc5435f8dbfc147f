import {defineConfig} from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    testTimeout: 20_000,
    // The real environment must not leak into what the screens show.
    env: {TZ: 'UTC'},
  },
});
