import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {opsFiles, opsItems} from '../../source/engine/ops/catalog.ts';
import {programWords} from '../../source/engine/ops/site.ts';
import {eventNames} from '../../source/engine/storage/events.ts';
import {oddRoot} from '../support/ops.ts';
import {node, program} from '../support/program.ts';
import {magds} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

const source = (name: string): string => fs.readFileSync(`source/ops/${name}`, 'utf8');

/** As it is printed where no root is in reach: about the example, and this program. */
const example = (name: string): string =>
  source(name).replaceAll('/usr/local/bin/magds', programWords(program, fs.realpathSync(node)) ?? '');

test('the list names everything, what it is and where it goes', async () => {
  const {code, stdout, stderr} = await magds(['ops']);
  expect(code).toBe(0);
  const [head, ...rows] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));
  expect(head).toEqual(['NAME', 'WHAT', 'WHERE IT GOES']);
  expect(rows).toEqual(
    opsItems.map(({name, what, place}) => [name, what, ...(place === null ? [] : [place])]),
  );
  expect(stderr).toBe('magds ops NAME prints one, for /srv/magmoboce, and says how to install it.\n');
});

test('every file there is has a place in the list, and lies in the package', () => {
  const names = opsFiles.map(({name}) => name).toSorted();
  expect(fs.readdirSync('source/ops').toSorted()).toEqual(names);
  const packed = path.join(path.dirname(program), 'ops');
  expect(fs.readdirSync(packed).toSorted()).toEqual(names);
  for (const name of names) expect(fs.readFileSync(path.join(packed, name), 'utf8')).toBe(source(name));
});

describe('one of them', () => {
  test.each(opsFiles)('$name is printed as it is where no root is in reach', async ({name, place}) => {
    const {code, stdout, stderr} = await magds(['ops', name], {cwd: temporaryDirectory()});
    expect({code, stdout}).toEqual({code: 0, stdout: example(name)});
    expect(stderr).toContain(place ?? 'nowhere');
    expect(stderr).toContain(`  magds ops ${name} `);
  });

  test.each(opsFiles.filter(({reader}) => reader !== 'other'))(
    '$name is about the root in reach, or about the one that is named',
    async ({name}) => {
      const root = oddRoot('site');
      const own = await magds(['ops', name], {cwd: root});
      const named = await magds(['ops', name, '--root', root]);
      expect(own.stdout).not.toContain('/srv/magmoboce');
      if (source(name).includes('/srv/magmoboce')) expect(own.stdout).toContain(root);
      expect(named).toMatchObject({code: 0, stdout: own.stdout});
      expect(named.stderr).toContain(`  magds ops --root=${root} ${name} `);
    },
  );

  test('a directory of backups alone is no root', async () => {
    const root = oddRoot('site');
    const {stdout} = await magds(['ops', 'magds.cron', '--backups', `${root}/storage/backups`], {cwd: root});
    expect(stdout).toBe(example('magds.cron'));
  });

  test('whose root has a name that cannot be quoted everywhere is the example, and that is said', async () => {
    const {code, stdout, stderr} = await magds(['ops', 'magds.cron'], {cwd: oddRoot("it's")});
    expect({code, stdout}).toEqual({code: 0, stdout: example('magds.cron')});
    expect(stderr).toContain("/it's has characters that each of these files quotes in another way");
  });

  test('may be named without its ending, unless two begin like it', async () => {
    const {stdout} = await magds(['ops', 'magds-dashboard'], {cwd: temporaryDirectory()});
    expect(stdout).toBe(source('magds-dashboard.json'));
    expect(await magds(['ops', 'magds-backup'])).toMatchObject({code: 2, stdout: ''});
  });

  test('that there is not is wrong usage, and what there is is said', async () => {
    const {code, stdout, stderr} = await magds(['ops', 'magds.cro\u001bn']);
    expect({code, stdout}).toEqual({code: 2, stdout: ''});
    expect(stderr).toBe(
      `magds: There is no "magds.cro\\u{1b}n" to print. There is: ${opsItems.map(({name}) => name).join(', ')}.\n`,
    );
  });

  test('a root that is none is told', async () => {
    expect(await magds(['ops', 'magds.cron', '--root', temporaryDirectory()])).toMatchObject({
      code: 10,
      stdout: '',
    });
  });
});

test('the events are a markdown table, or JSON', async () => {
  const {code, stdout, stderr} = await magds(['ops', 'events']);
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  const actions = [...stdout.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, action]) => action);
  expect(actions).toEqual(eventNames);
  const json = JSON.parse((await magds(['ops', 'events', '--json'])).stdout) as {events: {action: string}[]};
  expect(json).toMatchObject({command: 'ops:events', common: expect.any(Array)});
  expect(json.events.map(({action}) => action)).toEqual(eventNames);
});

test('JSON of the list, and of one', async () => {
  const list = JSON.parse((await magds(['ops', '--json'])).stdout) as {items: {name: string}[]};
  expect(list).toMatchObject({command: 'ops', root: '/srv/magmoboce'});
  expect(list.items.map(({name}) => name)).toEqual(opsItems.map(({name}) => name));
  const {stdout, stderr} = await magds(['ops', 'magds.logrotate', '--json']);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    command: 'ops',
    root: '/srv/magmoboce',
    name: 'magds.logrotate',
    what: 'the audit log, every month',
    place: '/etc/logrotate.d/magds',
    commands: [
      'magds ops magds.logrotate | sudo tee /etc/logrotate.d/magds >/dev/null',
      'sudo logrotate -d /etc/logrotate.d/magds   # says what it would do',
    ],
    text: source('magds.logrotate'),
  });
});

test('the program is named as it is run', () => {
  const directory = temporaryDirectory();
  const file = `${directory}/magds`;
  fs.writeFileSync(file, '#!/usr/bin/env node\n', {mode: 0o755});
  expect(programWords(file, '/usr/bin/node')).toBe(file);
  expect(programWords(file, '/root/.nvm/node')).toBe(`/root/.nvm/node ${file}`);
  expect(programWords('/opt/magds', '/opt/magds')).toBe('/opt/magds');
  fs.chmodSync(file, 0o644);
  expect(programWords(file, '/usr/bin/node')).toBe(`/usr/bin/node ${file}`);
  expect(programWords('/opt/a b/magds', '/opt/a b/magds')).toBeNull();
});
