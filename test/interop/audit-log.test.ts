import {spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {auditLine, auditText} from '../../source/engine/events/log/audit-line.ts';
import {anyHappening, makeLogPlace} from '../support/audit.ts';
import {node} from '../support/program.ts';
import {makeRestorable} from '../support/restores.ts';
import {execute, magds, type Outcome} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';

/** Without PHP these fail, and are not skipped: that the two understand each other would be a mere claim. */
const script = path.join(import.meta.dirname, 'audit.php');
const php = (...args: string[]): Promise<Outcome> => execute('php', [script, ...args]);
const ours = (...args: string[]): Promise<Outcome> =>
  execute(node, [path.join(import.meta.dirname, 'append.ts'), ...args]);

const [single, together, theirs] = [80, 2000, 2000];

/** Two of theirs and two of ours append to one log at once. */
async function appendAll({root, log}: {root: string; log: string}): Promise<void> {
  const ends = await Promise.all([
    php('append', log, 'php-1', String(theirs)),
    php('append', log, 'php-2', String(theirs)),
    ours(root, 'ours-1', String(single), String(together)),
    ours(root, 'ours-2', String(single), String(together)),
  ]);
  for (const end of ends) expect(end).toMatchObject({code: 0, stderr: ''});
  for (const {stdout} of ends.slice(2)) expect(JSON.parse(stdout)).toMatchObject({problems: []});
}

/** Of each writer the numbers of its lines, in the order of the log; any line that is none throws. */
function numbersIn(files: string[]): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  for (const file of files) {
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    expect(lines.pop()).toBe('');
    for (const line of lines) {
      const {payload} = JSON.parse(line) as {payload: {id?: string; name: string; number: number}};
      const [name = '', number] = payload.id?.split(' ') ?? [payload.name, payload.number];
      found[name] ??= [];
      found[name].push(Number(number));
    }
  }
  return found;
}

const upTo = (count: number): number[] => Array.from({length: count}, (_, number) => number);
const all = {
  'php-1': upTo(theirs),
  'php-2': upTo(theirs),
  'ours-1': upTo(single + together),
  'ours-2': upTo(single + together),
};

describe('thousands of lines of ours and of PHP at once', () => {
  test('are all there, whole, each writer’s in their order', async () => {
    const place = makeLogPlace();
    await appendAll(place);
    expect(numbersIn([place.log])).toEqual(all);
    expect(await php('same', place.log)).toMatchObject({code: 0, stdout: '', stderr: ''});
  });

  test('also where the log is rotated all the while', async () => {
    const place = makeLogPlace();
    const rotating = spawn('php', [script, 'rotate', place.log, '300000'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const ended = new Promise((resolve) => rotating.once('exit', resolve));
    try {
      await appendAll(place);
    } finally {
      rotating.stdin.end();
    }
    expect(await ended).toBe(0);
    const directory = path.dirname(place.log);
    const files = fs.readdirSync(directory).map((name) => path.join(directory, name));
    expect(files.length).toBeGreaterThan(5);
    const found = numbersIn(files);
    for (const numbers of Object.values(found)) numbers.sort((a, b) => a - b);
    expect(found).toEqual(all);
  });
});

describe('PHP makes of a line of ours the same bytes', () => {
  test('whatever it says', async () => {
    const text = fc.oneof(
      fc.string({unit: 'binary', maxLength: 20}),
      fc.string({
        unit: fc.constantFrom('/', '\\', '"', '\u2028', '\u2029', '\u007f', '\u0000', '\u001f', '😀'),
      }),
    );
    const happenings = fc.sample(anyHappening(text), 1500);
    const lines = happenings.map((each) =>
      auditText(auditLine(each, '/srv/é', {SUDO_USER: '<ü>'}, new Date())),
    );
    const file = `${temporaryDirectory()}/lines`;
    fs.writeFileSync(file, lines.join(''));
    expect(await php('same', file)).toMatchObject({code: 0, stdout: '', stderr: ''});
  });

  test('that commands have written', async () => {
    const {root, restore, command} = makeRestorable();
    await command('backup', 'run', '--label=é/ü "x"');
    await command('backup', 'verify', '--all');
    await restore('--ticket=INC-4711/é');
    await magds(['evidence', 'export', '--session=1', '--root', root]);
    const log = `${root}/storage/logs/audit.log`;
    expect(fs.readFileSync(log, 'utf8').split('\n').length).toBeGreaterThan(6);
    expect(await php('same', log)).toMatchObject({code: 0, stdout: '', stderr: ''});
  });
});
