import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {approvalLine, approve, parseApproval} from '../../../source/engine/evidence/approve.ts';
import {verdictOf} from '../../../source/engine/evidence/check.ts';
import {conclusionOf} from '../../../source/engine/evidence/conclude.ts';
import {sign, signerOf} from '../../../source/engine/evidence/ssh-keygen.ts';
import {
  allow,
  checkNamed,
  checksOf,
  failuresOf,
  goodRecord,
  hasSshKeygen,
  makeKey,
  printedChecks,
  sha256,
  writeEvidence,
} from '../../support/evidence-files.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

/** A file that alice has signed, and bob's key. */
async function signed() {
  const keys = temporaryDirectory();
  const [alice, bob] = [makeKey(keys, 'alice'), makeKey(keys, 'bob')];
  const record = goodRecord({signer: await signerOf(alice)});
  const written = writeEvidence(record);
  fs.writeFileSync(`${written.file}.sig`, await sign(alice, written.bytes));
  const print = async (key: string) => (await signerOf(key)).fingerprint;
  const as = async (key: string, note: string | null = null) =>
    approve({file: written.file, sha256: written.sha256, record, key, note});
  return {...written, keys, alice, bob, print, record, as};
}

describe.skipIf(!hasSshKeygen)('with the real ssh-keygen (skipped where it is not installed)', () => {
  test('a signature holds, and says whose it is where that can be told', async () => {
    const {file, keys, alice, bob, print} = await signed();
    const checks = await checksOf(file);
    expect(checkNamed(checks, 'signature')).toEqual([
      `ok: it covers this very file, with the key ${await print(alice)}`,
    ]);
    expect(checkNamed(checks, 'signer')).toEqual([
      'not checked: whose key that is: --allowed-signers=FILE says whose keys count, and --identity=NAME who it has to be',
    ]);
    expect(verdictOf(checks)).toBe('holds');
    const allowedSigners = allow(keys, alice, bob);
    const named = async (identity: string | null) =>
      checkNamed(await checksOf(file, {allowedSigners, identity}), 'signer');
    expect(await named(null)).toEqual([`ok: alice@example.org, as ${allowedSigners} says`]);
    expect(await named('alice@example.org')).toEqual([`ok: alice@example.org, as ${allowedSigners} says`]);
    expect(await named('bob@example.org')).toEqual([
      expect.stringMatching(/^failed: it is not by bob@example\.org as .* allows it/),
    ]);
    allow(keys, bob);
    expect(await named(null)).toEqual([`failed: its key is none of those in ${allowedSigners}`]);
  });

  test('what was changed, taken away or put in its place is named', async () => {
    const {file, alice, bob, bytes, print} = await signed();
    const good = fs.readFileSync(`${file}.sig`, 'latin1');
    const failures = async () => failuresOf(await checksOf(file));
    const body = good.indexOf('\n') + 100;
    fs.writeFileSync(
      `${file}.sig`,
      good.slice(0, body) + (good[body] === 'A' ? 'B' : 'A') + good.slice(body + 1),
    );
    const broken = 'signature: evidence.md.sig is not a signature over this file: one of them was changed';
    expect(await failures()).toEqual([broken]);
    fs.writeFileSync(`${file}.sig`, 'nothing\n');
    expect(await failures()).toEqual([broken]);
    fs.writeFileSync(`${file}.sig`, await sign(bob, bytes));
    expect(await failures()).toEqual([
      `signature: signed with ${await print(bob)}, and the file says alice@example.org (${await print(alice)})`,
    ]);
    fs.rmSync(`${file}.sig`);
    expect(await failures()).toEqual([
      `signature: it says that alice@example.org (${await print(alice)}) signed it, and there is no evidence.md.sig`,
    ]);
    fs.symlinkSync('/dev/zero', `${file}.sig`);
    expect(await failures()).toEqual(['signature: evidence.md.sig is a link, not a file']);
  });

  test('one that was made for something else, or over another file, is none', async () => {
    const {file, alice, bytes, directory} = await signed();
    const mail = execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'email', '-f', alice], {
      input: bytes,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const other = writeEvidence(goodRecord({ticket: 'INC-9'}), 'other.md', directory);
    for (const signature of [mail, await sign(alice, other.bytes)]) {
      fs.writeFileSync(`${file}.sig`, signature);
      expect(failuresOf(await checksOf(file))).toEqual([
        'signature: evidence.md.sig is not a signature over this file: one of them was changed',
      ]);
    }
  });

  test('the commands that a signed file prints tell who signed it, and alone see one that was made anew', async () => {
    const {file, directory, alice, bob, bytes, record} = await signed();
    const digests = [
      'PASS: the file is as it was written',
      'PASS: the record fits its digest',
      'PASS: the file ends with the record',
      'PASS: there is no second record',
    ];
    const bad = [...digests, 'FAIL: signed by alice@example.org'];
    const shell = () => printedChecks(file);
    expect(shell()).toEqual(bad);
    allow(directory, alice, bob);
    expect(shell()).toEqual([...digests, 'PASS: signed by alice@example.org']);
    const good = fs.readFileSync(`${file}.sig`);
    fs.writeFileSync(`${file}.sig`, await sign(bob, bytes));
    expect(shell()).toEqual(bad);
    fs.rmSync(`${file}.sig`);
    expect(shell()).toEqual(bad);
    fs.writeFileSync(`${file}.sig`, good);
    // By whoever can write it: record, prose and all digests anew.
    writeEvidence({...record, ticket: 'INC-9'}, 'evidence.md', directory);
    expect(shell()).toEqual(bad);
    fs.writeFileSync(file, bytes);
    expect(shell()).toEqual([
      'FAIL: the file is as it was written',
      ...digests.slice(1),
      'PASS: signed by alice@example.org',
    ]);
  });

  test('what a key calls itself is no command of the shell', async () => {
    const {directory} = await signed();
    const principal = "x'; echo 'PASS: signed by x'; $(echo PASS: y)";
    const {fingerprint} = await signerOf(makeKey(directory, 'carol'));
    const {file} = writeEvidence(goodRecord({signer: {fingerprint, principal}}));
    expect(printedChecks(file).slice(4)).toEqual(['FAIL: signed by alice@example.org']);
  });

  test('a key whose comment is another name than its signer has is told', async () => {
    const {bob, keys} = await signed();
    const {fingerprint} = await signerOf(bob);
    const {file, bytes} = writeEvidence(goodRecord({signer: {fingerprint, principal: 'alice@example.org'}}));
    fs.writeFileSync(`${file}.sig`, await sign(bob, bytes));
    const allowedSigners = allow(keys, bob);
    expect(checkNamed(await checksOf(file, {allowedSigners}), 'signer')).toEqual([
      `ok: bob@example.org, as ${allowedSigners} says; the file itself says alice@example.org`,
    ]);
  });

  test('a digit that is another one breaks the signature too', async () => {
    const {file, bytes} = await signed();
    const changed = bytes.toString('latin1').replace('INC-2041', 'INC-2042');
    fs.writeFileSync(file, changed);
    fs.writeFileSync(`${file}.sha256`, `${sha256(changed)}  evidence.md\n`);
    expect(failuresOf(await checksOf(file)).map((each) => each.split(':')[0])).toEqual([
      'prose',
      'signature',
    ]);
  });

  test('unsigned fails where signers were given, and where a signature lies beside it', async () => {
    const {keys, alice} = await signed();
    const {file, bytes} = writeEvidence(goodRecord());
    const allowedSigners = allow(keys, alice);
    expect(failuresOf(await checksOf(file, {allowedSigners}))).toEqual([
      'signature: it is unsigned, and allowed signers were given',
    ]);
    fs.writeFileSync(`${file}.sig`, await sign(alice, bytes));
    expect(failuresOf(await checksOf(file))).toEqual([
      "signature: the file says UNSIGNED, and evidence.md.sig is there: one of them was put in the other's place",
    ]);
  });

  test('an approval is a second small file with a signature of its own', async () => {
    const {file, as, bob, alice, keys, print, sha256: digest} = await signed();
    const {approval, path} = await as(bob, 'looked at it\u001b[31m');
    expect({path, sha256: approval.sha256}).toEqual({
      path: `${file}.approval`,
      sha256: digest,
    });
    expect(fs.statSync(path).mode & 0o777).toBe(0o600);
    expect(parseApproval(fs.readFileSync(path, 'latin1'))).toEqual(approval);
    const allowedSigners = allow(keys, alice, bob);
    const checks = await checksOf(file, {allowedSigners, identity: 'alice@example.org'});
    expect(checkNamed(checks, 'approval')).toEqual([
      `ok: by ${approval.by} on ${approval.host}, ${approval.at}, with the key ${await print(bob)}; note: looked at it\u001b[31m`,
    ]);
    expect(checkNamed(checks, 'approver')).toEqual([`ok: bob@example.org, as ${allowedSigners} says`]);
    expect(verdictOf(checks)).toBe('holds');
    const before = fs.readFileSync(path);
    await expect(as(bob)).rejects.toMatchObject({
      message: `${path} is there already, by ${approval.by} on ${approval.host}, ${approval.at}, with ${approval.fingerprint}. A second approval is not kept. Nothing was written.`,
    });
    expect(fs.readFileSync(path)).toEqual(before);
    const failures = async () => failuresOf(await checksOf(file));
    fs.writeFileSync(path, approvalLine({...approval, note: 'all is well'}));
    expect(await failures()).toEqual([
      'approval: evidence.md.approval.sig is not a signature over it: one of them was changed',
    ]);
    fs.writeFileSync(path, approvalLine({...approval, sha256: '0'.repeat(64)}));
    expect(await failures()).toEqual([
      'approval: evidence.md.approval is about another file, or this one was changed after it was approved',
    ]);
    fs.writeFileSync(path, ` ${before}`);
    expect(await failures()).toEqual([
      'approval: evidence.md.approval was changed after it was written, or is not one',
    ]);
    fs.writeFileSync(path, before);
    fs.rmSync(`${path}.sig`);
    expect(await failures()).toEqual([
      'approval: evidence.md.approval.sig is missing: anybody could have written evidence.md.approval',
    ]);
  });

  test("the signer's own key approves nothing; an approval with it is flagged, and said to whoever comes second", async () => {
    const {file, as, alice, bob} = await signed();
    await expect(as(alice)).rejects.toThrow(/have a second person approve it, .* Nothing was written\.$/);
    expect(fs.existsSync(`${file}.approval`)).toBe(false);
    const {approval, path} = await as(bob);
    const line = approvalLine({...approval, ...(await signerOf(alice))});
    fs.writeFileSync(path, line);
    fs.writeFileSync(`${path}.sig`, await sign(alice, Buffer.from(line)));
    await expect(as(bob)).rejects.toThrow(
      /with the key that signed the file itself\. Move it and its \.sig away, then approve again\. Nothing was written\.$/,
    );
    const checks = await checksOf(file);
    expect(checkNamed(checks, 'approval')).toEqual([
      expect.stringMatching(/^not checked: it counts for nothing: by .*, which signed the file itself$/),
    ]);
    expect(conclusionOf(checks).at(-1)).toBe('No second person has approved it.');
  });

  test('neither does another key of the signer, where the allowed signers say whose it is', async () => {
    const {file, as, alice, bob, keys} = await signed();
    await as(bob);
    const allowedSigners = `${keys}/one-person`;
    const line = (key: string): string =>
      `alice@example.org ${fs.readFileSync(`${key}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')}\n`;
    fs.writeFileSync(allowedSigners, line(alice) + line(bob));
    const checks = await checksOf(file, {allowedSigners});
    expect(checkNamed(checks, 'approval')).toEqual([
      expect.stringMatching(
        /^not checked: it counts for nothing: by .*, of alice@example\.org, who signed the file$/,
      ),
    ]);
    expect(checkNamed(checks, 'approver')).toEqual([]);
    expect(conclusionOf(checks).at(-1)).toBe('No second person has approved it.');
  });

  test('an approval goes through no link, and leaves nothing where its signature cannot be written', async () => {
    const {file, directory, as, bob} = await signed();
    fs.symlinkSync('elsewhere', `${file}.approval`);
    await expect(as(bob)).rejects.toThrow(/something of that name exists already/);
    expect(fs.existsSync(`${directory}/elsewhere`)).toBe(false);
    fs.rmSync(`${file}.approval`);
    fs.writeFileSync(`${file}.approval.sig`, '');
    await expect(as(bob)).rejects.toThrow(
      /approval\.sig was not written: something of that name exists already/,
    );
    expect(fs.existsSync(`${file}.approval`)).toBe(false);
  });
});

test('without ssh-keygen the signature is named as what could not be checked', async () => {
  const print = `SHA256:${'a'.repeat(43)}`;
  const {file} = writeEvidence(goodRecord({signer: {fingerprint: print, principal: null}}));
  fs.writeFileSync(`${file}.sig`, 'x');
  const path = process.env['PATH'];
  process.env['PATH'] = temporaryDirectory();
  try {
    const checks = await checksOf(file);
    expect(checkNamed(checks, 'signature')).toEqual([
      expect.stringMatching(/^not checked: There is no ssh-keygen here: install OpenSSH/),
    ]);
    expect(verdictOf(checks)).toBe('incomplete');
  } finally {
    process.env['PATH'] = path;
  }
});
