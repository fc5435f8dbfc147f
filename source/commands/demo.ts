import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {escapeText} from '../engine/base/escape.ts';
import {describeError, type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {makeDemo} from '../engine/demo/make-demo.ts';
import {findPlace} from '../engine/storage/root.ts';
import {say, writeOut} from '../terminal/standard-output.ts';
import type {Command, Invocation, NoFlags} from './command.ts';
import {wrongUsage} from './command.ts';

export const command: Command<NoFlags> = {
  summary:
    'make a root with a dozen backups in every state and an incident to find, and open the app on it if there is a terminal',
  task: 'Set up',
  operands: ['[DIR]'],
  flags: {},
  run,
};

/** There is something to find: how one begins. */
const greeting =
  'For about an hour many balances in the ledger have been wrong. Find the newest copy that is right. Enter compares the chosen backup with what is live.';

const hasTerminal = () => Boolean(process.stdin.isTTY && process.stdout.isTTY);

/** With those that lead to it. Node's own way to that never ends where none can be made, as in /proc. */
function makeDirectory(directory: string): void {
  if (fs.existsSync(directory)) return;
  makeDirectory(path.dirname(directory));
  fs.mkdirSync(directory);
}

/** A directory of the operator's choice stays; it must be new or empty, so that nothing can be overwritten. */
function chosen(given: string): string {
  const root = path.resolve(given);
  const refuse = (why: string): never => {
    wrongUsage(`${root} ${why}. Name a new or an empty directory for the demonstration.`);
  };
  try {
    makeDirectory(root);
    if (fs.readdirSync(root).length > 0) refuse('is not empty');
  } catch (error) {
    if (error instanceof Problem) throw error;
    refuse(`cannot be used: ${describeError(error)}`);
  }
  return root;
}

/** A temporary one goes when the process does, however it ends short of kill -9. */
function temporary(): string {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'magds-demo-'));
  process.once('exit', () => fs.rmSync(root, {recursive: true, force: true}));
  return root;
}

async function run({rest, flags, signal}: Invocation): Promise<ExitCode> {
  for (const flag of ['root', 'backups', 'json'] as const) {
    if (flags[flag] !== undefined)
      wrongUsage(`--${flag} does not go with "magds demo": name a directory only, magds demo DIR.`);
  }
  const [given] = rest;
  if (given === undefined && !hasTerminal()) {
    wrongUsage('There is no terminal to open the app on. To only make the demonstration: magds demo DIR');
  }
  const root = given === undefined ? temporary() : chosen(given);
  say(`Making a demonstration in ${escapeText(root)} …`);
  await makeDemo(root, Math.floor(Date.now() / 1000));
  if (!hasTerminal()) {
    await writeOut(`${escapeText(root)}\n`);
    return exitCode.done;
  }
  const {startApp} = await import('../ui/start.tsx');
  return startApp(findPlace({root, cwd: root}), {
    readOnly: flags.readOnly ?? false,
    plain: flags.plain ?? false,
    greeting,
    signal,
  });
}
