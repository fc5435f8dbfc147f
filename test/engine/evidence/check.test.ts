import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {checkEvidence, verdictOf} from '../../../source/engine/evidence/check.ts';
import type {EvidenceSession} from '../../../source/engine/evidence/schema.ts';
import {
  checkNamed,
  checksOf,
  failuresOf,
  goodRecord,
  goodSession,
  sha256,
  writeEvidence,
} from '../../support/evidence-files.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const verdict = async (file: string) => verdictOf(await checksOf(file));

/** The file with one place changed, and its `.sha256` made anew, as a careful forger would. */
function forge(file: string, change: (text: string) => string): void {
  const before = fs.readFileSync(file, 'latin1');
  const after = change(before);
  expect(after).not.toBe(before);
  fs.writeFileSync(file, after, 'latin1');
  fs.writeFileSync(`${file}.sha256`, `${sha256(fs.readFileSync(file))}  ${path.basename(file)}\n`);
}

test('a file that is as it was written holds, and says what was not checked', async () => {
  const {file} = writeEvidence(goodRecord());
  const checks = await checksOf(file);
  expect(checks.map(({name, state, text}) => `${state}: ${name}: ${text}`)).toEqual([
    'ok: digest: the file is the one that evidence.md.sha256 names',
    'ok: text: plain ASCII, with the line ends that were written',
    'ok: markers: one record, between its markers; the end is there',
    'ok: record digest: the record is the one that the file names by its SHA-256',
    'ok: record: whole and of a kind that is known',
    'ok: prose: every line is what the record says',
    'not checked: signature: unsigned: this shows corruption only, and nobody vouches for it',
    'not checked: approval: there is none',
    'not checked: time stamp: there is none',
    'ok: chain: it is the first evidence file of its root',
    'ok: sessions: 2 sessions, each with evidence',
    'ok: session record: 3 lines, each following from the one before it',
    'not checked: live: the backup and the live files: --live',
  ]);
  expect(verdictOf(checks)).toBe('holds');
});

describe('every damage is named', () => {
  const damages: [string, (text: string) => string, string | RegExp][] = [
    [
      'a digit of a table',
      (text) => text.replace(/(\n\| .*)2026-11-23/, '$12026-11-24'),
      /^prose: not what the record says, first in line \d+, in "[^"]+": the line was changed$/,
    ],
    [
      'a digit of the record',
      (text) => text.replace('"bytes":25600', '"bytes":25601'),
      'record digest: the record or the line "Record SHA-256: ..." was changed: they do not fit each other',
    ],
    [
      'a digit of its digest',
      (text) =>
        text.replace(/^(Record SHA-256: )(.)/m, (_, head, digit) => head + (digit === '0' ? '1' : '0')),
      'record digest: the record or the line "Record SHA-256: ..." was changed: they do not fit each other',
    ],
    ['a line that was put in', (text) => text.replace('\n## ', '\n\n## '), /^prose: .*: lines were put in$/],
    [
      'a line that was taken out',
      (text) => text.replace('\n\n## ', '\n## '),
      /^prose: .*: lines were taken out$/,
    ],
    [
      'a line that was added at the end',
      (text) => `${text}| approved |\n`,
      /^prose: .*, in the record: something was added at the end$/,
    ],
    [
      'CRLF',
      (text) => text.replaceAll('\n', '\r\n'),
      'text: its line ends were converted (CRLF, first in line 1): take the file as it was written',
    ],
    [
      'one CR',
      (text) => text.replace('\n## ', '\r## '),
      /^text: line \d+ holds a byte that no evidence file has \(0x0d\): it is plain ASCII$/,
    ],
    [
      'UTF-8',
      (text) => text.replace('# ', '# \u00e4'),
      /^text: line \d holds a byte .* \(0xe4\): it is plain ASCII$/,
    ],
    [
      'a cut end before the record',
      (text) => text.slice(0, text.lastIndexOf('<!-- BEGIN') - 20),
      'markers: its end is cut off: there is no line "<!-- BEGIN EVIDENCE JSON -->"',
    ],
    [
      'a cut end in the record',
      (text) => text.slice(0, text.lastIndexOf('<!-- END') - 30),
      'markers: its end is cut off, or was taken out: there is no line "<!-- END EVIDENCE JSON -->"',
    ],
    [
      'a cut end after the record',
      (text) => text.slice(0, text.indexOf('\nRecord SHA-256: ') + 30),
      'markers: its end is cut off, or was changed: there is no line "Record SHA-256: ..." with a digest',
    ],
    [
      'a missing last line break',
      (text) => text.slice(0, -1),
      'markers: its end is cut off: the last line has no end',
    ],
    [
      'a second BEGIN marker',
      (text) => text.replace('\n## ', '\n<!-- BEGIN EVIDENCE JSON -->\n\n## '),
      /^markers: there is a second line "<!-- BEGIN EVIDENCE JSON -->" \(line \d+\): a record was put in, or pasted twice$/,
    ],
    [
      'a second END marker',
      (text) => `${text}<!-- END EVIDENCE JSON -->\n`,
      /^markers: there is a second line "<!-- END EVIDENCE JSON -->"/,
    ],
    [
      'no BEGIN marker',
      (text) => text.replace('<!-- BEGIN EVIDENCE JSON -->\n', ''),
      'markers: there is no line "<!-- BEGIN EVIDENCE JSON -->"',
    ],
    ['nothing at all', () => '', 'text: the file is empty'],
    [
      'a second digest',
      (text) => `${text}Record SHA-256: ${'0'.repeat(64)}\n`,
      'markers: there are 2 lines "Record SHA-256: ..." and only one may be there',
    ],
  ];
  test.each(damages)('%s', async (_, change, due) => {
    const {file} = writeEvidence(goodRecord());
    forge(file, change);
    const found = failuresOf(await checksOf(file));
    expect(found).toEqual([typeof due === 'string' ? due : expect.stringMatching(due)]);
  });

  /** The file with another record in it, its digest made anew; the prose stays. */
  const swap = (file: string, json: (before: string) => string) =>
    forge(file, (text) => {
      const [, before = ''] = /^(`{4}json\n[\s\S]*\n`{4}\n)(?=<!-- END)/m.exec(text) ?? [];
      const after = json(before);
      return text
        .replace(before, () => after)
        .replace(/^(Record SHA-256: ).*/m, (_, head) => head + sha256(after));
    });

  test('a record that was changed with its digest', async () => {
    const {file} = writeEvidence(goodRecord());
    swap(file, (json) => json.replace('"control":"BCP-7"', '"control":"BCP-8"'));
    expect(failuresOf(await checksOf(file))).toEqual([
      expect.stringMatching(/^prose: not what the record says, /),
    ]);
  });

  test('a record that says the same in another way', async () => {
    const {file} = writeEvidence(goodRecord());
    swap(file, (json) => json.replace('"control":', '"control": '));
    expect(failuresOf(await checksOf(file))).toEqual([
      'prose: the record is not written as this program writes it: its text was changed, not what it says',
    ]);
  });

  test('a record that is none, or a newer one', async () => {
    const {file} = writeEvidence(goodRecord());
    swap(file, (json) => json.replace('"kind":"restore"', '"kind":"party"'));
    const checks = await checksOf(file);
    expect(failuresOf(checks)).toEqual(['record: the record is not what it should be at kind']);
    expect(checkNamed(checks, 'the rest')).toEqual([
      'not checked: there is no record to go by: prose, chain, sessions, session record',
    ]);
    swap(file, (json) => json.replace('magds-evidence/2', 'magds-evidence/9'));
    expect(failuresOf(await checksOf(file))).toEqual([
      'record: the record is of the kind magds-evidence/9, which this program does not know: a newer one may',
    ]);
  });

  test('the digest beside it', async () => {
    const {file, directory} = writeEvidence(goodRecord());
    const other = writeEvidence(goodRecord({ticket: 'other'}), 'other.md', directory);
    const due = async (content: string) => {
      fs.writeFileSync(`${file}.sha256`, content);
      return failuresOf(await checksOf(file));
    };
    expect(await due(fs.readFileSync(`${other.file}.sha256`, 'utf8'))).toEqual([
      'digest: evidence.md.sha256 is about another file: other.md',
    ]);
    expect(await due(`${other.sha256}  evidence.md\n`)).toEqual([
      `digest: the file or evidence.md.sha256 was changed: the file's SHA-256 is ${sha256(fs.readFileSync(file))}`,
    ]);
    expect(await due('hello\n')).toEqual([
      'digest: evidence.md.sha256 is not what sha256sum writes: one line, a digest and a name',
    ]);
    fs.rmSync(`${file}.sha256`);
    expect(checkNamed(await checksOf(file), 'digest')).toEqual([
      'not checked: there is no evidence.md.sha256',
    ]);
    fs.symlinkSync('/dev/null', `${file}.sha256`);
    expect(failuresOf(await checksOf(file))).toEqual(['digest: evidence.md.sha256 is a link, not a file']);
  });
});

test('any byte of it that is another one is noticed, with its digest made anew too', async () => {
  const {file, bytes} = writeEvidence(goodRecord());
  await fc.assert(
    fc.asyncProperty(fc.nat({max: bytes.length - 1}), fc.integer({min: 1, max: 255}), async (at, by) => {
      const changed = Buffer.from(bytes);
      changed[at] = ((changed[at] as number) + by) % 256;
      fs.writeFileSync(file, changed);
      fs.writeFileSync(`${file}.sha256`, `${sha256(changed)}  evidence.md\n`);
      expect(await verdict(file)).toBe('failed');
    }),
    {numRuns: 150},
  );
});

test('any byte that is taken out, and any that is put in, is noticed', async () => {
  const {file, bytes} = writeEvidence(goodRecord());
  fs.rmSync(`${file}.sha256`);
  await fc.assert(
    fc.asyncProperty(fc.nat({max: bytes.length - 1}), fc.option(fc.nat({max: 255})), async (at, put) => {
      const middle = put === null ? [] : [put, bytes[at] as number];
      fs.writeFileSync(
        file,
        Buffer.concat([bytes.subarray(0, at), Buffer.from(middle), bytes.subarray(at + 1)]),
      );
      expect(await verdict(file)).toBe('failed');
    }),
    {numRuns: 150},
  );
});

describe('the chain of files', () => {
  const three = () => {
    const directory = temporaryDirectory();
    const first = writeEvidence(goodRecord(), '1.md', directory);
    const second = writeEvidence(
      goodRecord({previous: {file: '1.md', sha256: first.sha256}}),
      '2.md',
      directory,
    );
    const third = writeEvidence(
      goodRecord({previous: {file: '2.md', sha256: second.sha256}}),
      '3.md',
      directory,
    );
    return {directory, first, second, third};
  };

  const chain = async (file: string) => checkNamed(await checksOf(file), 'chain');

  test('is followed to its beginning', async () => {
    const {third} = three();
    expect(await chain(third.file)).toEqual([
      'ok: 2 evidence files before it, each as the next one names it',
    ]);
  });

  test('names what is missing', async () => {
    const {first, second, third} = three();
    fs.rmSync(first.file);
    expect(await chain(second.file)).toEqual([
      'not checked: 1.md is not here: 2.md was written after it. Was it deleted, or not handed over?',
    ]);
    expect(await chain(third.file)).toEqual([
      'not checked: 1.md is not here: 2.md was written after it (1 file between hold). Was it deleted, or not handed over?',
    ]);
    expect(await verdict(third.file)).toBe('incomplete');
  });

  test('names what was changed, even where the change holds by itself', async () => {
    const {directory, third} = three();
    writeEvidence(goodRecord({ticket: 'another'}), '1.md', directory);
    expect(await chain(third.file)).toEqual([
      'failed: 1.md was changed after 2.md was written: its digest is another one',
    ]);
  });

  test('leads nowhere else', async () => {
    const directory = temporaryDirectory();
    const at = (previous: string, name = 'a.md') =>
      writeEvidence(goodRecord({previous: {file: previous, sha256: '0'.repeat(64)}}), name, directory).file;
    expect(await chain(at('../../etc/passwd'))).toEqual([
      "failed: a.md names as the one before it what is no file's name: ../../etc/passwd",
    ]);
    expect(await chain(at('/etc/\0passwd'))).toEqual([
      "failed: a.md names as the one before it what is no file's name: /etc/\0passwd",
    ]);
    expect(await chain(at('a.md'))).toEqual([
      'failed: a.md was changed after a.md was written: its digest is another one',
    ]);
    fs.symlinkSync('a.md', `${directory}/link.md`);
    expect(await chain(at('link.md', 'b.md'))).toEqual(['failed: link.md is a link, not a file']);
    const foreign = writeEvidence(
      goodRecord({asset: {...goodRecord().asset, id: 'elsewhere'}}),
      'c.md',
      directory,
    );
    const after = writeEvidence(
      goodRecord({previous: {file: 'c.md', sha256: foreign.sha256}}),
      'd.md',
      directory,
    );
    expect(await chain(after.file)).toEqual(['failed: c.md is about another asset: elsewhere']);
  });
});

test('numbered sessions: those without evidence and those that are gone are named', async () => {
  const directory = temporaryDirectory();
  const about = (sessions: {all: number[]; never_exported: number[]}, number: number, name: string) =>
    writeEvidence(goodRecord({sessions, session: goodSession({number})}), name, directory).file;
  const file = about({all: [1, 2, 3], never_exported: [1, 2]}, 3, '3.md');
  const named = async () => checkNamed(await checksOf(file), 'sessions');
  expect(await named()).toEqual(['not checked: no evidence file is about 1, 2']);
  about({all: [1, 2, 3], never_exported: [1]}, 2, '2.md');
  expect(await named()).toEqual(['not checked: no evidence file is about 1']);
  about({all: [1, 2, 3], never_exported: []}, 1, '1.md');
  expect(await named()).toEqual(['ok: 3 sessions, each with evidence, some of it made later']);
  const other = about({all: [1, 4], never_exported: []}, 4, '4.md');
  expect(checkNamed(await checksOf(other), 'sessions')).toEqual([
    'not checked: they are numbered, and 2, 3 were not there: somebody moved them away',
  ]);
});

describe("the session's own record", () => {
  const check = async (change: (good: EvidenceSession) => object) => {
    const good = goodRecord();
    const changed = {...goodSession(), ...change(goodSession())};
    return checkNamed(await checksOf(writeEvidence({...good, session: changed}).file), 'session record');
  };

  test('a line that was changed, taken out or put in breaks it', async () => {
    expect(
      await check(({lines}) => ({
        lines: lines.map((line) => (line.sequence === 2 ? {...line, data: {seconds: 1}} : line)),
      })),
    ).toEqual(['failed: line 3 does not follow from line 2']);
    expect(await check(({lines}) => ({lines: lines.filter(({sequence}) => sequence !== 2)}))).toEqual([
      'failed: line 2 has the number 3 instead of 2',
    ]);
    expect(await check(({lines}) => ({lines: lines.slice(1)}))).toEqual([
      'failed: line 1 has the number 2 instead of 1',
    ]);
    expect(await check(({lines}) => ({lines: lines.slice(0, 2)}))).toEqual([
      'failed: the last line, or their number, is not what session.jsonl had: its digest is another one',
    ]);
    expect(
      await check(({lines}) => ({lines: lines.map((line) => ({...line, operator: 'mallory'}))})),
    ).toEqual(['failed: line 3 does not follow from line 2']);
  });

  test('what cannot be told is said', async () => {
    expect(await check(({lines}) => ({lines: lines.map(({verbatim: _, ...line}) => line)}))).toEqual([
      'not checked: the bytes of line 1 are not in this file: the order of its keys is not known',
    ]);
    expect(await check(() => ({record_sha256: null}))).toEqual([
      'ok: 3 lines, each following from the one before it; nothing follows from the last one',
    ]);
    expect(await check(() => ({broken: 'line 3 is no line of a record'}))).toEqual([
      'failed: it was broken when this was exported: line 3 is no line of a record',
    ]);
    expect(await check(() => ({lines: []}))).toEqual(['not checked: this file holds no line of it']);
  });
});

test('no such file is a problem of its own', async () => {
  const file = `${temporaryDirectory()}/none.md`;
  const options = {file, allowedSigners: null, identity: null, tsaCa: null, live: null};
  await expect(checkEvidence(options).next()).rejects.toMatchObject({
    exit: 10,
    message: `${file}: there is no such file.`,
  });
});
