import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {canonicalJson} from '../../../source/engine/evidence/canonical.ts';
import type {EvidenceRecord} from '../../../source/engine/evidence/schema.ts';
import {manifestDigest} from '../../../source/engine/storage/manifest/digest.ts';
import {parseManifest} from '../../../source/engine/storage/manifest/read.ts';
import {
  chainedLines,
  goodRecord,
  goodSession,
  hasJq,
  printedChecks,
  sha256,
  writeEvidence,
} from '../../support/evidence-files.ts';
import {backup} from '../../support/evidence-records.ts';

const made = [
  'PASS: the lines of the session are those of its record',
  'PASS: each line of the session names the one before it',
  'PASS: the plan is the one that was agreed to',
  'PASS: the steps are those that were asked for',
  'PASS: the manifest is the one whose digest is recorded',
  'PASS: the content of the manifest fits its digest',
];

const steps = {steps: [{title: 'caf\u00e9 "\\\u007f', id: 'manifest', help: '', command: null}]};
const hashed = JSON.stringify(['20261123_131821', null, 'caf\u00e9 \\ " \u007f \u2028', [1.5, 1e-7]]);

/** A record of which all is what its digests say, with this manifest. */
function recordWith(manifest: string): EvidenceRecord {
  const read = parseManifest(Buffer.from(manifest));
  if ('reason' in read) throw new Error(read.reason);
  const lines = chainedLines([
    ['opened', {ticket: 'INC-2041', from: {b: 1, a: 2}}],
    ['checklist', steps],
    ['plan', {hashed, actions: [], at: 0.1 + 0.2}],
    ['finished', {outcome: 'done', note: '\ud83d\ude00 <|`'}],
  ]);
  return goodRecord({
    session: goodSession({
      ...lines,
      plan: sha256(hashed).slice(0, 16),
      checklist_sha256: sha256(canonicalJson(steps)),
    }),
    backups: [
      backup({
        manifest: {
          ...backup().manifest,
          text: manifest,
          sha256: sha256(manifest),
          digest: manifestDigest(read.tree),
        },
      }),
    ],
  });
}

const manifestOf = (metadata: string, more = '') => `{
  "id": "20261123_131821", "created_at": "2026-11-23T13:18:22+00:00",
  "datasets": {"z": {"algorithm": "sha256", "hash": "${'a'.repeat(64)}", "source": "/srv/z", "backup": "/b/z"${more}}},
  "metadata": ${metadata}
}
`;

const allOf = (file: string) => printedChecks(file, undefined, 2).slice(4);

describe.skipIf(!hasJq)('how the digests of a record are made', () => {
  test.each<[string, string]>([
    ['a label', manifestOf('{"label": "x"}')],
    [
      'what verifying writes',
      manifestOf('{"last_verified_at": "x", "last_verification": {"at": 1}, "label": "x"}'),
    ],
    ['nothing but what verifying writes', manifestOf('{"last_verified_at": "x"}')],
    ['an empty list', manifestOf('[]')],
    ['null', manifestOf('null')],
    [
      'lists as PHP has them',
      manifestOf('{"a": {"0": "x", "1": {}}, "b": {"1": "x"}, "c": {"0": {"0": []}}}'),
    ],
    ['keys that are not sorted', manifestOf('{"z": 1, "a": {"y": true, "b": false}}', ', "bytes": 12345678')],
    ['other letters', manifestOf('{"label": "caf\u00e9 \\u2028 \ud83d\ude00 \\u0001 \\/ \\" \\\\"}')],
  ])('of a manifest with %s: each command of the file passes', (_, manifest) => {
    const {file} = writeEvidence(recordWith(manifest));
    expect(allOf(file)).toEqual(made);
  });

  const failing = (...which: number[]) =>
    made.map((line, index) => (which.includes(index) ? line.replace('PASS', 'FAIL') : line));

  test.each<[string, (text: string) => string, number[]]>([
    ['a line of the session', (text) => text.replace('\\"a\\":2', '\\"a\\":3'), [0, 1]],
    ['its last line', (text) => text.replace('\\"outcome\\":\\"done', '\\"outcome\\":\\"fine'), [0]],
    ['a line less', (text) => text.replace(/^\{"session_line":.*checklist.*\n/m, ''), [0, 1, 3]],
    ['the plan', (text) => text.replace('1.5,1e-7', '1.6,1e-7'), [0, 1, 2]],
    ['the manifest', (text) => text.replace('\\"label\\": \\"x', '\\"label\\": \\"y'), [4, 5]],
    ['its spaces', (text) => text.replace('\\"label\\": \\"x', '\\"label\\":  \\"x'), [4]],
    ['a line that is no JSON', (text) => text.replace(/^(?=\{"session_line)/m, '<p>\n'), [0, 1, 2, 3, 4, 5]],
  ])('%s, changed: what it is of fails', (_, change, due) => {
    const {file} = writeEvidence(recordWith(manifestOf('{"label": "x"}')));
    const text = fs.readFileSync(file, 'latin1');
    fs.writeFileSync(file, change(text), 'latin1');
    expect(fs.readFileSync(file, 'latin1')).not.toBe(text);
    const printed = printedChecks(file, text, 2);
    expect(printed).toContain('FAIL: the record fits its digest');
    const found = printed.slice(4);
    if (due.length < 6) expect(found).toEqual(failing(...due));
    else expect(found.filter((line) => line.startsWith('FAIL')).length).toBeGreaterThan(0);
  });
});
