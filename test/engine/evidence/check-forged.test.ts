import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {asciiJson} from '../../../source/engine/base/escape.ts';
import {recordFence, recordFenceEnd} from '../../../source/engine/evidence/markdown.ts';
import {recordBegins, recordText} from '../../../source/engine/evidence/record-text.ts';
import {renderEvidence} from '../../../source/engine/evidence/render.ts';
import type {EvidenceRecord} from '../../../source/engine/evidence/schema.ts';
import {checksOf, failuresOf, goodRecord, goodSession, sha256} from '../../support/evidence-files.ts';
import {makePipe, temporaryDirectory} from '../../support/temporary.ts';

/** A file with this text for a record, its digests made anew, as a careful forger would. */
function forged(change: (json: string) => string, record = goodRecord()): string {
  const json = recordText(record);
  const other = change(json);
  const digested = other.startsWith(recordBegins) ? `${recordFence}${other}${recordFenceEnd}` : other;
  const text = renderEvidence(record)
    .replace(json, () => other)
    .replace(/^(Record SHA-256: ).*/m, (_, head) => head + sha256(digested));
  const file = `${temporaryDirectory()}/evidence.md`;
  fs.writeFileSync(file, text, 'latin1');
  return file;
}

const otherText =
  'prose: the record is not written as this program writes it: its text was changed, not what it says';
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('a record whose digest was made anew', () => {
  test.each<[string, (json: string) => string, string | RegExp]>([
    [
      'a key twice, the first of them unlike the second',
      (json) => json.replace(recordBegins, `${recordBegins}"ticket":"INC-9",`),
      otherText,
    ],
    [
      'lines in another order',
      (json) => json.replace(/^(\{"asset".*)\n(\{"attempts".*)$/m, '$2\n$1'),
      otherText,
    ],
    ['a letter as an escape', (json) => json.replace('INC-2041', '\\u0049NC-2041'), otherText],
    ['a solidus as an escape', (json) => json.replace('/srv', '\\/srv'), otherText],
    ['-0', (json) => json.replace('"bytes":25600', '"bytes":-0'), otherText],
    ['1e3', (json) => json.replace('"rto_seconds":3600', '"rto_seconds":3.6e3'), otherText],
    [
      'a number out of all range',
      (json) => json.replace('"bytes":25600', '"bytes":1e999'),
      'record: the record is not what it should be at backups.0.datasets.0.bytes',
    ],
    [
      'a key of its own',
      (json) => json.replace(recordBegins, `${recordBegins}"approved":true,`),
      'record: the record is not what it should be at the top',
    ],
    [
      '__proto__',
      (json) => json.replace(recordBegins, `${recordBegins}"__proto__":{"ticket":"x"},`),
      'record: the record is not what it should be at the top',
    ],
    [
      '__proto__ in what a line says',
      (json) => json.replace('\\"data\\":{', '\\"data\\":{\\"__proto__\\":{\\"a\\":1},'),
      'session record: line 2 does not follow from line 1',
    ],
    [
      '100,000 levels',
      (json) => json.replace('\\"data\\":{', `\\"data\\":{\\"a\\":${deep(100_000)},`),
      /^record: the record is not what it should be at its line \d+: it is no line of a session's record$/,
    ],
    [
      '100,000 levels instead of a record',
      () => deep(100_000),
      'record: the record is not what it should be at the top',
    ],
    ['no JSON', (json) => json.slice(0, -1), /^record: the record is not valid JSON at its line \d+$/],
    ['two groups in a line', (json) => json.replace(/\}\n\{"attempts"/, ',"attempts"'), /at its line 2$/],
    ['a group of its own', (json) => `${json}\n{"approved":{}}`, /at the top$/],
  ])('%s', async (_, change, due) => {
    const file = forged(change);
    expect(failuresOf(await checksOf(file))).toEqual([
      typeof due === 'string' ? due : expect.stringMatching(due),
    ]);
  });

  test('numbers of so many sessions that no call takes them', async () => {
    const all = Array.from({length: 300_000}, (_, index) => index + 1);
    const file = forged((json) => json, goodRecord({sessions: {all, never_exported: []}}));
    expect(failuresOf(await checksOf(file))).toEqual([]);
  });

  test('line breaks without end are told as such', async () => {
    const file = forged((json) => json);
    const text = fs.readFileSync(file, 'latin1');
    fs.writeFileSync(file, text.replace('\n## ', `${'\n'.repeat(10_000_000)}## `), 'latin1');
    expect(failuresOf(await checksOf(file))).toEqual([
      expect.stringMatching(/^prose: .*: lines were put in$/),
    ]);
    fs.writeFileSync(
      file,
      text.replace('\n````\n', (end) => end + '\n'.repeat(2000)),
      'latin1',
    );
    expect(failuresOf(await checksOf(file))).toEqual([
      'markers: the record is broken into more lines than anybody would write',
    ]);
  });
});

describe('lines of a session', () => {
  const withLine = (change: (line: EvidenceRecord['session'] & object) => object): EvidenceRecord =>
    goodRecord({session: goodSession(change(goodSession()))});

  test.each<[string, (session: NonNullable<EvidenceRecord['session']>) => object, RegExp]>([
    ['the last one taken out', ({lines}) => ({lines: lines.slice(0, -1)}), /the last line, or their number/],
    ['one in the middle taken out', ({lines}) => ({lines: lines.toSpliced(1, 1)}), /line 2 has the number 3/],
    ['the first one taken out', ({lines}) => ({lines: lines.slice(1)}), /line 1 has the number 2/],
    ['swapped', ({lines}) => ({lines: lines.toReversed()}), /line 1 has the number 3/],
    [
      'another operator',
      ({lines}) => ({lines: lines.map((line) => ({...line, operator: 'mallory'}))}),
      /line 1 says something else|does not follow/,
    ],
    [
      'bytes that say something else',
      ({lines}) => ({
        lines: lines.map((line) => ({
          ...line,
          verbatim: asciiJson({...line, verbatim: undefined, type: 'x'}),
        })),
      }),
      /^prose: /,
    ],
  ])('%s', async (_, change, due) => {
    const file = forged((json) => json, withLine(change));
    expect(failuresOf(await checksOf(file))).toContainEqual(expect.stringMatching(due));
  });
});

test.each<[string, (file: string) => void, string]>([
  ['a link', (file) => fs.symlinkSync('/etc/passwd', file), 'is a link, not a file'],
  ['a pipe', (file) => makePipe(file), 'is a pipe (FIFO), not a file'],
  ['a directory', (file) => fs.mkdirSync(file), 'is a directory, not a file'],
  [
    '10 GB of nothing',
    (file) => execFileSync('truncate', ['-s', '10G', file]),
    'is 10737418240 bytes long; more than 268435456 is not read',
  ],
])('%s is not read, and said to be what it is', async (_, make, why) => {
  const file = `${temporaryDirectory()}/evidence.md`;
  make(file);
  await expect(checksOf(file)).rejects.toThrow(`${file} ${why}.`);
});
