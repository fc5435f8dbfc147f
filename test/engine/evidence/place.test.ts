import fs from 'node:fs';
import {expect, test} from 'vitest';
import {addToIndex, evidenceFileName, readIndex, writeNew} from '../../../source/engine/evidence/place.ts';
import {Directory} from '../../../source/engine/runbook/directory.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const entry = {
  at: '2026-11-23T03:10:00.000Z',
  file: 'a.md',
  sha256: 'a'.repeat(64),
  record: 'r',
  kind: 'restore',
  session: 1,
};

test('a name sorts by time, says what it is about, and leads nowhere', () => {
  const at = new Date('2026-11-23T03:10:05Z');
  expect(evidenceFileName(at, 'session-12')).toBe('20261123_031005_session-12.md');
  expect(evidenceFileName(at, '../../x')).toBe('20261123_031005_.._.._x.md');
});

test.each<[string, (file: string) => void]>([
  ['a file', (file) => fs.writeFileSync(file, 'old')],
  ['a link', (file) => fs.symlinkSync('/nonexistent/target', file)],
  ['a directory', (file) => fs.mkdirSync(file)],
])('%s of that name stays as it is', (_, make) => {
  const directory = temporaryDirectory();
  make(`${directory}/x.md`);
  const before = fs.lstatSync(`${directory}/x.md`).ino;
  expect(() => writeNew(directory, 'x.md', Buffer.from('new'), 'DIR')).toThrow(
    'DIR/x.md was not written: something of that name is there already, and is left as it is.',
  );
  expect(fs.lstatSync(`${directory}/x.md`).ino).toBe(before);
  expect(fs.readdirSync(directory)).toEqual(['x.md']);
});

test('what is written is whole, and for its owner only', () => {
  const directory = temporaryDirectory();
  writeNew(directory, 'x.md', Buffer.from('new'), directory);
  expect(fs.readFileSync(`${directory}/x.md`, 'utf8')).toBe('new');
  expect(fs.statSync(`${directory}/x.md`).mode & 0o777).toBe(0o600);
  expect(fs.readdirSync(directory)).toEqual(['x.md']);
});

test('where there is no directory, that is said', () => {
  expect(() => writeNew('/nonexistent', 'x.md', Buffer.from('new'), '/nonexistent')).toThrow(
    '/nonexistent/x.md was not written: there is no directory /nonexistent.',
  );
});

test('the list goes on after a torn line, and passes over what is none of it', () => {
  const state = Directory.open(temporaryDirectory());
  try {
    expect(readIndex(state)).toEqual([]);
    addToIndex(state, entry);
    const file = `${state.name}/evidence/index.jsonl`;
    fs.appendFileSync(file, '{"at":"2026');
    addToIndex(state, {...entry, file: 'b.md'});
    fs.appendFileSync(file, 'nothing\n{}\n');
    expect(readIndex(state).map((each) => each.file)).toEqual(['a.md', 'b.md']);
  } finally {
    state.close();
  }
});

test('the list is not written through a link', () => {
  const root = temporaryDirectory();
  fs.mkdirSync(`${root}/evidence`);
  fs.writeFileSync(`${root}/victim`, '');
  fs.symlinkSync(`${root}/victim`, `${root}/evidence/index.jsonl`);
  const state = Directory.open(root);
  try {
    expect(() => addToIndex(state, entry)).toThrow(/ELOOP/);
  } finally {
    state.close();
  }
  expect(fs.readFileSync(`${root}/victim`, 'utf8')).toBe('');
});
