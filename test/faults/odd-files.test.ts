import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {forEach, isFull, saySweep} from '../support/faults.ts';
import {node, program} from '../support/program.ts';
import {makeRestoreRoot} from '../support/restore-root.ts';
import {execute, magds} from '../support/run.ts';
import {sweepOffset} from '../support/sweep-offset.ts';
import {makePipe, temporaryDirectory} from '../support/temporary.ts';

const gigabyte = 1024 ** 3;

/** What may lie where a file belongs. */
const kinds = {
  'a pipe': makePipe,
  'a device without end': (file: string) => {
    expect(spawnSync('mknod', [file, 'c', '1', '5']).status).toBe(0);
  },
  'a file of 4 GiB': (file: string) => {
    fs.writeFileSync(file, '');
    fs.truncateSync(file, 4 * gigabyte);
  },
  'a directory that is not for others': (file: string) => {
    fs.mkdirSync(file, {mode: 0});
  },
  'a link to itself': (file: string) => {
    fs.symlinkSync(path.basename(file), file);
  },
};

type Kind = keyof typeof kinds;

/** What is said of each. */
const words: Record<Kind, string> = {
  'a pipe': 'a pipe (FIFO), not a file',
  'a device without end': 'a device, not a file',
  'a file of 4 GiB': `${4 * gigabyte} bytes long; more than NUMBER is not read`,
  'a directory that is not for others': 'a directory, not a file',
  'a link to itself': 'a link, not a file',
};

const huge = 'a file of 4 GiB';
const loop = 'a link to itself';
const sums = 'Not recorded in SHA256SUMS: it says something else than the manifest, and was left as it is.';
const settle = (at = '') =>
  `Fix the configuration first: ROOT/FILE${at} is KIND. "magds config" shows it all.`;
const untold = 'Not reported: the audit log ROOT/FILE was not written: ';
const uncounted = 'Not reported: the metrics ROOT/FILE';

/**
 * Files that are read, below the root, what reads each, and what that says; null where it goes on as if nothing were there.
 * `ID` is the backup.
 */
const files: [
  file: string,
  reader: string,
  said: string | null,
  others?: Partial<Record<Kind, string | null>>,
][] = [
  ['storage/backups/ID/manifest.json', 'backup verify --id=ID', 'ID  failed: manifest.json is KIND'],
  [
    'storage/backups/ID/verifications.jsonl',
    'backup verify --id=ID',
    'Not recorded in verifications.jsonl: it is KIND: move it away.',
    {[huge]: null},
  ],
  ['storage/backups/ID/verifications.jsonl', 'backup list', null],
  ['storage/backups/ID/SHA256SUMS', 'backup verify --id=ID', sums, {[huge]: sums}],
  ['storage/runbook/config.json', 'restore --id=ID --dry-run', settle()],
  [
    'storage/runbook/lock',
    'backup pin ID --reason=x',
    'ROOT/FILE: it is KIND: move it away. Nothing was changed.',
    {[huge]: null},
  ],
  [
    'storage/runbook/version',
    'backup pin ID --reason=x',
    'ROOT/FILE is KIND: move it away. Nothing was changed.',
  ],
  ['storage/runbook/content.jsonl', 'backup list', null],
  ['storage/runbook/last-run.json', 'backup prune', null],
  [
    'storage/runbook/evidence/index.jsonl',
    'evidence export --id=ID --out=/dev/null/x',
    "ROOT/FILE, the list of this root's evidence, is KIND. Nothing was written: move it away if it has no business there.",
  ],
  [
    'storage/runbook/sessions/1/session.jsonl',
    'session show 1',
    'RECORD   broken, do not rely on it: session.jsonl is KIND',
  ],
  ['storage/runbook/sessions/1/journal.json', 'restore status', 'unreadable: journal.json is KIND'],
  ['storage/runbook/sessions/1/progress', 'restore status', null],
  ['.env', 'config', 'ROOT/FILE is KIND', {[loop]: 'ROOT/FILE is a link that leads nowhere'}],
  ['config/base/x.php', 'backup run --dry-run', settle(':1')],
  [
    'storage/telemetry/magds_backup.prom',
    'backup verify --id=ID',
    `${uncounted} were not written: it is KIND: move it away`,
    {[huge]: `${uncounted}: it is KIND: what could be told of it was gone on from`},
  ],
  [
    'storage/logs/audit.log',
    'backup verify --id=ID',
    `${untold}it is KIND`,
    {[huge]: null, [loop]: `${untold}ROOT/FILE: links in a circle.`},
  ],
];

/** Ends by itself, in plain words, and in a memory that does not grow with what lies there. */
async function expectEnds(what: string, args: string[]): Promise<string> {
  const measured = path.join(temporaryDirectory(), 'kilobytes');
  const command = ['-o', measured, '-f', '%M', 'timeout', '100', node, program, ...args];
  const {code, stdout, stderr} = await execute('/usr/bin/time', command);
  const said = stdout + stderr;
  expect({what, code}).not.toEqual({what, code: 124});
  expect(said, what).not.toMatch(/inside this program|Node\.js v|^ +at /m);
  const kilobytes = Number(fs.readFileSync(measured, 'utf8').trim().split('\n').at(-1));
  expect({what, isLarge: kilobytes > 600 * 1024}).toEqual({what, isLarge: false});
  return said;
}

test.runIf(process.getuid?.() === 0 && fs.existsSync('/usr/bin/time')).each(Object.keys(kinds) as Kind[])(
  '%s in the place of any file that is read: nothing hangs',
  async (kind) => {
    const {root, id} = await makeRestoreRoot({sidecars: false});
    // What is held for a session would stand in for a backup that cannot be read.
    const bare = temporaryDirectory();
    fs.cpSync(root, bare, {recursive: true});
    await magds(['restore', `--id=${id}`, `--yes=${id}`, '--root', root]);
    await magds(['backup', 'verify', `--id=${id}`, '--content', '--root', root]);
    const put = (own: string, name: string): void => {
      const file = path.join(own, name.replace('ID', id));
      fs.mkdirSync(path.dirname(file), {recursive: true});
      fs.rmSync(file, {recursive: true, force: true});
      kinds[kind](file);
    };
    const all = temporaryDirectory();
    fs.cpSync(root, all, {recursive: true});
    for (const [name] of files) put(all, name);
    await expectEnds('doctor', ['doctor', '--root', all]);
    // Every second file, of the next kind the others; with other commits it is the other way round.
    const turn = Object.keys(kinds).indexOf(kind) + Math.floor(sweepOffset * 2);
    const some = files.filter((_, index) => isFull || (index + turn) % 2 === 0);
    saySweep(`${kind} in the place of ${some.length} of ${files.length} files`);
    await forEach(some, async ([name, reader, said, others = {}]) => {
      const own = temporaryDirectory();
      fs.cpSync(name.startsWith('storage/backups') ? bare : root, own, {recursive: true});
      const file = path.join(own, name.replace('ID', id));
      put(own, name);
      // One file may keep it from coming to another.
      if (kind === 'a pipe') await expectEnds(`doctor, ${name}`, ['doctor', '--root', own]);
      const args = reader.replaceAll('ID', id).split(' ');
      const found = await expectEnds(`${reader}, ${name}`, [...args, '--root', own]);
      const wanted = kind in others ? others[kind] : said;
      if (wanted === null || wanted === undefined) {
        expect(found, name).not.toContain(words[kind]);
        return;
      }
      const text = wanted
        .replaceAll('KIND', words[kind])
        .replaceAll('FILE', path.relative(own, file))
        .replaceAll('ID', id)
        // Last: its name is chance, and may hold the words above.
        .replaceAll('ROOT', own);
      expect(found.replace(/more than \d+ is/g, 'more than NUMBER is'), name).toContain(text);
    });
  },
  600_000,
);
