import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {loadAll} from '../../source/commands/all.ts';
import {candidates} from '../../source/commands/complete.ts';
import {makeBackup, makeRoot} from '../support/backups.ts';
import {environment, node, program} from '../support/program.ts';
import {execute, magds, shell} from '../support/run.ts';
import {temporaryDirectory} from '../support/temporary.ts';
import {openTerminal} from '../support/terminal.ts';

const id = '20261123_100000_nightly';

function makePlace() {
  const {root, backups} = makeRoot();
  makeBackup({backups, id});
  for (const name of ['20261124_100000_$(touch x)', '20261124_110000_;x', '20261124_120000 y'])
    fs.mkdirSync(`${backups}/${name}`);
  return root;
}

const next = (...words: string[]): Promise<string[]> => candidates('zsh', words);

test('commands are completed word by word', async () => {
  const named = await loadAll();
  expect(await next('')).toEqual([...new Set(named.map(({name}) => name.split(' ')[0]))]);
  expect(await next('ba')).toEqual(['backup']);
  expect(await next('backup', 'p')).toEqual(['prune', 'pin']);
  expect(await next('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  expect(await next('session', 'time', 's')).toEqual(['service-back']);
  expect(await next('nothing', '')).toEqual([]);
});

test('flags are those of the command', async () => {
  expect(await next('backup', 'run', '--d')).toEqual(['--dry-run']);
  expect(await next('backup', 'list', '--b')).toEqual(['--bad-since=', '--backups=']);
  expect(await next('restore', '--no-s')).toEqual(['--no-safety-backup']);
  expect(await next('backup', 'list', '--dry')).toEqual([]);
});

test('ids of the root that is named, but for those that a shell would take apart', async () => {
  const root = makePlace();
  for (const words of [
    ['backup', 'show'],
    ['restore'],
    ['backup', 'verify', '--id'],
    ['backup', 'diff', '--with'],
  ]) {
    expect(await next(`--root=${root}`, ...words, '')).toContain(id);
    expect((await next('--root', root, ...words, '2026')).filter((each) => each !== 'status')).toEqual([id]);
  }
  expect(await next('--root', root, 'backup', 'verify', '--id=2')).toEqual([`--id=${id}`]);
  expect(await candidates('bash', ['--root', '=', root, 'backup', 'verify', '--id', '='])).toEqual([id]);
  expect(await next('--root=/nowhere', 'backup', 'show', '')).toEqual([]);
  expect(await next('--root', root, 'session', 'show', '')).toEqual([]);
});

describe('bash', () => {
  const press = async (words: string[], place: string): Promise<string[]> => {
    const list = words.map((word) => `'${word}'`).join(' ');
    const {stdout} = await shell(
      `source <(magds completion bash); COMP_WORDS=(magds ${list}); COMP_CWORD=${words.length}; compopt() { :; }; _magds; printf '%s\\n' "\${COMPREPLY[@]}"`,
      {env: {MAGDS_ROOT: place}},
    );
    return stdout.split('\n').filter(Boolean);
  };

  test('asks the program, and runs nothing that a name says', async () => {
    const root = makePlace();
    expect(await press(['backup', 'l'], root)).toEqual(['list']);
    expect(await press(['backup', 'show', ''], root)).toEqual([id]);
    expect(await press(['backup', 'verify', '--id', '=', '2026'], root)).toEqual([id]);
    expect(await press(['backup', 'run', '--la'], root)).toEqual(['--label=']);
  });

  test('is told of, as the others are; what is none is wrong usage', async () => {
    for (const name of ['bash', 'zsh', 'fish']) {
      const {code, stdout} = await magds(['completion', name]);
      expect({code, stdout}).toEqual({
        code: 0,
        stdout: expect.stringContaining('internal:complete') as string,
      });
    }
    expect(await magds(['completion', 'tcsh'])).toMatchObject({code: 2, stdout: ''});
    expect(await magds(['completion'])).toMatchObject({code: 2, stdout: ''});
  });
});

/** A directory for PATH in which `magds` is the program. */
function programDirectory(): string {
  const directory = temporaryDirectory();
  fs.writeFileSync(`${directory}/magds`, `#!/bin/sh\nexec '${node}' '${program}' "$@"\n`, {mode: 0o755});
  return directory;
}

const has = (shell: string): boolean => spawnSync(shell, ['--version']).error === undefined;

test.skipIf(!has('fish'))(
  'fish asks the program, and offers files where it knows nothing (needs fish)',
  async () => {
    const root = makePlace();
    const home = temporaryDirectory();
    const press = async (line: string): Promise<string[]> => {
      const script = 'magds completion fish | source; complete -C "$argv"';
      const {stdout} = await execute('fish', ['-c', script, line], {
        cwd: root,
        env: {HOME: home, PATH: `${programDirectory()}:${environment['PATH']}`},
      });
      return stdout.split('\n').filter(Boolean);
    };
    expect(await press('magds ba')).toEqual(['backup']);
    expect(await press('magds backup show 2')).toEqual([id]);
    expect(await press('magds evidence check sto')).toEqual(['storage/']);
  },
);

test.skipIf(!has('zsh'))(
  'zsh asks the program, from a file that it loads by the first Tab (needs zsh)',
  async () => {
    const root = makePlace();
    const home = temporaryDirectory();
    fs.writeFileSync(`${home}/_magds`, (await magds(['completion', 'zsh'])).stdout);
    const start = `fpath=(${home} $fpath); autoload -Uz compinit; compinit -u -d ${home}/dump; PS1='ready: '; cd ${root}`;
    fs.writeFileSync(`${home}/.zshrc`, start);
    const session = await openTerminal([], {
      shell: 'exec zsh -i',
      env: {ZDOTDIR: home, HOME: home, PATH: `${programDirectory()}:${environment['PATH']}`},
    });
    await session.waitFor('ready:');
    session.keys('magds ba\tsh\t20261123\t');
    await session.waitFor(`magds backup show ${id}`);
    session.keys('\x15magds backup verify --ma\t7d');
    await session.waitFor('magds backup verify --max-age=7d');
  },
);
