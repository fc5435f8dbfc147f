import fs from 'node:fs';
import {expect, test} from 'vitest';
import {oddRoot, printed, whyNot} from '../support/ops.ts';
import {execute, magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const why = whyNot('logrotate') ?? (process.getuid?.() === 0 ? null : 'needs root');
const tools = why === null ? '' : ` (skipped: ${why})`;

/** The file as it is printed in a root, where logrotate takes it. */
async function configurationOf(root: string): Promise<string> {
  const file = `${temporaryDirectory()}/magds`;
  fs.writeFileSync(file, await printed('magds.logrotate', root), {mode: 0o644});
  return file;
}

test.skipIf(why !== null)(`logrotate -d finds nothing wrong with it${tools}`, async () => {
  for (const root of ['/', oddRoot()]) {
    const {code, stderr} = await execute('logrotate', ['-d', await configurationOf(root)]);
    expect(code).toBe(0);
    expect(stderr).toContain(
      `considering log ${root === '/' ? '/srv/magmoboce' : root}/storage/logs/audit.log\n`,
    );
    expect(stderr).not.toContain('error:');
  }
});

test.skipIf(why !== null)(
  `a log that it rotates loses no line, and we go on in the new one${tools}`,
  async () => {
    const root = oddRoot();
    const logs = `${root}/storage/logs`;
    const old = Array.from({length: 14}, (_, index) => `audit.log-20${10 + index}0101.gz`);
    for (const name of old) fs.writeFileSync(`${logs}/${name}`, name);
    fs.writeFileSync(`${logs}/audit.log`, '{"action":"before"}\n', {mode: 0o640});
    const rotate = async () =>
      execute('logrotate', ['-f', '-s', `${temporaryDirectory()}/state`, await configurationOf(root)]);
    expect(await rotate()).toMatchObject({code: 0, stderr: ''});
    const added = fs.readdirSync(logs).filter((name) => name !== 'audit.log' && !old.includes(name));
    expect(added).toEqual([expect.stringMatching(/^audit\.log-\d{8}$/)]);
    expect(fs.readFileSync(`${logs}/${added[0]}`, 'utf8')).toBe('{"action":"before"}\n');
    expect(fs.readdirSync(logs)).toEqual(expect.arrayContaining(old));
    expect(fs.statSync(`${logs}/audit.log`)).toMatchObject({size: 0, mode: 0o100640});
    expect(await magds(['backup', 'run'], {cwd: root})).toMatchObject({code: 0});
    expect(fs.readFileSync(`${logs}/audit.log`, 'utf8')).toContain('"action":"magdb.backup.completed"');
  },
);
