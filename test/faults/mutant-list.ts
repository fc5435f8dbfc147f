/** A fault in the transaction, and the tests that have to notice it. */
export type Mutant = {
  name: string;
  file: string;
  changes: [from: string, to: string][];
  test: string;
  only: string;
};

const order = 'test/faults/restore-order.test.ts';
const kill = 'test/faults/restore-kill.test.ts';
const many = 'test/faults/restore-many.test.ts';

export const mutants: Mutant[] = [
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
    changes: [['    if (!sync) syncCopies(work, names);\n', '']],
    test: many,
    only: 'makes them durable at once',
  },
  {
    name: 'the directories of the targets are not synced',
    file: 'restore/file-targets.ts',
    changes: [['    syncDirectory(parent.path);\n', '']],
    test: order,
    only: 'carried out',
  },
  {
    name: 'the journal is not synced',
    file: 'base/write-all.ts',
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
