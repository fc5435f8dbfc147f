import os from 'node:os';
import {commands, nameOf} from './commands/all.ts';
import type {Invocation} from './commands/command.ts';
import type {Parsed} from './commands/parse.ts';
import {asciiJson, escapeText} from './engine/base/escape.ts';
import {checkerWord, comparerWord, completerWord, runnerWord} from './engine/base/own-words.ts';
import {
  describeError,
  describeSystemError,
  type ExitCode,
  exitCode,
  firstError,
  Problem,
} from './engine/base/problem.ts';
import {aboutProgram} from './engine/base/version.ts';
import {
  holdOutput,
  isUnsaid,
  outputError,
  releaseOutput,
  say,
  watchStandardOutput,
  writeLine,
  writeOut,
} from './terminal/standard-output.ts';

const nothing: Parsed = {flags: {}, named: null, rest: [], group: []};

/** The app needs a terminal on both ends; everything else does not. */
function checkTerminal(): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return;
  throw new Problem(
    exitCode.usage,
    'The app needs a terminal, and there is none here. For scripts use "magds backup list", "magds backup verify --all --json"; see "magds --help".',
  );
}

/** Release directories get deleted under one's feet; then only absolute paths mean anything. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    say('! The working directory was deleted: cd somewhere else, or give absolute paths.');
    // No thread, and not every program, can be started in one that is not there.
    process.chdir('/');
    return '/';
  }
}

async function openApp(
  invocation: Pick<Invocation, 'cwd' | 'signal'> & Pick<Parsed, 'flags'>,
): Promise<ExitCode> {
  for (const name of ['json', 'quiet'] as const)
    if (invocation.flags[name])
      throw new Problem(
        exitCode.usage,
        `--${name} goes with a command, such as "magds backup list --${name}".`,
      );
  checkTerminal();
  const place = (await import('./commands/command.ts')).placeOf(invocation);
  const badSince =
    invocation.flags.badSince === undefined
      ? undefined
      : (await import('./commands/about.ts')).badSinceOf(invocation.flags, Date.now());
  const {startApp} = await import('./ui/start.tsx');
  return startApp(place, {
    readOnly: invocation.flags.readOnly ?? false,
    plain: invocation.flags.plain ?? false,
    environment: invocation.flags.env,
    badSince: badSince ?? undefined,
    signal: invocation.signal,
  });
}

/** For work that has to end in order; without it a signal ends the process at once, as the system does. */
function endInOrder(stop: AbortController): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort(name));
}

async function run(argv: string[], stop: AbortController): Promise<ExitCode> {
  const {signal} = stop;
  if (argv[0] === runnerWord) return (await import('./commands/restore-runner.ts')).runner();
  if (argv[0] === checkerWord || argv[0] === comparerWord) {
    // What is typed at the terminal is for whoever asks it, who ends it.
    endInOrder(stop);
    if (argv[0] === checkerWord) await (await import('./engine/content/serve.ts')).serveChecks();
    else await (await import('./engine/differences/serve.ts')).serveComparison();
    return exitCode.done;
  }
  if (argv[0] === completerWord) return (await import('./commands/complete.ts')).complete(argv.slice(1));
  const cwd = workingDirectory();
  const workers = commands[nameOf(argv) ?? '']?.workers;
  if (workers !== undefined) (await import('./engine/hashing/pool.ts')).sharedPool().warm(workers);
  // `magds` alone has nothing to parse, and should be there at once.
  const {flags, named, rest, group} =
    argv.length === 0 ? nothing : await (await import('./commands/parse.ts')).parse(argv);
  // Ink and chalk know FORCE_COLOR only, and read it when they are loaded (TERMINAL.md).
  if (flags.color === false || process.env['NO_COLOR']) process.env['FORCE_COLOR'] = '0';
  if (flags.version) {
    await writeOut(`${aboutProgram()}\n`);
    return exitCode.done;
  }
  if (flags.licenses) {
    await writeOut((await import('./engine/base/licences.ts')).licences());
    return exitCode.done;
  }
  if (flags.help) {
    const {help} = await import('./commands/help.ts');
    await writeOut(await help(group.length > 0 ? group : named));
    return exitCode.done;
  }
  if (group.length > 0) {
    // What a timer runs with a word left out must not pass for done.
    process.stderr.write(await (await import('./commands/help.ts')).help(group));
    return exitCode.usage;
  }
  if (!named?.command.endsAtOnce) endInOrder(stop);
  if (named && flags.quiet) holdOutput();
  return named
    ? named.command.run({flags, rest, cwd, signal, name: named.name})
    : openApp({flags, cwd, signal});
}

/** What an error says, and the code that it ends with. */
function told(thrown: unknown, signal: AbortSignal): {exit: ExitCode; message: string} {
  const error = firstError(thrown);
  if (signal.aborted && error === signal.reason) return {exit: exitCode.cancelled, message: 'Cancelled.'};
  if (error instanceof Problem) return {exit: error.exit, message: error.message};
  const said = describeSystemError(error);
  // What was not foreseen is a fault of this program; where it lies is for MAGDS_DEBUG, not for the operator's screen.
  const message =
    said === null
      ? `something went wrong inside this program: ${describeError(error)}. With MAGDS_DEBUG=1 it says where.`
      : `${said}.`;
  return {exit: exitCode.failed, message};
}

/** As a shell says that a signal ended something: 143 for SIGTERM. */
function codeOf(exit: ExitCode, {reason}: AbortSignal): number {
  const number = Object.entries(os.constants.signals).find(([name]) => name === reason)?.[1];
  return exit === exitCode.cancelled && number !== undefined ? 128 + number : exit;
}

async function report(error: unknown, argv: string[], signal: AbortSignal): Promise<number> {
  const {exit, message} = told(error, signal);
  const code = codeOf(exit, signal);
  say(`magds: ${escapeText(message)}`);
  if (process.env['MAGDS_DEBUG'] && error instanceof Error && !(error instanceof Problem))
    process.stderr.write(`${error.stack}\n`);
  // What reads the last line must find one, however wrong the others were.
  if (argv.slice(0, [...argv, '--'].indexOf('--')).includes('--json'))
    await writeLine(asciiJson({message_type: 'exit_error', code, message}));
  return code;
}

async function main(argv: string[]): Promise<void> {
  const stop = new AbortController();
  let code = await run(argv, stop).then(
    (exit) => codeOf(exit, stop.signal),
    (error: unknown) => report(error, argv, stop.signal),
  );
  await releaseOutput(code !== exitCode.done && code !== exitCode.known);
  const lost = outputError();
  if (lost) {
    say(`magds: the output could not be written: ${describeError(lost)}.`);
    if (code === exitCode.done) code = exitCode.failed;
  }
  process.exitCode = code;
  // What was last said on stderr fails later than it is said.
  process.once('exit', () => {
    if (isUnsaid() && code === exitCode.done) process.exitCode = exitCode.failed;
  });
}

watchStandardOutput();
void main(process.argv.slice(2));
