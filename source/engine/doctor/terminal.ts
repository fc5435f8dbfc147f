import {lastLine, runTool} from '../evidence/tool.ts';
import {beware, type Finding, ok, unknown} from './check.ts';
import type {Subject, TerminalFacts} from './subject.ts';

const smallest = {columns: 60, rows: 16};
const full = {columns: 80, rows: 24};

function checkSize({columns, rows}: TerminalFacts): Finding[] {
  const size = `${columns}x${rows}`;
  // Some serial lines do not say.
  if (columns <= 0 || rows <= 0)
    return [unknown('its size is not told', 'Say it:', ['stty cols 80 rows 24'])];
  if (columns < smallest.columns || rows < smallest.rows)
    return [beware(`${size} is too small for the app`, 'Make it 80x24 or larger.')];
  if (columns < full.columns || rows < full.rows)
    return [
      beware(`${size}: below 80x24 the app leaves things out`, 'Make it larger, or the letters smaller.'),
    ];
  return [];
}

function checkKind({colours}: TerminalFacts, env: NodeJS.ProcessEnv): Finding[] {
  const findings: Finding[] = [];
  const term = env['TERM'] ?? '';
  if (term === '' || term === 'dumb')
    findings.push(
      beware(`TERM is ${term === '' ? 'not set' : '"dumb"'}: the app may not draw right`, 'Say what it is:', [
        'export TERM=xterm-256color',
      ]),
    );
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  if (!/utf-?8/i.test(locale))
    findings.push(
      beware(
        `its locale is ${locale === '' ? 'not set' : `"${locale}"`}, not UTF-8: names that are not ASCII may be garbled`,
        'If the terminal is UTF-8:',
        ['export LC_ALL=C.UTF-8'],
      ),
    );
  return colours <= 1 || env['NO_COLOR'] ? [...findings] : findings;
}

/** tmux and screen pass on what sets the clipboard only where they are told to. */
async function checkClipboard({options}: Subject): Promise<Finding[]> {
  const {env, signal} = options;
  if (env['TMUX']) {
    const asked = await runTool('tmux', ['show-options', '-gwv', 'allow-passthrough'], {seconds: 2, signal});
    const said = asked.state === 'ended' && asked.code === 0 ? lastLine(asked.stdout.toString('utf8')) : '';
    // Older ones know no such option, and pass it on.
    if (said === 'off')
      return [
        beware(
          'tmux keeps what is copied in the app (y) from your terminal',
          'Let it through, in each tmux:',
          ['tmux set-option -gw allow-passthrough on'],
        ),
      ];
  }
  return [];
}

export async function checkTerminal(subject: Subject): Promise<Finding[]> {
  const {terminal, env} = subject.options;
  if (!terminal) return [ok('none here (a pipe, cron): the app needs one, commands do not')];
  const findings = [...checkSize(terminal), ...checkKind(terminal, env), ...(await checkClipboard(subject))];
  if (findings.length > 0) return findings;
  const {columns, rows, colours} = terminal;
  const inside = env['TMUX'] ? ', in tmux' : env['TERM']?.startsWith('screen') ? ', in screen' : '';
  const colour = env['NO_COLOR'] || colours <= 1 ? 'no colours' : `${2 ** Math.min(colours, 24)} colours`;
  return [ok(`${env['TERM']}, ${columns}x${rows}, UTF-8, ${colour}${inside}`)];
}
