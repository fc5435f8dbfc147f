import fs from 'node:fs';
import {expect, test} from 'vitest';
import {makeBackup, makeRoot} from '../support/backups.ts';
import {backup, phpFile} from '../support/php-config.ts';
import {magds} from '../support/run.ts';
import {setOld} from '../support/walking.ts';

const accounts = (balance: (id: number) => number): string =>
  JSON.stringify(Array.from({length: 30}, (_, id) => ({id, balance: balance(id)})));
const good = accounts((id) => 100 + id);
const overwritten = accounts((id) => (id < 12 ? 0 : 100 + id));

/** `20260104_020000_nightly`, so many hours ago. */
const idOf = (hours: number): string =>
  `${new Date(Date.now() - hours * 3_600_000).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_')}_nightly`;

/** The first incident: balances were overwritten six hours ago, and the newest copy from before has flipped. */
async function makeEvidence(): Promise<string> {
  const {root, backups} = makeRoot();
  const datasets = ['ledger', 'tenants'].map((name) => ({name, source: `storage/data/${name}.json`}));
  fs.mkdirSync(`${root}/storage/data`);
  fs.mkdirSync(`${root}/config/base`, {recursive: true});
  fs.writeFileSync(`${root}/config/base/magds.php`, phpFile(backup({datasets})));
  for (const [name, content] of Object.entries({ledger: overwritten, tenants: '[3]'})) {
    fs.writeFileSync(`${root}/storage/data/${name}.json`, content);
    setOld(`${root}/storage/data/${name}.json`);
  }
  const made = (hours: number, contents: {[name: string]: string}) => {
    const id = idOf(hours);
    const held = Object.entries(contents).map(([name, content]) => ({name, content}));
    return {...makeBackup({backups, id, recordedRoot: 'here', datasets: held}), id};
  };
  const whole = made(10, {ledger: good, tenants: '[1]'}).id;
  const flipped = made(8, {ledger: good, tenants: '[2]'});
  fs.writeFileSync(flipped.copy('ledger'), good.replace('105', '104'));
  made(4, {ledger: overwritten, tenants: '[2]'});
  const call = async (exit: number, ...args: string[]): Promise<void> => {
    expect(await magds([...args, '--root', root], {env: {MAGDS_OPERATOR: 'Amira Khan'}})).toMatchObject({
      code: exit,
    });
  };
  const said = ['--since=6h ago', '--noticed=90m ago', '--declared=80m ago', '--ticket=INC-2231'];
  await call(0, 'incident', ...said, '--authorised-by=Dana Ruiz, by phone');
  await call(4, 'backup', 'verify', flipped.id);
  await call(0, 'backup', 'verify', whole);
  await call(0, 'restore', `--id=${whole}`, '--only=ledger', `--yes=${whole}`);
  await call(0, 'session', 'step', 'verified');
  await call(0, 'session', 'step', 'service', '--done', '--note=balances are as in the morning report');
  await call(0, 'session', 'time', 'service-back', 'now');
  await call(0, 'evidence', 'export', '--session=1', `--out=${root}/open.md`);
  await call(0, 'session', 'close', '1', '--yes=1');
  await call(0, 'evidence', 'export', '--session=1', `--out=${root}/evidence.md`);
  await call(0, 'evidence', 'check', `${root}/evidence.md`);
  return fs.readFileSync(`${root}/evidence.md`, 'utf8');
}

/** What stands below a heading, its lines put together. */
const below = (file: string, heading: string): string =>
  (file.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '').replace(/\s+/g, ' ');

const when = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ`;

/** Each question of an auditor, the heading that he looks below, and what answers it there. */
const questions: [question: string, heading: string, answer: RegExp][] = [
  ['who', 'Who, who authorised it, who looked at it', /Begun by\*\*: `root` \(.*`Amira Khan` \[typed\]\)/],
  [
    'from where',
    'Who, who authorised it, who looked at it',
    /Not known\*\*: .*From where.* \[not recorded\]/,
  ],
  [
    'who approved and when',
    'Who, who authorised it, who looked at it',
    /Authorised\*\*: `Dana Ruiz, by phone` \[typed by `root` \(`Amira Khan`\), .*when it was given is \[not recorded\].*Approved by a second person\*\*: not in this file/,
  ],
  [
    'what changed',
    'What changed, and what was left',
    /\| 1 \| `ledger` \| overwrite \| as the manifest says/,
  ],
  [
    'what did not, on purpose',
    'What changed, and what was left',
    /Left out, and why: - `tenants`: `not chosen`/,
  ],
  [
    'which copy, made when',
    'Why this copy',
    new RegExp(`The chosen copy: backup .*begun ${when} \\[measured\\]`),
  ],
  [
    'why not a newer one',
    'Why this copy',
    /\| \*\*failed\*\*, .* \| damaged: `it is not what its manifest recorded` \|/,
  ],
  [
    'what was lost of which dataset and when',
    'Times, and what was lost',
    /Data lost\*\*: `ledger`: good writes: about 4h0\dm, copy to bad since \[computed\]; later writes: about 6h0\dm, bad since to switch/,
  ],
  [
    'where the overwritten data are, and until when',
    'The overwritten data',
    new RegExp(`Path\\*\\*: \`/.*/safety/.*Kept until\\*\\*: ${when}`),
  ],
  [
    'proof at the switch',
    'Proof before, at and after the switch',
    /at the switch\*\*: .*1 live file: 1 as the manifest says/,
  ],
  [
    'proof before and after',
    'Proof before, at and after the switch',
    new RegExp(
      `before\\*\\*: copies passed at ${when}.*after\\*\\*: (copies passed at|\`verified\` done by machine,) ${when}`,
    ),
  ],
  ['content', 'Content and reconciliation', /\| `ledger`, entries \| .* \| 12 \|/],
  [
    'begin, noticed, declared, back',
    'Times, and what was lost',
    new RegExp(
      `bad since, as the operator said .*${when}.* noticed .*${when}.* declared .*${when}.* service back .*${when}`,
    ),
  ],
  ['outage', 'Summary', /\*\*Outage\*\*: about 6h0\dm \[computed\], bad since about/],
  ['RTO and RPO', 'Times, and what was lost', /RTO achieved\*\*: 1h3\dm.*RPO achieved\*\*: 4h0\dm/],
  [
    'steps',
    'Steps',
    /\| 1 \| `manifest` .* \| 2 \| `verified` .* \| 3 \| `evidence` .* \| 4 \| `service` \| done \[typed\]/,
  ],
  ['deviations', 'Deviations, warnings and take-overs', /None is recorded: deviations;/],
  [
    'interruptions',
    'Deviations, warnings and take-overs',
    /None is recorded: .*take-overs and interruptions/,
  ],
  ['alteration', 'How to check this file without this program', /the file is as it was written/],
  [
    'completeness',
    'Independent records',
    /Sessions of this root\*\*: 1 - \*\*Sessions that no evidence file is about\*\*: none/,
  ],
  [
    'independent records',
    'Independent records',
    /Lines of the audit log `\/.*audit\.log`.*SHA-256 of the line/,
  ],
];

test('the evidence of the first incident answers each question of an auditor below its heading', async () => {
  const file = await makeEvidence();
  for (const [question, heading, answer] of questions) expect(below(file, heading), question).toMatch(answer);
  // A damaged copy is not the same bytes, whatever its manifest says.
  expect(below(file, 'Summary')).toMatch(
    /passed over: `\w+` \(`ledger` damaged: `it is not what its manifest recorded`\)/,
  );
  expect(below(file, 'Why this copy')).not.toContain('the same bytes');
});
