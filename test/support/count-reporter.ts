import type {Reporter, TestModule, Vitest} from 'vitest/node';

/**
 * Says at the end which tests were skipped, and why as far as their names say; which passed only when they were tried
 * again, and what failed the first time; then one plain line to count by.
 */
export default class CountReporter implements Reporter {
  /** Tests that `-t` leaves out are only counted. */
  #isNarrowed = false;

  onInit(vitest: Vitest): void {
    this.#isNarrowed = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = {passed: 0, failed: 0, skipped: 0};
    const skipped: string[] = [];
    const again: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'pending') continue;
        count[result.state]++;
        if (test.diagnostic()?.flaky) {
          const [first = ''] = (result.errors ?? []).map(({message}) => message.slice(0, 500));
          again.push(
            `  ${module.relativeModuleId}: ${test.fullName}\n    ${first.replaceAll('\n', '\n    ')}\n`,
          );
        }
        if (result.state !== 'skipped') continue;
        const why = result.note ? `: ${result.note}` : '';
        skipped.push(`  ${module.relativeModuleId}: ${test.fullName}${why}\n`);
      }
      // A file that cannot be loaded has no tests that could fail.
      if (module.state() === 'failed' && module.errors().length > 0) count.failed++;
    }
    if (skipped.length > 0 && !this.#isNarrowed) {
      const how = 'Most run as root, with the packages that .ci/run installs; some only as another user.';
      process.stdout.write(`\nSkipped:\n${skipped.join('')}${how}\n`);
    }
    if (again.length > 0)
      process.stdout.write(
        `\nPassed only when tried again (mend the test, or what it found):\n${again.join('')}`,
      );
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  }
}
