// By hand, about two minutes: node_modules/.bin/node test/faults/mutants.ts shows that the fault tests of a restore see what they are for.
import {execFileSync, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {type Mutant, mutants} from './mutant-list.ts';

const project = path.resolve(import.meta.dirname, '../..');
const node = path.join(project, 'node_modules/.bin/node');

/** Whether the tests fail, as they should; what they say where they do not. */
function isSeen({file, changes, test, only}: Mutant, copy: string): boolean {
  execFileSync('git', ['-C', copy, 'checkout', '--quiet', '.']);
  const full = path.join(copy, 'source/engine', file);
  let text = fs.readFileSync(full).toString('utf8');
  for (const [from, to] of changes) {
    if (text.split(from).length !== 2) throw new Error(`${file} has not once: ${from}`);
    text = text.replace(from, () => to);
  }
  fs.writeFileSync(full, text);
  execFileSync(node, ['source/build/build.ts'], {cwd: copy, stdio: 'inherit'});
  const run = spawnSync(node, ['node_modules/.bin/vitest', 'run', test, '-t', only], {
    cwd: copy,
    encoding: 'utf8',
  });
  // Failed because of what was tested, and not because nothing was.
  return run.status !== 0 && /[1-9]\d* failed/.test(run.stdout) && !/No test/.test(run.stdout);
}

const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'magds-mutants-'));
try {
  execFileSync('git', ['clone', '--quiet', project, copy]);
  fs.symlinkSync(path.join(project, 'node_modules'), path.join(copy, 'node_modules'));
  for (const mutant of mutants) {
    const seen = isSeen(mutant, copy);
    console.log(`${seen ? '+ seen  ' : 'x UNSEEN'}  ${mutant.name}`);
    if (!seen) process.exitCode = 1;
  }
} finally {
  fs.rmSync(copy, {recursive: true, force: true});
}
