import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {expect, test} from 'vitest';
import {key} from '../support/key-codes.ts';
import {makeRestorable, recordOf} from '../support/restores.ts';
import {temporaryDirectory} from '../support/temporary.ts';
import {openTerminal, type Session} from '../support/terminal.ts';
import {makePlace, opened, starting} from '../support/walking.ts';

const directoryOf = (root: string) => `${root}/storage/runbook/evidence`;
const filesOf = (root: string): string[] =>
  fs.existsSync(directoryOf(root)) ? fs.readdirSync(directoryOf(root)).toSorted() : [];

/** The checklist of session 1, with its third step chosen. */
async function atEvidence(session: Session): Promise<void> {
  session.keys('a');
  await session.waitFor(/NOT SIGNED OFF/);
  session.keys('gjj');
  await session.waitFor(/> . 3 evidence captured/);
}

test('from a restore to a file that sha256sum accepts, and the step is done by machine', async () => {
  const {root} = makePlace();
  const session = await opened(root);
  const {keys, waitFor, waitForExit, screen, raw} = session;
  await starting(session);
  await waitFor(/\+ RESTORED/);
  keys(key.enter);
  await waitFor(/> - 2 backup verified again/);
  keys(`j${key.enter}`);
  await waitFor(
    /PREVIEW, NOT WRITTEN[\s\S]*the file, lines 1-17 of \d+[\s\S]*UNSIGNED: [\s\S]*answers step 3/,
  );
  expect(filesOf(root)).toEqual([]);
  keys(key.pageDown);
  await waitFor(/the file, lines 17-33 of/);
  keys('G');
  await waitFor(/cut here, \d+ characters in the file[\s\S]*Record SHA-256:\s+[0-9a-f]{60}/);
  keys('x');
  await waitFor(/\+ WRITTEN[\s\S]*SHA-256 [0-9a-f]{64}/);
  const [name = '', digest, ...rest] = filesOf(root);
  expect([digest, rest]).toEqual([`${name}.sha256`, ['index.jsonl']]);
  const file = `${directoryOf(root)}/${name}`;
  const shown = screen().slice(0, 6).join('').replace(/ {5}/g, '');
  expect(shown).toContain(file);
  const said = execFileSync('sha256sum', ['-c', `${name}.sha256`], {
    cwd: directoryOf(root),
    encoding: 'utf8',
  });
  expect(said).toBe(`${name}: OK\n`);
  keys('y');
  await waitFor(/Copied, if your terminal lets/);
  expect(raw()).toContain(`\u001b]52;c;${Buffer.from(file).toString('base64')}`);
  keys(key.escape);
  await waitFor(/NOT SIGNED OFF: 2 of 4[\s\S]*\+ 3 evidence captured +machine[\s\S]*> - 4 service/);
  const answer = {step: 'evidence', state: 'done', machine: true};
  expect(recordOf(root, 1).at(-1)?.data).toMatchObject(answer);
  keys('qq');
  await waitFor(/Session 1 is not signed off .* q again quits/);
  keys('q');
  expect((await waitForExit()).exitCode).toBe(0);
  const sha256 = fs.readFileSync(`${file}.sha256`, 'utf8').slice(0, 64);
  expect(raw().slice(raw().lastIndexOf('\u001b[?1049l'))).toContain(
    `${file}: evidence of session 1, SHA-256 ${sha256}`,
  );
});

test('a key is asked for: none that is there, one with a passphrase, one that signs', async () => {
  const {root, restore} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const keyDirectory = temporaryDirectory();
  for (const [name, passphrase] of [
    ['locked', 'secret'],
    ['open', ''],
  ] as const)
    execFileSync('ssh-keygen', [
      ...[
        '-q',
        '-t',
        'ed25519',
        '-N',
        passphrase,
        '-C',
        'amira@example.org',
        '-f',
        `${keyDirectory}/${name}`,
      ],
    ]);
  const session = await openTerminal(['--root', root], {columns: 100});
  await session.waitFor(/OPEN 1 /);
  await atEvidence(session);
  const {keys, waitFor} = session;
  const choose = async (name: string, then: RegExp): Promise<void> => {
    keys('k');
    await waitFor(/Key file, or \.pub of an agent's key: /);
    keys(`\u0015${keyDirectory}/${name}${key.enter}`);
    await waitFor(then);
  };
  keys(key.enter);
  await waitFor(/PREVIEW, NOT WRITTEN/);
  await choose('missing', /x \S+missing: not there/);
  await choose('locked', /to be signed by SHA256:[\s\S]*PgDn[\s\S]*SIGNED with the key/);
  await waitFor(/PREVIEW, NOT WRITTEN/);
  keys('x');
  await waitFor(/x NOT WRITTEN[\s\S]*nothing was signed: the key needs its passphrase/);
  expect(filesOf(root)).toEqual([]);
  await choose('open', /PREVIEW, NOT WRITTEN/);
  keys('x');
  await waitFor(/\+ WRITTEN[\s\S]*\+ signed by SHA256:/);
  const [name = ''] = filesOf(root);
  expect(filesOf(root)).toContain(`${name}.sig`);
  expect(fs.readFileSync(`${directoryOf(root)}/${name}`, 'utf8')).toMatch(/^SIGNED with the key /);
});

test('whoever only watches may write it; the step stays open, and the file does not say otherwise', async () => {
  const {root, restore} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const session = await openTerminal(['--root', root], {
    env: {SSH_CONNECTION: '10.0.0.2 50000 10.0.0.1 22'},
  });
  await session.waitFor(/OPEN 1 /);
  await atEvidence(session);
  session.keys(key.enter);
  await session.waitFor(/x writes it for the ticket; you watch: step 3 stays open/);
  session.keys('x');
  await session.waitFor(/\+ WRITTEN[\s\S]*! step evidence is still open: session 1 is with/);
  expect(recordOf(root, 1).at(-1)?.type).toBe('finished');
  const [name = ''] = filesOf(root);
  expect(fs.readFileSync(`${directoryOf(root)}/${name}`, 'utf8')).not.toContain('by this file');
});
