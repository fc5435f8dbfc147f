import fs from 'node:fs';
import {expect, test} from 'vitest';
import {hasSshKeygen, makeKey} from '../support/evidence-files.ts';
import {isRoot} from '../support/faults.ts';
import {oddRoot, printed} from '../support/ops.ts';
import {execute, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

/** Minute, hour, day, month and weekday, the user, and the command. */
const job = /^((?:[\d,*]+ +){5})([a-z][\w-]*) +(.+)$/;

/** As cron(8) does: a percent sign ends the command, unless there is a backslash before it. */
const commandOf = (text: string): string => (/^(?:\\%|[^%])*/.exec(text)?.[0] ?? '').replaceAll('\\%', '%');

async function jobsOf(root: string): Promise<{user: string; command: string}[]> {
  const lines = (await printed('magds.cron', root)).split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#') && !/^[A-Z]+=/.test(line))
    .map((line) => {
      const [, , user = '', command = ''] = job.exec(line) ?? [];
      return {user, command: commandOf(command)};
    });
}

test.skipIf(!isRoot)(
  'the jobs of a root are those of whom its storage/ belongs to (needs root)',
  async () => {
    const root = oddRoot();
    expect((await jobsOf(root)).map(({user}) => user)).toEqual(['root', 'root', 'root']);
    fs.chownSync(`${root}/storage`, 54_321, 54_321);
    const {stdout, stderr} = await magds(['ops', 'magds.cron'], {cwd: root});
    expect(stdout).toContain('  www-data  cd ');
    expect(stderr).toContain('! user 54321 has no name here: put the right one in instead of www-data\n');
  },
);

test.skipIf(!hasSshKeygen)(
  'what cron runs is quiet when all is well, and else says what is not (needs ssh-keygen)',
  async () => {
    const root = oddRoot();
    const key = makeKey(temporaryDirectory(), 'drill');
    const run = async (index: number) => {
      const {command = ''} = (await jobsOf(root))[index] ?? {};
      return execute('/bin/sh', ['-c', command.replace('/etc/magds/drill', key)]);
    };
    const before = fs.readdirSync('/var/tmp');
    for (const index of [0, 1, 2])
      expect(await run(index), String(index)).toMatchObject({code: 0, stdout: '', stderr: ''});
    expect(fs.readdirSync(`${root}/storage/runbook/evidence`).join('\n')).toContain('.md.sig');
    expect(
      fs.readdirSync('/var/tmp').filter((name) => !before.includes(name) && name.startsWith('drill-')),
    ).toEqual([]);
    fs.rmSync(`${root}/storage/data/tenants.json`);
    // Cron mails both.
    const {stdout, stderr} = await run(0);
    expect(stdout + stderr).toContain('tenants');
  },
);
