import fs from 'node:fs';
import {expect, test} from 'vitest';
import {shellChecks} from '../support/evidence-files.ts';
import {hostileText, unprintable} from '../support/hostile.ts';
import {configure, makeRestorable, summaryOf} from '../support/restores.ts';
import {magds} from '../support/run.ts';
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
        `--period=${breakOut}`,
        '--root',
        root,
      ],
      {env: environment},
    );
    expect(made).toMatchObject({code: 0, stderr: ''});
    await expectText(String(summaryOf(made)['file']));
  }
});
