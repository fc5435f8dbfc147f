import {whyLate} from '../backup/next-id.ts';
import {hasProc} from '../base/open-inside.ts';
import {describeError} from '../base/problem.ts';
import {lastLine, runTool} from '../base/run-tool.ts';
import {aboutProgram} from '../base/version.ts';
import {nodeSqlite} from '../datasets/node-sqlite.ts';
import {clockOf} from '../session/context.ts';
import {beware, type Found, type InRoot, type LaterFindings, unknown, wrong} from './check.ts';
import type {Subject} from './subject.ts';

/** Whether ids stay in the order of time. */
export async function* checkClock(subject: InRoot): LaterFindings {
  const {listing} = subject.catalog;
  const late = whyLate([...listing.ids, ...listing.held.map(({id}) => id)]);
  if (late !== null) {
    yield wrong(late, 'Until then no backup can be made. What the clock says:', ['timedatectl; date -u']);
    return undefined;
  }
  const {synchronised, offset_seconds: offset, source} = await clockOf();
  if (synchronised === null)
    return 'not behind the newest backup; whether it is synchronised is not known here (no chrony, no systemd)';
  if (!synchronised)
    yield beware(
      `not synchronised, says ${source}: names of backups and times in the record may be wrong`,
      'Start what keeps it right:',
      [source === 'systemd' ? 'timedatectl set-ntp true' : 'chronyc tracking'],
    );
  const off = offset === null ? '' : `, off by ${Math.abs(offset).toFixed(3)} s`;
  return `synchronised, says ${source}${off}`;
}

/** Programs of the system that are used, what cannot be done without, and the package that has each. */
const tools = [
  {file: 'flock', args: ['--version'], say: wrong, without: 'nothing can be written', from: 'util-linux'},
  {file: 'cp', args: ['--version'], say: wrong, without: 'nothing can be restored', from: 'coreutils'},
  {
    file: 'ssh-keygen',
    args: ['-?'],
    say: beware,
    without: 'evidence cannot be signed or checked',
    from: 'openssh-client',
  },
];

export async function* checkTools({options}: Subject): LaterFindings {
  for (const {file, args, without, say, from} of tools) {
    // Any answer tells that it can be run.
    const result = await runTool(file, args, {seconds: 5, signal: options.signal});
    if (result.state === 'missing')
      yield say(`${file} is not installed: without it ${without}`, `Install the package ${from}.`);
    else if (result.state === 'failed') yield say(`${file}: ${result.reason}: without it ${without}`);
  }
  if (!hasProc)
    yield beware('there is no /proc: who holds a file open, or a lock, cannot be told', 'Mount it.');
  return `${tools.map(({file}) => file).join(', ')} are there`;
}

export async function* checkRuntime(): LaterFindings {
  const said = aboutProgram();
  try {
    const {DatabaseSync} = await nodeSqlite();
    new DatabaseSync(':memory:').close();
  } catch (error) {
    yield wrong(
      `${said}, without SQLite (${describeError(error)}): a database with commits in its WAL cannot be backed up`,
      'Run it with Node.js 22.16 or newer, as nodejs.org builds it.',
    );
  }
  return `${said}, with SQLite`;
}

/** What the app needs to be drawn at all, and all of it. */
const smallest = {columns: 60, rows: 16};
const full = {columns: 80, rows: 24};

export async function* checkTerminal({options}: Subject): LaterFindings {
  const {terminal, env, signal} = options;
  if (!terminal) return 'none here (a pipe, cron): the app needs one, commands do not';
  const {columns, rows, colours} = terminal;
  const size = `${columns}x${rows}`;
  // Some serial lines do not say.
  if (columns <= 0 || rows <= 0) yield unknown('its size is not known', 'Set it:', ['stty cols 80 rows 24']);
  else if (columns < smallest.columns || rows < smallest.rows)
    yield beware(`${size} is too small for the app`, 'Make it 80x24 or larger.');
  else if (columns < full.columns || rows < full.rows)
    yield beware(`${size}: below 80x24 the app leaves things out`, 'Make it larger, or the font smaller.');
  yield* whatIsUnset(env);
  // tmux passes on what sets the clipboard only where it is told to; older ones know no such option, and pass it on.
  const asked = env['TMUX']
    ? await runTool('tmux', ['show-options', '-gwv', 'allow-passthrough'], {seconds: 2, signal})
    : null;
  if (asked?.state === 'ended' && asked.code === 0 && lastLine(asked.stdout.toString('utf8')) === 'off')
    yield beware(
      'tmux keeps what is copied in the app (y) from your terminal',
      'Let it through, in each tmux:',
      ['tmux set-option -gw allow-passthrough on'],
    );
  const inside = env['TMUX'] ? ', in tmux' : env['TERM']?.startsWith('screen') ? ', in screen' : '';
  const colour = env['NO_COLOR'] || colours <= 1 ? 'no colours' : `${2 ** Math.min(colours, 24)} colours`;
  return `${env['TERM']}, ${size}, UTF-8, ${colour}${inside}`;
}

function* whatIsUnset(env: NodeJS.ProcessEnv): Iterable<Found> {
  const term = env['TERM'] ?? '';
  if (term === '' || term === 'dumb')
    yield beware(`TERM is ${term === '' ? 'not set' : '"dumb"'}: the app may not draw correctly`, 'Set it:', [
      'export TERM=xterm-256color',
    ]);
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  if (!/utf-?8/i.test(locale))
    yield beware(
      `its locale is ${locale === '' ? 'not set' : `"${locale}"`}, not UTF-8: names that are not ASCII may be garbled`,
      'If the terminal is UTF-8:',
      ['export LC_ALL=C.UTF-8'],
    );
}
