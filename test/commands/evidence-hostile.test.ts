import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {hasSshKeygen, makeKey, shellChecks} from '../support/evidence-files.ts';
import {isRoot} from '../support/faults.ts';
import {hostileText, unprintable} from '../support/hostile.ts';
import {asNobody, configure, makeRestorable, makeWaiting, nobody, summaryOf} from '../support/restores.ts';
import {jsonLines, magds} from '../support/run.ts';
import {makePipe, temporaryDirectory} from '../support/temporary.ts';

const breakOut = [
  '`|</details>',
  '````',
  '<!-- END EVIDENCE JSON -->',
  '<!-- BEGIN EVIDENCE JSON -->',
  '{"forged":1}',
  `Record SHA-256: ${'0'.repeat(64)}`,
  '# Forged',
  '| a | b |',
  hostileText,
].join('\n');

const environment = {
  SSH_CONNECTION: `10.0.0.2 51344 ${hostileText}`,
  SUDO_USER: `${breakOut}\ud83d`,
  SSH_TTY: breakOut,
};

/** No line of it is anybody's but ours, and a check and the shell accept it. */
async function expectText(file: string): Promise<string> {
  const text = fs.readFileSync(file, 'latin1');
  expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  expect(text.match(/^Record SHA-256: .*$/gm)).toHaveLength(1);
  expect(text.match(/^<!-- .*-->$/gm)).toEqual([
    '<!-- BEGIN EVIDENCE JSON -->',
    '<!-- END EVIDENCE JSON -->',
  ]);
  shellChecks(file);
  const checked = await magds(['evidence', 'check', file]);
  expect(checked).toMatchObject({code: 0, stderr: ''});
  expect(checked.stdout).not.toMatch(new RegExp(`(?!\n)${unprintable.source}`, 'u'));
  return text;
}

test('whatever an operator, a manifest, a hook or the environment says is shown as text', {
  timeout: 60_000,
}, async () => {
  const {root, built} = makeRestorable();
  const manifest = JSON.parse(fs.readFileSync(`${built.directory}/manifest.json`, 'utf8')) as Record<
    string,
    unknown
  >;
  const label = {...(manifest['metadata'] as object), label: breakOut, connection: hostileText};
  fs.writeFileSync(
    `${built.directory}/manifest.json`,
    JSON.stringify({...manifest, metadata: label, [breakOut]: 1}, null, 4),
  );
  makePipe(`${root}/runbook.md`);
  const noise = `${temporaryDirectory()}/noise`;
  fs.writeFileSync(
    noise,
    Buffer.concat([Buffer.from(breakOut), Buffer.alloc(1024 * 1024, 0xff), Buffer.from([0, 0x1b])]),
  );
  configure(root, {
    evidence: {asset: breakOut.slice(0, 200), control: breakOut.slice(-200), runbook: 'runbook.md'},
    hooks: {before_restore: [['cat', noise, breakOut]], after_restore: [['cat', noise]]},
    checklist: [{id: 'orders', title: breakOut.slice(0, 80), command: ['cat', noise]}],
  });
  const flags = [
    `--ticket=${breakOut.slice(-60)}`,
    `--title=${breakOut.slice(0, 110)}`,
    `--authorised-by=${breakOut.slice(70, 180)}`,
  ];
  const refused = await magds(
    ['restore', `--id=${built.id}`, `--yes=${built.id}`, ...flags, '--root', root],
    {env: environment},
  );
  expect(refused).toMatchObject({code: 5});
  configure(root, {
    evidence: {asset: breakOut.slice(0, 200), control: breakOut.slice(-200), runbook: 'runbook.md'},
    hooks: {after_restore: [['cat', noise]]},
    checklist: [{id: 'orders', title: breakOut.slice(0, 80), command: ['cat', noise]}],
  });
  const restored = await magds(
    ['restore', `--id=${built.id}`, `--yes=${built.id}`, ...flags, '--root', root],
    {env: environment},
  );
  expect(restored).toMatchObject({code: 0});
  const step = (...args: string[]) =>
    magds(['session', 'step', ...args, '--session=2', '--root', root], {env: environment});
  expect(await step('orders')).toMatchObject({code: 0});
  expect(await step('service', '--done', `--note=${breakOut}`)).toMatchObject({code: 0});
  for (const session of ['1', '2']) {
    const made = await magds(
      [
        'evidence',
        'export',
        `--session=${session}`,
        '--json',
        `--corrective=${breakOut}`,
        `--control=${breakOut}`,
        '--root',
        root,
      ],
      {env: environment},
    );
    expect(made).toMatchObject({code: 0, stderr: ''});
    await expectText(String(summaryOf(made)['file']));
  }
});

test('a name beyond ASCII is checked like any other, and one that sha256sum cannot have is refused', async () => {
  const {restore, command} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const directory = temporaryDirectory();
  const file = `${directory}/Nachweis f\u00fcr 2026 \u{1f600}.md`;
  const made = await command('evidence', 'export', `--out=${file}`);
  expect(made).toMatchObject({code: 0, stderr: ''});
  // As it can be copied into a shell.
  expect(made.stdout).toContain(`Check it: magds evidence check '${file}'\n`);
  await expectText(file);
  for (const name of ['a\nb.md', 'a\\b.md', '-'])
    expect(await command('evidence', 'export', `--out=${directory}/${name}`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('give one without a line break or a backslash. Nothing was written.'),
    });
  expect(fs.readdirSync(directory)).toHaveLength(2);
});

test('while a restore is at work nothing is exported, and it goes on', async () => {
  const {args, begun, letGo, over, command, root} = makeWaiting();
  const restoring = magds(args);
  await begun();
  const refused = await command('evidence', 'export');
  expect(refused).toMatchObject({code: 11, stdout: ''});
  expect(fs.existsSync(`${root}/storage/runbook/evidence`)).toBe(false);
  letGo();
  await over();
  expect(await restoring).toMatchObject({code: 0});
  expect(await command('evidence', 'export')).toMatchObject({code: 0});
});

describe.skipIf(!isRoot)('as root in the tree of another user (needs root)', () => {
  const exportAs = async (run: typeof magds, root: string): Promise<string> => {
    const made = await run(['evidence', 'export', '--session=1', '--json', '--root', root]);
    expect(made).toMatchObject({code: 0, stderr: ''});
    return String(summaryOf(made)['file']);
  };
  const ownerOf = (file: string): string => {
    const {uid, mode} = fs.statSync(file);
    return `${uid} ${(mode & 0o777).toString(8)}`;
  };

  test('the list is its, the files are whose they are, and both may go on', async () => {
    const {root, restore} = makeRestorable();
    execFileSync('chown', ['-R', `${nobody}:${nobody}`, root]);
    fs.chmodSync(root, 0o755);
    expect(await restore()).toMatchObject({code: 0});
    const first = await exportAs(magds, root);
    const directory = `${root}/storage/runbook/evidence`;
    expect([directory, `${directory}/index.jsonl`, first].map(ownerOf)).toEqual([
      `${nobody} 755`,
      `${nobody} 640`,
      '0 600',
    ]);
    const second = await exportAs(asNobody, root);
    expect(ownerOf(second)).toBe(`${nobody} 600`);
    const third = await exportAs(magds, root);
    expect((await magds(['evidence', 'check', third])).stdout).toContain('2 evidence files before it');
    const others = await asNobody(['evidence', 'check', second]);
    expect(others).toMatchObject({code: 3});
    expect(others.stdout).toContain(
      `! chain: ${first.split('/').at(-1)} cannot be read: permission denied\n`,
    );
    expect(await asNobody(['evidence', 'check', first])).toMatchObject({
      code: 1,
      stderr: `magds: ${first} cannot be read: permission denied.\n`,
    });
  });

  test('a setting that others may write is told of as theirs, or not taken', async () => {
    const {root, restore, command} = makeRestorable();
    expect(await restore()).toMatchObject({code: 0});
    const file = configure(root, {evidence: {asset: 'forged'}});
    fs.chownSync(file, nobody, nobody);
    const made = await command('evidence', 'export', '--json');
    expect(made.code).toBe(1);
    expect(made.stderr).toMatch(/No evidence was written/);
    expect(jsonLines(made.stdout)).toMatchObject([{message_type: 'exit_error', code: 1}]);
  });
});

test('what changed since with its size and time as they were is found by its bytes', async () => {
  const {built, live, restore, command} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  const file = String(summaryOf(await command('evidence', 'export', '--json'))['file']);
  const forge = (each: string): void => {
    const {atime, mtime} = fs.statSync(each);
    const text = fs.readFileSync(each, 'utf8');
    fs.writeFileSync(each, text.replace('saved', 'forge'));
    fs.utimesSync(each, atime, mtime);
  };
  expect(await magds(['evidence', 'check', '--live', file])).toMatchObject({code: 0});
  forge(live('tenants'));
  forge(built.copy('ledger'));
  const {code, stdout} = await magds(['evidence', 'check', '--live', file]);
  expect(code).toBe(4);
  expect(stdout).toContain(`x backup: ${built.id}: damaged since: ledger (the copy is not what it was)\n`);
  expect(stdout).toMatch(
    /x live file: tenants \(.*\): its bytes are other ones, and its time \(.*\) is not after the switch/,
  );
});

test('a record that is too large to be read is told, in the file and beside it', async () => {
  const {root, restore, command} = makeRestorable();
  expect(await restore()).toMatchObject({code: 0});
  fs.truncateSync(`${root}/storage/runbook/sessions/1/session.jsonl`, 10 * 1024 ** 3);
  const made = await command('evidence', 'export', '--session=1', '--json');
  expect(made).toMatchObject({code: 0, stderr: ''});
  const {file, beware} = summaryOf(made);
  const size = 'session.jsonl is 10737418240 bytes long; more than 268435456 is not';
  expect(beware).toEqual([
    `the session's record cannot be relied on, and a check of the file says so: ${size} read`,
    `step evidence is still open: The answer could not be recorded: the record: ${size} gone on with.`,
  ]);
  const {code, stdout} = await magds(['evidence', 'check', String(file)]);
  expect(code).toBe(4);
  expect(stdout).toContain(`x session record: it was broken when this was exported: ${size} read\n`);
});

test.skipIf(!hasSshKeygen)(
  'a note of an approval is told as text, and one that nobody would read is refused',
  async () => {
    const {restore, command} = makeRestorable();
    expect(await restore()).toMatchObject({code: 0});
    const file = String(summaryOf(await command('evidence', 'export', '--json'))['file']);
    const key = makeKey(temporaryDirectory(), 'bob', breakOut.replaceAll('\n', ' ').slice(0, 100));
    const approve = (note: string) => magds(['evidence', 'approve', file, `--sign=${key}`, `--note=${note}`]);
    expect(await approve('x'.repeat(4001))).toMatchObject({
      code: 2,
      stderr:
        'magds: The approval would be too long to be read: a note has at most 4000 characters. Nothing was written.\n',
    });
    expect(fs.existsSync(`${file}.approval`)).toBe(false);
    expect(await approve(breakOut)).toMatchObject({code: 0, stderr: ''});
    const {code, stdout} = await magds(['evidence', 'check', file]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\+ approval: by .*; note: `\|<\/details>\\u\{a\}/);
    expect(stdout).not.toMatch(new RegExp(`(?!\n)${unprintable.source}`, 'u'));
  },
);
