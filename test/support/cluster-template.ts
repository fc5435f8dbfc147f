import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {TestProject} from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the tests of one run keep the data that each of their PostgreSQL servers begins with. */
    clusterTemplate: string;
  }
}

/** For vitest, once before all tests of a project. @returns what is done after them */
export default function provideTemplate(project: TestProject): () => void {
  const directory = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'magds-pg-made-'));
  project.provide('clusterTemplate', directory);
  return () => fs.rmSync(directory, {recursive: true, force: true});
}
