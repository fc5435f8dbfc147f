import {afterAll, afterEach} from 'vitest';

const afterEachTest: (() => void)[] = [];
const afterFile: (() => void)[] = [];

/**
 * Has this done after every test. Files share their modules, so that a hook which a module sets at its import would
 * only hold for the first file that imports it.
 */
export const tidyAfterEach = (run: () => void): void => {
  afterEachTest.push(run);
};

/** The same after the last test of every file. */
export const tidyAfterFile = (run: () => void): void => {
  afterFile.push(run);
};

/** For vitest's set-up, which runs before each file. */
export function setUpTidying(): void {
  // A sweep over all points leaves hundreds of roots.
  const longest = 120_000;
  afterEach(() => {
    for (const run of afterEachTest.toReversed()) run();
  }, longest);
  afterAll(() => {
    for (const run of afterFile.toReversed()) run();
  }, longest);
}
