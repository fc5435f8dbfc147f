import fs from 'node:fs';
import fc from 'fast-check';
import {describe, expect, test, vi} from 'vitest';
import {type Journal, JournalFile, readJournal} from '../../../source/engine/session/journal.ts';
import {aJournal, anItem} from '../../support/journals.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

function written(change: (journal: Journal) => unknown): ReturnType<typeof readJournal> {
  const directory = temporaryDirectory();
  fs.writeFileSync(`${directory}/journal.json`, JSON.stringify(change(aJournal())), {mode: 0o644});
  return readJournal(directory, 1);
}
const unreadable = {state: 'unreadable', reason: 'journal.json is not a journal of this session'};

describe('a journal', () => {
  test('is what was written, durable in each phase, and leaves nothing behind', () => {
    const directory = temporaryDirectory();
    const file = new JournalFile(directory, aJournal());
    file.write();
    file.foresee('done', 'back', 'rolled-back');
    for (const phase of ['commit', 'done'] as const) {
      file.advance(phase);
      expect(readJournal(directory, 1)).toEqual({
        state: 'read',
        journal: {...aJournal(), phase},
        untrusted: null,
      });
    }
    file.tidy();
    expect(fs.readdirSync(directory)).toEqual(['journal.json']);
    expect(fs.statSync(`${directory}/journal.json`).mode & 0o7777).toBe(0o644);
  });

  test('goes on with what was foreseen once it was durable, and with nothing of before', () => {
    const directory = temporaryDirectory();
    const file = new JournalFile(directory, aJournal());
    file.write();
    // A kill while it foresees leaves a torn one.
    fs.writeFileSync(`${directory}/.journal.rolled-back.new`, '{"torn');
    JournalFile.reopen(directory, aJournal()).advance('rolled-back');
    expect(readJournal(directory, 1)).toMatchObject({journal: {phase: 'rolled-back'}});
  });

  test('of thousands of files is told without them only where it is settled', () => {
    const directory = temporaryDirectory();
    const items = Array.from({length: 1000}, (_, n) => anItem(`file-${n}`));
    for (const [changes, told] of [
      [{phase: 'commit'}, 1000],
      [{phase: 'done'}, 1000],
      [{phase: 'done', closed: true}, 0],
      [{phase: 'rolled-back'}, 0],
    ] as const) {
      const journal = aJournal({...changes, items});
      new JournalFile(directory, journal).write();
      expect(readJournal(directory, 1)).toEqual({state: 'read', journal, untrusted: null});
      const read = readJournal(directory, 1, 'told');
      expect(read).toEqual({
        state: 'read',
        journal: {...journal, items: items.slice(0, told)},
        untrusted: null,
      });
      expect(readJournal(directory, 2, 'told')).toEqual(unreadable);
    }
  });

  test('of thousands of files tells how far it is without reading them', () => {
    const directory = temporaryDirectory();
    const items = Array.from({length: 1000}, (_, n) => anItem(`file-${n}`));
    for (const phase of ['prepare', 'commit', 'back', 'done'] as const) {
      const journal = aJournal({phase, items});
      new JournalFile(directory, journal).write();
      const head = {state: 'read', journal: {...journal, items: []}, untrusted: null};
      expect(readJournal(directory, 1, 'head')).toEqual(head);
    }
  });

  test('makes the text of its files once for all phases that have the same', () => {
    const items = Array.from({length: 10}, (_, n) => anItem(`file-${n}`));
    const file = new JournalFile(temporaryDirectory(), aJournal({items}));
    const made = vi.spyOn(JSON, 'stringify');
    file.write();
    file.foresee('done', 'back', 'rolled-back');
    file.advance('commit');
    file.advance('done');
    const ofItems = made.mock.calls.filter(([value]) => value === items || 'items' in Object(value));
    made.mockRestore();
    expect(ofItems).toHaveLength(1);
  });

  test('names nothing that leads out of a directory', () => {
    const bad = fc.oneof(
      fc.constantFrom('', '.', '..', '/', 'a/b', '../x', '/etc/passwd', 'a\0b', '\0'),
      fc.tuple(fc.string(), fc.constantFrom('/', '\0'), fc.string()).map((parts) => parts.join('')),
    );
    const place = (name: string) => ({...anItem('tenants').place, segments: ['data', name]});
    const changes: ((name: string) => object)[] = [
      (temporary) => ({temporary}),
      (aside) => ({aside}),
      (name) => ({place: place(name)}),
      (name) => ({old: {kind: 'absent', missing: [name]}}),
      (name) => ({new: {...anItem('tenants').new, copy: ['datasets', name]}}),
    ];
    const directory = temporaryDirectory();
    fc.assert(
      fc.property(bad, fc.constantFrom(...changes), (name, change) => {
        const journal = aJournal({items: [{...anItem('tenants'), ...change(name)} as never]});
        fs.writeFileSync(`${directory}/journal.json`, JSON.stringify(journal));
        expect(readJournal(directory, 1)).toEqual(unreadable);
      }),
    );
  });

  test.each<[string, (journal: Journal) => unknown]>([
    ['another session', (journal) => ({...journal, session: 2})],
    ['another version', (journal) => ({...journal, version: 2})],
    ['another phase', (journal) => ({...journal, phase: 'finished'})],
    [
      'a base that is relative',
      (journal) => ({...journal, items: [{...anItem('a'), place: {...anItem('a').place, base: 'etc'}}]}),
    ],
    [
      'no segments',
      (journal) => ({...journal, items: [{...anItem('a'), place: {...anItem('a').place, segments: []}}]}),
    ],
    ['no state', ({state: _, ...journal}) => journal],
    ['a list', () => []],
    ['null', () => null],
  ])('is none: %s', (_, change) => {
    expect(written(change)).toEqual(unreadable);
  });

  test('that is no JSON, a link, or a directory, is none', () => {
    const directory = temporaryDirectory();
    const file = `${directory}/journal.json`;
    expect(readJournal(directory, 1)).toEqual({state: 'none'});
    fs.writeFileSync(file, '{"torn');
    expect(readJournal(directory, 1)).toMatchObject({
      state: 'unreadable',
      reason: expect.stringContaining('journal.json: '),
    });
    fs.rmSync(file);
    fs.symlinkSync('/etc/passwd', file);
    expect(readJournal(directory, 1)).toMatchObject({state: 'unreadable'});
    fs.rmSync(file);
    fs.mkdirSync(file);
    expect(readJournal(directory, 1)).toMatchObject({state: 'unreadable'});
  });

  test.each([
    ['journal.json', 0o664],
    ['journal.json', 0o646],
    ['.', 0o775],
    ['.', 0o1777],
  ])('is not obeyed where others may write %s (%o)', (name, mode) => {
    const directory = temporaryDirectory();
    new JournalFile(directory, aJournal()).write();
    fs.chmodSync(`${directory}/${name}`, mode);
    expect(readJournal(directory, 1)).toMatchObject({untrusted: 'others than its owner may write it'});
  });
});
