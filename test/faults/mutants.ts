// By hand, about two minutes: node_modules/.bin/node test/faults/mutants.ts shows that the fault tests of a restore see what they are for.
import {execFileSync, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

type Mutant = {name: string; file: string; changes: [from: string, to: string][]; test: string; only: string};

const order = 'test/faults/restore-order.test.ts';
const kill = 'test/faults/restore-kill.test.ts';
const many = 'test/faults/restore-many.test.ts';

const mutants: Mutant[] = [
  {
    name: 'what is staged is not synced',
    file: 'restore/stage.ts',
    changes: [['    if (sync) fs.fsyncSync(fd);\n', '']],
    test: order,
    only: 'carried out',
  },
  {
    name: 'many files that are staged are not synced',
    file: 'restore/stage-all.ts',
    changes: [['    if (!common.sync) syncStaged([...staged.values()]);\n', '']],
    test: many,
    only: 'makes them durable at once',
  },
  {
    name: 'many files that are saved are not synced',
    file: 'restore/safety.ts',
    changes: [['      if (!sync) syncCopies(work, names);\n', '']],
    test: many,
    only: 'makes them durable at once',
  },
  {
    name: 'the directories of the targets are not synced',
    file: 'restore/file-targets.ts',
    changes: [['      syncDirectory(parent.path);\n', '']],
    test: order,
    only: 'carried out',
  },
  {
    name: 'the journal is not synced',
    file: 'session/journal.ts',
    changes: [['    fs.fsyncSync(fd);\n', '']],
    test: order,
    only: 'carried out',
  },
  {
    name: 'there is no journal',
    file: 'session/journal.ts',
    changes: [
      ['  write(): void {\n', '  write(): void {\n    return;\n'],
      [
        '    this.journal = {...this.journal, phase};\n',
        '    this.journal = {...this.journal, phase};\n    return;\n',
      ],
    ],
    test: kill,
    only: '[^o] sidecars, safety',
  },
  {
    name: 'files are renamed before their hash is known',
    file: 'restore/stage.ts',
    changes: [['bytes !== size || hash !== item.new.hash', 'bytes !== size']],
    test: order,
    only: 'a copy is hashed',
  },
  {
    name: 'the live file is not looked at before the rename',
    file: 'restore/switch.ts',
    changes: [['    checkOld(item, parent);\n', '']],
    test: order,
    only: 'in the last moment',
  },
  {
    name: 'the WAL stays beside the database',
    file: 'restore/look.ts',
    changes: [['if (!sqlite.begins(copy) && !sqlite.begins(target)) return [];', 'return [];']],
    test: kill,
    only: '[^o] sidecars, safety',
  },
];

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
