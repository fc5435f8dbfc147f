import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {hasSshKeygen, makeKey} from '../support/evidence-files.ts';
import {oddRoot, printed, whyNot} from '../support/ops.ts';
import {execute, type Outcome} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const names = ['backup', 'verify', 'drill'];
const units = [
  'magds-failed@.service',
  ...names.flatMap((name) => [`magds-${name}.service`, `magds-${name}.timer`]),
];
const why = whyNot('systemd-analyze');
const tools = why === null ? '' : ` (skipped: ${why})`;

/** The units as they are printed in a root, with a program that is there. */
async function unitsOf(root: string): Promise<string[]> {
  const directory = temporaryDirectory();
  return Promise.all(
    units.map(async (name) => {
      const file = path.join(directory, name);
      const text = await printed(name, root);
      fs.writeFileSync(file, text.replace(/^ExecStart=\/\S+ \/\S+/m, 'ExecStart=/bin/true'));
      return file;
    }),
  );
}

const quiet: Partial<Outcome> = {code: 0, stdout: '', stderr: ''};
const verifyUnits = (files: string[]): Promise<Outcome> =>
  execute('systemd-analyze', ['verify', '--man=no', ...files]);

describe(`systemd-analyze verify${tools}`, () => {
  test.skipIf(why !== null)('finds nothing in the example', async () => {
    expect(await verifyUnits(await unitsOf('/'))).toMatchObject(quiet);
  });

  test.skipIf(why !== null)('finds nothing where the name of the root is an odd one', async () => {
    const files = await unitsOf(oddRoot());
    expect(await verifyUnits(files)).toMatchObject(quiet);
    const [, service = ''] = files;
    fs.writeFileSync(service, fs.readFileSync(service, 'utf8').replaceAll('%%', '%'));
    expect(await verifyUnits([service])).toMatchObject({code: 1});
  });

  test.skipIf(why !== null).each(names)(
    'finds magds-%s shut in as far as hooks allow, and well where all of it is taken in',
    async (name) => {
      const file = path.join(temporaryDirectory(), `magds-${name}.service`);
      const exposure = async (text: string): Promise<number> => {
        fs.writeFileSync(file, text.replace(/^(ExecStart\w*)=.*$/gm, '$1=/bin/true'));
        expect(await verifyUnits([file])).toMatchObject(quiet);
        const {stdout} = await execute('systemd-analyze', ['security', '--offline=true', '--no-pager', file]);
        return Number(/Overall exposure level.*: ([\d.]+)/.exec(stdout)?.[1]);
      };
      const text = fs.readFileSync(`source/ops/magds-${name}.service`, 'utf8');
      expect(await exposure(text)).toBeLessThan(7.5);
      expect(await exposure(text.replace(/^#(?=[A-Z]\w+=)/gm, ''))).toBeLessThan(2);
    },
  );

  test.skipIf(why !== null).each(names)('the timer of magds-%s comes as often as it says', async (name) => {
    const [, when = ''] = /^OnCalendar=(.+)$/m.exec(await printed(`magds-${name}.timer`, '/')) ?? [];
    const {code, stdout} = await execute('systemd-analyze', ['calendar', '--iterations=3', when]);
    expect(code).toBe(0);
    const [first, second, third] = [...stdout.matchAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g)].map(([time]) =>
      Date.parse(time),
    ) as [number, number, number];
    const days = (third - first) / 86_400_000;
    expect(second).toBeGreaterThan(first);
    if (name === 'drill') expect(days).toBeGreaterThan(180);
    else expect(days).toBe(2);
  });
});

/** What the lines of a unit would run, one after the other, as systemd splits them: none has quotes. */
async function run(unit: string, places: Record<string, string>): Promise<Outcome[]> {
  const [, directory = ''] = /^WorkingDirectory=(.+)$/m.exec(unit) ?? [];
  const outcomes: Outcome[] = [];
  for (const [, line = ''] of unit.matchAll(/^Exec(?:StartPre|Start|StopPost)=(.+)$/gm)) {
    const replaced = Object.entries(places).reduce((text, [from, to]) => text.replaceAll(from, to), line);
    expect(replaced).not.toMatch(/["'\\$%]/);
    const [file = '', ...args] = replaced.split(' ');
    outcomes.push(await execute(file, args, {cwd: directory.replaceAll('%%', '%')}));
  }
  return outcomes;
}

test.skipIf(!hasSshKeygen)(
  `what the services run makes a backup, verifies it, and restores it, as often as one likes${hasSshKeygen ? '' : ' (skipped: no ssh-keygen)'}`,
  async () => {
    const root = oddRoot();
    const keys = temporaryDirectory();
    const state = temporaryDirectory();
    const places = {
      '/etc/magds/drill': makeKey(keys, 'drill'),
      '%S/%N': state,
    };
    const codes = async (name: string) =>
      (await run(await printed(`magds-${name}.service`, root), places)).map(({code}) => code);
    expect(await codes('backup')).toEqual([0]);
    expect(await codes('verify')).toEqual([0]);
    const [backup = ''] = fs.readdirSync(`${root}/storage/backups`);
    expect(fs.existsSync(`${root}/storage/backups/${backup}/verifications.jsonl`)).toBe(true);
    expect(await codes('drill')).toEqual([0, 0, 0]);
    expect(fs.readdirSync(state)).toEqual([]);
    // What one that was killed has left is in the way of no other.
    fs.mkdirSync(`${state}/files`);
    fs.writeFileSync(`${state}/files/tenants.json`, 'left');
    expect(await codes('drill')).toEqual([0, 0, 0]);
    const evidence = fs.readdirSync(`${root}/storage/runbook/evidence`);
    expect(evidence.filter((name) => name.endsWith('.md.sig'))).toHaveLength(2);
  },
);
