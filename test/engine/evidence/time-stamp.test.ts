import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {verdictOf} from '../../../source/engine/evidence/check.ts';
import {readTimeStamp, timeStampRequest} from '../../../source/engine/evidence/time-stamp.ts';
import {checkNamed, checksOf, goodRecord, hasOpenssl, writeEvidence} from '../../support/evidence-files.ts';
import {temporaryDirectory} from '../../support/temporary.ts';
import {makeAuthority} from '../../support/time-stamps.ts';

describe.skipIf(!hasOpenssl)('with the real openssl (skipped where it is not installed)', () => {
  test('a reply is over this file, by whom the certificates vouch for, or is not', async () => {
    const {file, sha256, directory} = writeEvidence(goodRecord());
    const {ca, reply} = makeAuthority(directory);
    const request = `${directory}/request`;
    fs.writeFileSync(request, await timeStampRequest(sha256));
    const answer = reply(request);
    const stamp = await readTimeStamp(answer);
    expect(stamp).toEqual({at: expect.stringMatching(/^\w{3} .* GMT$/), imprint: sha256});
    fs.writeFileSync(`${file}.tsr`, answer);
    const named = async (tsaCa: string | null) => checkNamed(await checksOf(file, {tsaCa}), 'time stamp');
    const at = 'at' in stamp ? stamp.at : '';
    expect(await named(null)).toEqual([
      `not checked: evidence.md.tsr covers this very file and says ${at}; whose clock that is: --tsa-ca=FILE`,
    ]);
    expect(await named(ca)).toEqual([`ok: the file was there at ${at}`]);
    const other = makeAuthority(directory, 'other');
    expect(await named(other.ca)).toEqual([
      expect.stringMatching(
        /^failed: evidence\.md\.tsr: openssl does not accept it with .*ca\.pem: .*certificate/,
      ),
    ]);
    const broken = Buffer.from(answer);
    broken[broken.length - 10] = (broken[broken.length - 10] as number) ^ 1;
    fs.writeFileSync(`${file}.tsr`, broken);
    expect(verdictOf(await checksOf(file, {tsaCa: ca}))).toBe('failed');
    fs.writeFileSync(request, await timeStampRequest('0'.repeat(64)));
    fs.writeFileSync(`${file}.tsr`, reply(request));
    expect(await named(null)).toEqual([
      "failed: evidence.md.tsr covers other bytes: it is another file's, or one of them was changed",
    ]);
    fs.writeFileSync(`${file}.tsr`, 'nothing');
    expect(await named(null)).toEqual([
      'failed: evidence.md.tsr: it is no time stamp reply that openssl can read (RFC 3161, DER)',
    ]);
    fs.rmSync(`${file}.tsr`);
    expect(await named(ca)).toEqual(['failed: there is no evidence.md.tsr, and --tsa-ca was given']);
  });
});

test('without openssl a time stamp could not be checked', async () => {
  const {file} = writeEvidence(goodRecord());
  fs.writeFileSync(`${file}.tsr`, 'x');
  const path = process.env['PATH'];
  process.env['PATH'] = temporaryDirectory();
  try {
    const checks = await checksOf(file);
    expect(checkNamed(checks, 'time stamp')).toEqual([
      expect.stringMatching(
        /^not checked: There is no openssl here, which time stamps are made and checked with/,
      ),
    ]);
    expect(verdictOf(checks)).toBe('incomplete');
  } finally {
    process.env['PATH'] = path;
  }
});
