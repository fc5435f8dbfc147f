import fs from 'node:fs';
import {expect, test} from 'vitest';
import {Directory} from '../../../source/engine/base/directory.ts';
import {
  addToIndex,
  evidenceFileName,
  readIndex,
  tidyTemporaries,
  writeNew,
} from '../../../source/engine/evidence/place.ts';
import {makePipe, temporaryDirectory} from '../../support/temporary.ts';

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
    'DIR/x.md was not written: something of that name exists already, and is left as it is.',
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
    expect(() => addToIndex(state, entry)).toThrow('it is a link, not a file');
  } finally {
    state.close();
  }
  expect(fs.readFileSync(`${root}/victim`, 'utf8')).toBe('');
});

test.each<[string, (file: string) => void, string]>([
  ['a link', (file) => fs.symlinkSync('/etc/passwd', file), 'is a link, not a file'],
  ['a pipe', (file) => makePipe(file), 'is a pipe (FIFO), not a file'],
  ['a directory', (file) => fs.mkdirSync(file), 'is a directory, not a file'],
  [
    'too long',
    (file) => fs.truncateSync(file, 17 * 1024 ** 2),
    'is 17825792 bytes long; more than 16777216 is not read',
  ],
])('a list that is %s is not taken for none', (_, make, why) => {
  const root = temporaryDirectory();
  const file = `${root}/evidence/index.jsonl`;
  fs.mkdirSync(`${root}/evidence`);
  if (why.includes('long')) fs.writeFileSync(file, '');
  make(file);
  const state = Directory.open(root);
  try {
    expect(() => readIndex(state)).toThrow(
      `${file}, the list of this root's evidence, ${why}. Nothing was written: move it away if it has no business there.`,
    );
    if (why.includes('pipe'))
      expect(() => addToIndex(state, entry)).toThrow('it is a pipe (FIFO), not a file');
  } finally {
    state.close();
  }
});

test('a line of the list that leads elsewhere is none of it', () => {
  const state = Directory.open(temporaryDirectory());
  try {
    for (const file of ['../x.md', 'a/b.md', '..', '', '/a/\0', 'good.md', '/srv/other.md'])
      addToIndex(state, {...entry, file});
    expect(readIndex(state).map(({file}) => file)).toEqual(['good.md', '/srv/other.md']);
  } finally {
    state.close();
  }
});

test('whoever may put a file into the directory may add it to the list, and nobody else', () => {
  const root = temporaryDirectory();
  const state = Directory.open(root);
  const modeOf = (mode: number): number => {
    fs.rmSync(`${root}/evidence`, {recursive: true, force: true});
    fs.chmodSync(root, mode);
    addToIndex(state, entry);
    return fs.statSync(`${root}/evidence/index.jsonl`).mode & 0o777;
  };
  try {
    expect([0o755, 0o775, 0o777, 0o700].map(modeOf)).toEqual([0o640, 0o660, 0o660, 0o600]);
  } finally {
    state.close();
  }
});

test('what a kill left of a file goes once it is old and its process is gone; nothing else does', () => {
  const directory = temporaryDirectory();
  const now = 1_800_000_000_000;
  const old = now - 11 * 60 * 1000;
  const gone = 999_999_999;
  const stay = [
    `.magds-${process.pid}-${old}`,
    `.magds-${gone}-${now - 1000}`,
    `.magds-${gone}-x`,
    'x.md',
    `.magds-${gone}-${old}.md`,
  ];
  for (const name of [...stay, `.magds-${gone}-${old}`]) fs.writeFileSync(`${directory}/${name}`, '');
  fs.mkdirSync(`${directory}/.magds-${gone}-${old - 1}`);
  tidyTemporaries(directory, now);
  expect(fs.readdirSync(directory).toSorted()).toEqual([...stay, `.magds-${gone}-${old - 1}`].toSorted());
  tidyTemporaries('/nonexistent', now);
});
