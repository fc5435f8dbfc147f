import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Fault} from '../../../source/engine/config/configuration.ts';
import {isMeantBy, ownFileName, ownJsonSchema, readOwnFile} from '../../../source/engine/config/own-file.ts';
import {eventNames} from '../../../source/engine/storage/events.ts';
import {rootWith} from '../../support/php-config.ts';
import {makePipe} from '../../support/temporary.ts';

const good = {version: 1, backup: {max_count: 3}};

function read(text: string, damage: (file: string) => void = () => {}) {
  const root = rootWith({[ownFileName]: text});
  const file = path.join(root, ownFileName);
  damage(file);
  const faults: Fault[] = [];
  const value = readOwnFile(root, faults);
  return {file, value, messages: faults.map(({message}) => message), faults};
}

test.each([
  good,
  {version: 1},
  {version: 1, backup: {}},
  {
    version: 1,
    backup: {
      enabled: false,
      path: '/x',
      algorithm: 'sha1',
      max_count: null,
      datasets: [{name: 'a', source: 'b', type: 'directory'}],
    },
  },
  {
    version: 1,
    hooks: {
      before_backup: [['systemctl', 'stop', 'x'], {command: ['curl', 'x'], may_fail: true}, {command: ['y']}],
      after_backup: [],
      on: Object.fromEntries(
        [...eventNames, 'magdb.*.failed', '*'].map((name) => [name, [['mail', 'root']]]),
      ),
      seconds: 3600,
    },
  },
])('%j is taken as it is', (value) => {
  expect(read(JSON.stringify(value))).toMatchObject({value, messages: []});
});

test('a root without one has none, and that is no fault', () => {
  const faults: Fault[] = [];
  expect(readOwnFile(rootWith({'storage/x': ''}), faults)).toBeNull();
  expect(faults).toEqual([]);
});

const step = (id: string) => ({id, title: `title of ${id}`});
const see = 'see "magds config --schema"';
test.each<[unknown, string]>([
  [[], `the top: ${see}`],
  [null, `the top: ${see}`],
  [{}, `version: ${see}`],
  [{version: 2}, `version: ${see}`],
  [{version: '1'}, `version: ${see}`],
  [{version: 1, bakcup: {}}, 'the top: unknown key bakcup'],
  [{version: 1, backup: []}, `backup: ${see}`],
  [{version: 1, backup: {maxCount: 3, keep: 1}}, 'backup: unknown key maxCount, keep'],
  [{version: 1, backup: {enabled: 'yes'}}, `backup.enabled: ${see}`],
  [{version: 1, backup: {path: ''}}, `backup.path: ${see}`],
  [{version: 1, backup: {algorithm: 256}}, `backup.algorithm: ${see}`],
  [{version: 1, backup: {max_count: 2.5}}, `backup.max_count: ${see}`],
  [{version: 1, backup: {max_count: '3'}}, `backup.max_count: ${see}`],
  [{version: 1, backup: {datasets: {}}}, `backup.datasets: ${see}`],
  [{version: 1, backup: {datasets: [{name: 'a'}]}}, `backup.datasets.0.source: ${see}`],
  [{version: 1, backup: {datasets: [{name: '', source: 'b'}]}}, `backup.datasets.0.name: ${see}`],
  [
    {version: 1, backup: {datasets: [{name: 'a', source: 'b', type: 'link'}]}},
    `backup.datasets.0.type: ${see}`,
  ],
  [{version: 1, hooks: {before_backup: ['systemctl']}}, `hooks.before_backup.0: ${see}`],
  [{version: 1, hooks: {after_backup: [[]]}}, `hooks.after_backup.0: ${see}`],
  [{version: 1, hooks: {after_backup: [['mail', 1]]}}, `hooks.after_backup.0: ${see}`],
  [
    {version: 1, hooks: {after_backup: [{command: ['x'], mayfail: true}]}},
    'hooks.after_backup.0: unknown key mayfail',
  ],
  [{version: 1, hooks: {after_verify: []}}, 'hooks: unknown key after_verify'],
  [{version: 1, hooks: {seconds: 0}}, `hooks.seconds: ${see}`],
  [{version: 1, hooks: {on: []}}, `hooks.on: ${see}`],
  [
    {version: 1, hooks: {on: {'magdb.backup.verify_failed': ['mail']}}},
    `hooks.on.magdb.backup.verify_failed.0: ${see}`,
  ],
  [
    {version: 1, hooks: {on: {'magdb.backup.verified': [['mail']], 'magdb.backup.failed': []}}},
    `hooks.on: there is no event magdb.backup.verified; there are ${eventNames.join(', ')}`,
  ],
  [
    {
      version: 1,
      backup: {
        datasets: [
          {name: 'a', source: 'b'},
          {name: 'a', type: 'postgres', connection: 'c'},
        ],
      },
    },
    'backup.datasets: two are called a, and only one of them would count',
  ],
  [
    {version: 1, checklist: [step('x'), step('y'), step('x')]},
    'checklist: two are called x, and only one of them would count',
  ],
  [
    {version: 1, checklist: [step('service')]},
    'checklist: service is a step of every restore already: take another id',
  ],
])('%j is not what it should be', (value, where) => {
  const {file, faults, ...result} = read(JSON.stringify(value));
  expect(result.value).toBeNull();
  expect(faults).toEqual([{file, line: 0, message: `is not what it should be at ${where}`}]);
});

test('all that is wrong is told at once', () => {
  const {messages} = read(
    JSON.stringify({version: 2, backup: {enabled: 'yes', keep: 1}, hold_days: -1, volatil: []}),
  );
  expect(messages.map((each) => each.replace('is not what it should be at ', '')).toSorted()).toEqual(
    [
      `backup.enabled: ${see}`,
      'backup: unknown key keep',
      `hold_days: ${see}`,
      'the top: unknown key volatil',
      `version: ${see}`,
    ].toSorted(),
  );
  const steps = Array.from({length: 30}, () => 1);
  const many = read(JSON.stringify({version: 1, checklist: steps})).messages;
  expect(many).toHaveLength(21);
  expect(many.at(-1)).toBe('is not what it should be at 10 more places');
});

test.each(['magdb.*.filed', 'magdb', '*.'])('%j names no event', (pattern) => {
  const {messages} = read(JSON.stringify({version: 1, hooks: {on: {[pattern]: []}}}));
  expect(messages[0]).toContain(`hooks.on: there is no event ${pattern}; there are `);
});

test('a star stands for any text, and for nothing else', () => {
  const meant = (pattern: string) => eventNames.filter((name) => isMeantBy(pattern, name));
  expect(meant('magdb.*.failed')).toEqual(['magdb.backup.failed', 'magdb.restore.failed']);
  expect(meant('*')).toEqual(eventNames);
  const name = fc.constantFrom(...eventNames);
  fc.assert(
    fc.property(name, name, fc.array(fc.nat(30), {maxLength: 4}), (event, other, cuts) => {
      const pattern = cuts.reduce<string>(
        (text, at) => text.slice(0, at) + text.slice(at).replace(/^./, '*'),
        event,
      );
      const expected = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
      expect(isMeantBy(pattern, event)).toBe(true);
      expect(isMeantBy(pattern, other)).toBe(expected.test(other));
    }),
  );
});

test.each<[string, number, string]>([
  ['', 1, 'the end, too early'],
  ['{', 1, 'the end, too early'],
  ['{"version": 1,\n\n }', 3, 'a key that is not a string'],
  ['{"version": 1}\n// why', 2, 'something after the end'],
  ['version: 1', 1, 'something that is not JSON'],
  ['\0', 1, 'a NUL byte'],
  ['\ufeff{}', 1, 'a byte order mark, which PHP does not read'],
])('%j is no JSON, in line %d', (text, line, flaw) => {
  const {value, faults} = read(text);
  expect(value).toBeNull();
  expect(faults).toMatchObject([
    {line, message: expect.stringContaining(`is not valid JSON: ${flaw}, column `)},
  ]);
});

test('a key that stands twice is a fault: only the last would count', () => {
  const {value, faults} = read('{"version": 1,\n"backup": {"max_count": 3},\n"backup": {}}');
  expect(value).toBeNull();
  expect(faults).toMatchObject([{line: 3, message: 'has the key "backup" twice: only the last would count'}]);
});

describe('whoever may write it', () => {
  const text = JSON.stringify(good);

  test.each([0o660, 0o606, 0o666, 0o620])('not obeyed with mode %o', (mode) => {
    const {file, value, messages} = read(text, (full) => fs.chmodSync(full, mode));
    expect(value).toBeNull();
    expect(messages).toEqual([`is ignored: others may write it: chmod go-w ${file}`]);
  });

  test.each([0o770, 0o707, 0o1777, 0o2775])('not obeyed in a directory of mode %o', (mode) => {
    const {file, value, messages} = read(text, (full) => fs.chmodSync(path.dirname(full), mode));
    expect(value).toBeNull();
    expect(messages).toEqual([
      `is ignored: others may write its directory: chmod go-w ${path.dirname(file)}`,
    ]);
  });

  test.each([0o600, 0o644, 0o444, 0o755])('obeyed with mode %o', (mode) => {
    expect(read(text, (full) => fs.chmodSync(full, mode))).toMatchObject({value: good, messages: []});
  });

  // Only root can give a file away.
  test.runIf(process.getuid?.() === 0)('not obeyed when it belongs to somebody else', () => {
    const way = 'not to you or root: run as uid 4321, or give it to root';
    const file = read(text, (full) => fs.chownSync(full, 4321, 0));
    expect(file).toMatchObject({value: null, messages: [`is ignored: it belongs to uid 4321, ${way}`]});
    const directory = read(text, (full) => fs.chownSync(path.dirname(full), 4321, 0));
    expect(directory).toMatchObject({
      value: null,
      messages: [`is ignored: its directory belongs to uid 4321, ${way}`],
    });
  });
});

test('what lies behind a link to its directory is ignored: whose link it is can change', () => {
  const root = rootWith({'storage/x': ''});
  const other = path.dirname(path.join(rootWith({[ownFileName]: JSON.stringify(good)}), ownFileName));
  fs.symlinkSync(other, path.join(root, path.dirname(ownFileName)));
  const faults: Fault[] = [];
  expect(readOwnFile(root, faults)).toBeNull();
  expect(faults).toMatchObject([{message: 'is ignored: its directory is a link'}]);
});

test.each<[string, (file: string) => void, string]>([
  ['a link', (file) => fs.symlinkSync('/dev/null', file), 'is a link, not a file'],
  ['a pipe', makePipe, 'is a pipe (FIFO), not a file'],
  ['a directory', (file) => fs.mkdirSync(file), 'is a directory, not a file'],
  [
    'endless',
    (file) => {
      fs.writeFileSync(file, '');
      fs.truncateSync(file, 1_048_577);
    },
    'is 1048577 bytes long; more than 1048576 is not read',
  ],
])('%s in its place is a fault', (_, make, message) => {
  const result = read('', (file) => {
    fs.rmSync(file);
    make(file);
  });
  expect(result).toMatchObject({value: null, messages: [message]});
});

test('the published schema names no format that JSON Schema does not know', () => {
  const text = JSON.stringify(ownJsonSchema());
  expect(text).toContain('"pattern":"^');
  expect(text).not.toContain('"format"');
});

test('the published schema asks for what is asked for', () => {
  expect(ownJsonSchema()).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    required: ['version'],
    additionalProperties: false,
    properties: {
      version: {const: 1},
      backup: {
        additionalProperties: false,
        properties: {
          enabled: {type: 'boolean'},
          path: {type: 'string', minLength: 1},
          datasets: {type: 'array', items: expect.any(Object)},
        },
      },
    },
  });
});
