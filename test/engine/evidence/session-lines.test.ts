import fs from 'node:fs';
import {expect, test} from 'vitest';
import {asciiJson} from '../../../source/engine/base/escape.ts';
import {checkLines, evidenceLines} from '../../../source/engine/evidence/session-lines.ts';
import {checkRecord} from '../../../source/engine/session/record-check.ts';
import {goodSession, sha256} from '../../support/evidence-files.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

/** Lines that follow from each other, each written by one of the given ways. */
function recordOf(...ways: ((line: object) => Buffer)[]): Buffer {
  let previous = '';
  const lines = ways.map((write, index) => {
    const at = '2026-11-23T15:01:02.000Z';
    const data = {title: 'x', a: 1};
    const line = write({sequence: index + 1, at, operator: 'alice', type: 'opened', data, previous});
    previous = sha256(line);
    return Buffer.concat([line, Buffer.from('\n')]);
  });
  return Buffer.concat(lines);
}

const ours = (line: object): Buffer => Buffer.from(asciiJson(line));
const spaced = (line: object): Buffer => Buffer.from(JSON.stringify(line, null, ' ').replaceAll('\n', ''));
const umlaut = (line: object): Buffer => Buffer.from(JSON.stringify(line).replace('"x"', '"\u00fc \\u00FC"'));
const noUtf8 = (line: object): Buffer =>
  Buffer.from(JSON.stringify(line).replace('"x"', '"\u00fc"'), 'latin1');

test('a line that is being added does not count: neither it nor the digest of what it made of the file', () => {
  const data = recordOf(ours, ours, ours);
  const two = data.subarray(0, data.indexOf('\n', data.indexOf('\n') + 1) + 1);
  const {lines, sha256: digest} = evidenceLines(data.subarray(0, -1));
  expect(lines).toHaveLength(2);
  expect(digest).toBe(sha256(two));
  expect(checkLines(goodSession({lines, record_sha256: digest}))).toEqual({
    state: 'holds',
    count: 2,
    whole: true,
  });
});

test('a line that is written in another way follows from the one before it all the same', () => {
  const {lines, sha256: digest} = evidenceLines(recordOf(ours, spaced, umlaut, ours));
  expect(checkLines(goodSession({lines, record_sha256: digest}))).toEqual({
    state: 'holds',
    count: 4,
    whole: true,
  });
});

test('a line that is no UTF-8 is none: nobody could say again what its bytes were', () => {
  const data = recordOf(ours, noUtf8, ours);
  const directory = temporaryDirectory();
  fs.writeFileSync(`${directory}/session.jsonl`, data);
  expect(checkRecord(directory)).toMatchObject({broken: 'line 2 is not a line of a record', torn: false});
  expect(evidenceLines(data).lines.map(({sequence}) => sequence)).toEqual([1, 3]);
});
