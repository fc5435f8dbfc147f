import {hasProc} from '../base/open-inside.ts';
import {describeError} from '../base/problem.ts';
import {programName} from '../base/version.ts';
import {sqlite} from '../datasets/node-sqlite.ts';
import {runTool} from '../evidence/tool.ts';
import {beware, type Finding, ok, wrong} from './check.ts';
import type {Subject} from './subject.ts';

/** Programs of the system that are used, and what for. */
const tools: {file: string; args: string[]; need: string; say: typeof wrong; install: string}[] = [
  {
    file: 'flock',
    args: ['--version'],
    need: 'without it nothing can be written',
    say: wrong,
    install: 'util-linux',
  },
  {
    file: 'cp',
    args: ['--version'],
    need: 'without it nothing can be restored',
    say: wrong,
    install: 'coreutils',
  },
  {
    file: 'ssh-keygen',
    args: ['-?'],
    need: 'without it evidence cannot be signed or checked',
    say: beware,
    install: 'openssh-client',
  },
];

export async function checkTools({options}: Subject): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const {file, args, need, say, install} of tools) {
    // Any answer tells that it can be run.
    const result = await runTool(file, args, {seconds: 5, signal: options.signal});
    if (result.state === 'missing')
      findings.push(say(`${file} is not installed: ${need}`, `Install the package ${install}.`));
    else if (result.state === 'failed') findings.push(say(`${file}: ${result.reason}: ${need}`));
  }
  if (!hasProc)
    findings.push(beware('there is no /proc: who holds a file open, or a lock, cannot be told', 'Mount it.'));
  return findings.length > 0 ? findings : [ok(`${tools.map(({file}) => file).join(', ')} are there`)];
}

export async function checkRuntime(): Promise<Finding[]> {
  const said = `${programName}, Node.js ${process.versions.node}`;
  try {
    const {DatabaseSync} = await sqlite();
    new DatabaseSync(':memory:').close();
    return [ok(`${said}, with SQLite`)];
  } catch (error) {
    return [
      wrong(
        `${said}, without SQLite (${describeError(error)}): a database with commits in its WAL cannot be backed up`,
        'Run it with Node.js 22.16 or newer, as nodejs.org builds it.',
      ),
    ];
  }
}
