import {createHash} from 'node:crypto';
import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {sign, signerOf} from '../../source/engine/evidence/ssh-keygen.ts';
import {diagnose} from '../support/doctor.ts';
import {
  allow,
  goodRecord,
  hasOpenssl,
  hasSshKeygen,
  makeKey,
  printedChecks,
  sha256,
  writeEvidence,
} from '../support/evidence-files.ts';
import {hostileText, unprintable} from '../support/hostile.ts';
import {makeRestorable, summaryOf} from '../support/restores.ts';
import {jsonLines, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';
import {makeAuthority} from '../support/time-stamps.ts';

const check = (directory: string, ...args: string[]) =>
  magds(['evidence', 'check', ...args], {cwd: directory});

test('an unsigned file that holds exits with 0, and says that it is unsigned', async () => {
  const {directory} = writeEvidence(goodRecord());
  const {code, stdout, stderr} = await check(directory, 'evidence.md');
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toBe('evidence.md');
  expect(lines.slice(1, 5)).toEqual([
    '  No accident has changed it. Nobody vouches for it: whoever can write to it can have rewritten all of it.',
    '  No second person has approved it.',
    '',
    '  + digest: the file is the one that evidence.md.sha256 names',
  ]);
  expect(lines).toContain('  - signature: unsigned: this shows corruption only, and nobody vouches for it');
  expect(lines.at(-1)).toBe(
    '+ evidence.md: all that was checked holds; unsigned: shows corruption only; not checked: approval, time stamp, live',
  );
  expect(lines.length).toBe(18);
});

test('one that was changed exits with 4, with one line for each check', async () => {
  const {directory, file, bytes} = writeEvidence(goodRecord());
  fs.writeFileSync(file, bytes.toString('latin1').replace('INC-2041', 'INC-2042'));
  const {code, stdout} = await check(directory, 'evidence.md');
  expect(code).toBe(4);
  expect(stdout).toMatch(
    /^ {2}x digest: the file or evidence\.md\.sha256 was changed: the file's SHA-256 is /m,
  );
  expect(stdout).toMatch(/^x evidence\.md: do not rely on it: 2 checks failed: digest, prose$/m);
  const json = jsonLines((await check(directory, 'evidence.md', '--json')).stdout);
  expect(json.at(-1)).toMatchObject({
    message_type: 'summary',
    command: 'evidence:check',
    files: [{file: 'evidence.md', result: 'failed'}],
  });
  expect(json.find(({name}) => name === 'prose')).toMatchObject({message_type: 'check', state: 'failed'});
});

test('one whose chain has a gap exits with 3, and several files with the worst', async () => {
  const {directory} = writeEvidence(
    goodRecord({previous: {file: 'before.md', sha256: '0'.repeat(64)}}),
    'late.md',
  );
  const good = writeEvidence(goodRecord(), 'good.md', directory);
  const {code, stdout} = await check(directory, 'good.md', 'late.md');
  expect(code).toBe(3);
  expect(stdout).toMatch(/^ {2}! chain: before\.md is not here: late\.md was written after it\./m);
  expect(stdout).toMatch(
    /^! late\.md: what could be checked holds; .*could not be checked: chain; not checked: /m,
  );
  fs.appendFileSync(good.file, 'x');
  expect((await check(directory, 'late.md', 'good.md')).code).toBe(4);
});

describe('wrong usage', () => {
  test.each([
    [[], 2, 'magds: Which file? magds evidence check FILE, as it was exported.\n'],
    [['none.md'], 10, 'magds: none.md: there is no such file. Nothing was checked.\n'],
    [['good.md', 'none.md'], 10, 'magds: none.md: there is no such file. Nothing was checked.\n'],
    [
      ['good.md', '--identity=alice'],
      2,
      'magds: --identity goes with --allowed-signers=FILE, which says whose key is which.\n',
    ],
    [
      ['good.md', '--allowed-signers=none'],
      2,
      'magds: --allowed-signers none: there is no such file. Nothing was checked.\n',
    ],
    [['.'], 1, /^magds: .* is a directory, not a file\.\n$/],
  ])('%j', async (args, code, stderr) => {
    const {directory} = writeEvidence(goodRecord(), 'good.md');
    const outcome = await check(directory, ...args);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toEqual(typeof stderr === 'string' ? stderr : expect.stringMatching(stderr));
  });
});

describe.skipIf(!hasSshKeygen)('signed by the real ssh-keygen (skipped where it is not installed)', () => {
  async function signedFile() {
    const keys = temporaryDirectory();
    const alice = makeKey(keys, 'alice');
    const written = writeEvidence(goodRecord({signer: await signerOf(alice)}));
    fs.writeFileSync(`${written.file}.sig`, await sign(alice, written.bytes));
    allow(written.directory, alice);
    const lines = () =>
      printedChecks(written.file, written.bytes.toString('latin1')).map((line) => line.startsWith('PASS: '));
    const ours = async () =>
      (await check(written.directory, 'evidence.md', '--allowed-signers=allowed_signers')).code;
    return {...written, keys, alice, lines, ours};
  }

  test('the commands of the file and we accept the same, and both reject a changed digit anywhere', async () => {
    const {file, bytes, lines, ours} = await signedFile();
    expect([lines(), await ours()]).toEqual([[true, true, true, true, true], 0]);
    const text = bytes.toString('latin1');
    const digits = [...text.matchAll(/\d/g)].map(({index}) => index);
    for (const at of [0, 0.2, 0.5, 0.8, 1].map(
      (part) => digits[Math.floor(part * (digits.length - 1))] as number,
    )) {
      const changed = Buffer.from(bytes);
      changed[at] = text[at] === '9' ? 0x30 : (changed[at] as number) + 1;
      fs.writeFileSync(file, changed);
      const all = lines();
      expect([all.at(0), all.at(-1), await ours()]).toEqual([false, false, 4]);
    }
  });

  test('approving writes two files, once; what fails its checks is not approved', async () => {
    const {directory, file, keys, alice, bytes} = await signedFile();
    const bob = makeKey(keys, 'bob');
    const approve = (...args: string[]) =>
      magds(['evidence', 'approve', 'evidence.md', ...args], {cwd: directory});
    expect((await approve()).stderr).toBe(
      'magds: Approve with which key? Give --sign=KEY: none is guessed. Nothing was written.\n',
    );
    expect(await approve(`--sign=${bob}`, '--read-only')).toMatchObject({code: 2});
    fs.writeFileSync(file, bytes.toString('latin1').replace('INC-2041', 'INC-2042'));
    const refused = await approve(`--sign=${bob}`);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(
      /^x digest: [\s\S]*magds: evidence\.md is not approved: its own checks fail\. Nothing was written\.\n$/,
    );
    expect(fs.readdirSync(directory).filter((name) => name.includes('approval'))).toEqual([]);
    fs.writeFileSync(file, bytes);
    const done = await approve(`--sign=${bob}`, '--note=seen');
    expect(done).toMatchObject({code: 0, stderr: ''});
    expect(done.stdout).toMatch(
      /^\+ evidence\.md is approved by \S+ with SHA256:\S+\.\n= .*evidence\.md\.approval and /,
    );
    expect(JSON.parse(fs.readFileSync(`${file}.approval`, 'utf8'))).toMatchObject({
      note: 'seen',
      sha256: sha256(bytes),
    });
    const again = await approve(`--sign=${bob}`);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(
      /evidence\.md\.approval is there already, by .+, with SHA256:\S+\. A\s+second\s+approval\s+is\s+not\s+kept\.\s+Nothing\s+was\s+written\.\n$/,
    );
    for (const name of ['approval', 'approval.sig']) fs.rmSync(`${file}.${name}`);
    expect(summaryOf(await approve(`--sign=${bob}`, '--json'))).toMatchObject({own_evidence: false});
    for (const name of ['approval', 'approval.sig']) fs.rmSync(`${file}.${name}`);
    const {restore, command} = makeRestorable();
    expect(await restore()).toMatchObject({code: 0});
    const own = String(summaryOf(await command('evidence', 'export', '--session=1', '--json'))['file']);
    const approved = await magds(['evidence', 'approve', own, `--sign=${bob}`]);
    expect(approved.stdout).toMatch(/\n! \S+ on \S+ has exported it, too\.\n= /);
    fs.rmSync(`${own}.approval`);
    fs.rmSync(`${own}.approval.sig`);
    const told = await magds(['evidence', 'approve', own, `--sign=${bob}`, '--json']);
    expect(summaryOf(told)).toMatchObject({own_evidence: true});
    expect(await approve(`--sign=${alice}`)).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'magds: That key signed the file itself: have a second person approve it, with --sign=KEY of their own. Nothing was written.\n',
    });
    expect(fs.readdirSync(directory).filter((name) => name.includes('approval'))).toEqual([]);
  });
});

describe('of a real restore', () => {
  async function restored() {
    const place = makeRestorable();
    expect(await place.restore('--ticket=INC-1')).toMatchObject({code: 0});
    expect(await place.command('evidence', 'export')).toMatchObject({code: 0});
    const directory = place.state('evidence');
    const evidence = () =>
      fs
        .readdirSync(directory)
        .filter((name) => name.endsWith('.md'))
        .toSorted();
    const [file = ''] = evidence();
    return {
      ...place,
      directory,
      file,
      evidence,
      live: place.live,
      look: (name = file) => check(directory, name, '--live'),
    };
  }

  test('its evidence holds with the live files, and is rejected after one changed digit', async () => {
    const {directory, file, look, live, root} = await restored();
    const good = await check(directory, file, '--live', `--log=${root}/storage/logs/audit.log`);
    expect(good).toMatchObject({code: 0, stderr: ''});
    expect(good.stdout).toMatch(/^ {2}\+ session record: \d+ lines, each following from the one before it$/m);
    expect(good.stdout).toMatch(/^ {2}\+ audit log: .* has the digest of this very file$/m);
    expect(good.stdout).toMatch(/^ {2}\+ events: \d+ in .*, each as the file has it$/m);
    expect(good.stdout).toMatch(/^ {2}\+ backup: 20261123_131813: 2 copies as the record says$/m);
    expect(good.stdout).toMatch(
      /^ {2}\+ list: 1 evidence file of this root, this one among them; none is gone$/m,
    );
    expect(good.stdout).toMatch(/^ {2}\+ live file: 2 live files are what the restore left$/m);
    const bytes = fs.readFileSync(`${directory}/${file}`);
    const text = bytes.toString('latin1');
    for (const at of [text.search(/\d/), text.lastIndexOf('INC-1') + 4, text.length - 10]) {
      const changed = Buffer.from(bytes);
      changed[at] = text[at] === '1' ? 0x32 : 0x31;
      fs.writeFileSync(`${directory}/${file}`, changed);
      expect((await look()).code).toBe(4);
    }
    fs.writeFileSync(`${directory}/${file}`, bytes);
    const before = fs.statSync(live('tenants'));
    fs.writeFileSync(live('tenants'), 'rotten');
    fs.utimesSync(live('tenants'), before.atime, before.mtime);
    const rotten = await look();
    expect(rotten.code).toBe(4);
    expect(rotten.stdout).toMatch(
      /^ {2}x live file: tenants \(.*\): its bytes are other ones, and its time /m,
    );
  });

  test('what is deleted together with its line in the list, or with all of the list, the audit log still names', async () => {
    const {root, directory, file, look, evidence, command} = await restored();
    expect(await command('evidence', 'export', '--all')).toMatchObject({code: 3});
    const last = evidence().find((name) => name !== file) ?? '';
    const data = fs.readFileSync(`${directory}/${last}`);
    const index = `${directory}/index.jsonl`;
    const [first] = fs.readFileSync(index, 'utf8').split('\n');
    expect((await diagnose(root)).rows('evidence')).toMatchObject([{state: 'ok'}]);
    for (const remove of [() => fs.writeFileSync(index, `${first}\n`), () => fs.rmSync(index)]) {
      remove();
      expect((await look()).stdout).toContain(
        `  ! list: the root's list of evidence does not have what the audit log names: ${last}`,
      );
      expect((await diagnose(root)).rows('evidence')).toMatchObject([
        {state: 'beware', what: expect.stringContaining(last)},
      ]);
    }
    fs.rmSync(`${directory}/${last}`);
    const gone = await look();
    expect([gone.code, gone.stdout]).toEqual([
      3,
      expect.stringContaining(`  ! list: evidence of this root is gone: ${last}\n`),
    ]);
    expect((await diagnose(root)).rows('evidence')).toMatchObject([
      {state: 'wrong', what: `gone from storage/runbook/evidence: ${last}`},
      {state: 'beware'},
    ]);
    // The list and the file are gone: the next one is not the first, and says what it follows.
    const next = await command('evidence', 'export', '--all');
    expect(next.stdout).toContain(`  ! evidence of this root is gone: ${last}\n`);
    const made = evidence().find((name) => name !== file) ?? '';
    const text = fs.readFileSync(`${directory}/${made}`, 'latin1');
    expect(text).not.toContain('none: this is the first of this root');
    expect(text).toContain(createHash('sha256').update(data).digest('hex'));
    const listed = fs.readFileSync(index, 'utf8').trim().split('\n');
    expect(listed.map((line) => JSON.parse(line).file)).toEqual([file, last, made]);
    expect((await look(made)).stdout).toContain(
      `  ! chain: ${last} is not here: ${made} was written after it`,
    );
  });

  test('a last file that was deleted is missed, and one that was changed is named', async () => {
    const {directory, file, look, evidence, command} = await restored();
    // Not all are verified, and it says so.
    expect(await command('evidence', 'export', '--all')).toMatchObject({code: 3});
    const last = evidence().find((name) => name !== file) ?? '';
    expect(await look()).toMatchObject({code: 0});
    expect((await look(last)).stdout).toMatch(
      /^ {2}\+ chain: 1 evidence file before it, each as the next one names it$/m,
    );
    fs.appendFileSync(`${directory}/${last}`, 'x');
    const changed = await look();
    expect([changed.code, changed.stdout]).toEqual([
      4,
      expect.stringContaining(`  x list: evidence of this root was changed: ${last}\n`),
    ]);
    fs.rmSync(`${directory}/${last}`);
    const gone = await look();
    expect([gone.code, gone.stdout]).toEqual([
      3,
      expect.stringContaining(`  ! list: evidence of this root is gone: ${last}\n`),
    ]);
  });

  test('what a file says reaches no terminal as it is', async () => {
    const previous = {file: `${hostileText}/../x`, sha256: '0'.repeat(64)};
    const {directory} = writeEvidence(
      goodRecord({previous, asset: {...goodRecord().asset, id: hostileText}}),
    );
    const {stdout} = await check(directory, 'evidence.md');
    expect(stdout).toMatch(
      /x chain: evidence\.md names as the one before it what is no file's name: a\\u\{1b\}/,
    );
    expect(stdout.replaceAll('\n', '')).not.toMatch(unprintable);
  });
});

describe.skipIf(!hasOpenssl)('time stamps with the real openssl (skipped where it is not installed)', () => {
  test('the request is made, and the reply kept if it is for this file', async () => {
    const {directory, file} = writeEvidence(goodRecord());
    const {ca, reply} = makeAuthority(directory);
    const stamp = (...args: string[]) =>
      magds(['evidence', 'timestamp', 'evidence.md', ...args], {cwd: directory});
    expect(await stamp()).toMatchObject({code: 2});
    const asked = await stamp('--tsq=request.tsq');
    expect(asked).toMatchObject({code: 0, stderr: ''});
    expect(asked.stdout).toMatch(/Nothing is sent from here/);
    expect((await stamp('--tsq=request.tsq')).stderr).toMatch(/something of that name exists already/);
    fs.writeFileSync(`${directory}/reply`, reply(`${directory}/request.tsq`));
    writeEvidence(goodRecord({ticket: 'other'}), 'other.md', directory);
    const wrong = await magds(['evidence', 'timestamp', 'other.md', '--tsr=reply'], {cwd: directory});
    expect(wrong).toMatchObject({
      code: 4,
      stderr:
        'magds: reply covers other bytes than other.md: it belongs to another file. Nothing was written.\n',
    });
    expect((await stamp('--tsr=reply')).code).toBe(0);
    expect(fs.statSync(`${file}.tsr`).mode & 0o777).toBe(0o600);
    const {code, stdout} = await check(directory, 'evidence.md', `--tsa-ca=${ca}`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}\+ time stamp: the file was there at \w{3} .* GMT$/m);
  });
});
