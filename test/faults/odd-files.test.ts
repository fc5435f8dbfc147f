import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {forEach} from '../support/faults.ts';
import {node, program} from '../support/program.ts';
import {makeRestoreRoot} from '../support/restore-root.ts';
import {execute, magds} from '../support/run.ts';
import {makePipe, temporaryDirectory} from '../support/temporary.ts';

const gigabyte = 1024 ** 3;

/** What may lie where a file belongs. */
const kinds: Record<string, (file: string) => void> = {
  'a pipe': makePipe,
  'a device without end': (file) => {
    expect(spawnSync('mknod', [file, 'c', '1', '5']).status).toBe(0);
  },
  'a file of 4 GiB': (file) => {
    fs.writeFileSync(file, '');
    fs.truncateSync(file, 4 * gigabyte);
  },
  'a directory that is not for others': (file) => {
    fs.mkdirSync(file, {mode: 0});
  },
  'a link to itself': (file) => {
    fs.symlinkSync(path.basename(file), file);
  },
};

/** Files that are read, below the root, and what reads each. `ID` is the backup. */
const files: [file: string, reader: string][] = [
  ['storage/backups/ID/manifest.json', 'backup verify --id=ID'],
  ['storage/backups/ID/verifications.jsonl', 'backup list'],
  ['storage/backups/ID/SHA256SUMS', 'backup verify --id=ID'],
  ['storage/runbook/config.json', 'restore --id=ID --dry-run'],
  ['storage/runbook/lock', 'backup pin ID --reason=x'],
  ['storage/runbook/version', 'backup pin ID --reason=x'],
  ['storage/runbook/content.jsonl', 'backup list'],
  ['storage/runbook/last-run.json', 'backup prune'],
  ['storage/runbook/evidence/index.jsonl', 'evidence export --id=ID --out=/dev/null/x'],
  ['storage/runbook/sessions/1/session.jsonl', 'session show 1'],
  ['storage/runbook/sessions/1/journal.json', 'restore status'],
  ['storage/runbook/sessions/1/progress', 'restore status'],
  ['.env', 'config'],
  ['config/base/x.php', 'backup run --dry-run'],
  ['storage/telemetry/magds_backup.prom', 'backup verify --id=ID'],
  ['storage/logs/audit.log', 'backup verify --id=ID'],
];

/** Ends by itself, in plain words, and in a memory that does not grow with what lies there. */
async function expectEnds(what: string, args: string[]): Promise<void> {
  const measured = path.join(temporaryDirectory(), 'kilobytes');
  const command = ['-o', measured, '-f', '%M', 'timeout', '100', node, program, ...args];
  const {code, stdout, stderr} = await execute('/usr/bin/time', command);
  const said = stdout + stderr;
  expect({what, code}).not.toEqual({what, code: 124});
  expect(said, what).not.toMatch(/inside this program|Node\.js v|^ +at /m);
  const kilobytes = Number(fs.readFileSync(measured, 'utf8').trim().split('\n').at(-1));
  expect({what, isLarge: kilobytes > 600 * 1024}).toEqual({what, isLarge: false});
}

test.runIf(process.getuid?.() === 0 && fs.existsSync('/usr/bin/time')).each(Object.entries(kinds))(
  '%s in the place of any file that is read: nothing hangs',
  async (_, put) => {
    const {root, id} = await makeRestoreRoot({sidecars: false});
    await magds(['restore', `--id=${id}`, `--yes=${id}`, '--root', root]);
    await magds(['backup', 'verify', `--id=${id}`, '--content', '--root', root]);
    await forEach(files, async ([name, reader]) => {
      const own = temporaryDirectory();
      fs.cpSync(root, own, {recursive: true});
      const file = path.join(own, name.replace('ID', id));
      fs.mkdirSync(path.dirname(file), {recursive: true});
      fs.rmSync(file, {force: true});
      put(file);
      await expectEnds(`doctor, ${name}`, ['doctor', '--root', own]);
      const args = reader.replaceAll('ID', id).split(' ');
      await expectEnds(`${reader}, ${name}`, [...args, '--root', own]);
    });
  },
  600_000,
);
