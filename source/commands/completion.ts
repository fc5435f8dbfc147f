import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {writeOut} from '../terminal/standard-output.ts';
import {type Command, type Invocation, type NoFlags, wrongUsage} from './command.ts';
import {completerWord} from './completer-word.ts';

export const command: Command<NoFlags> = {
  summary: 'what Tab completes in a shell: commands, flags, ids of backups, numbers of sessions',
  task: 'Set up',
  operands: ['bash|zsh|fish'],
  flags: {},
  examples: ['source <(magds completion bash)', 'magds completion fish | source'],
  endsAtOnce: true,
  run,
};

/** What each shell is given: it asks this program what may come next, so that nothing has to be kept up to date. */
const scripts: Record<string, string> = {
  bash: `_magds() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" ${completerWord} bash "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [[ "\${COMPREPLY[0]}" == *= ]] && compopt -o nospace
}
complete -o default -F _magds magds
`,
  zsh: `#compdef magds
_magds() {
  local -a found
  found=("\${(@f)$("\${words[1]}" ${completerWord} zsh "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -z "\${found[1]}" ]]; then _files
  elif [[ "\${found[1]}" == *= ]]; then compadd -S '' -- "\${found[@]}"
  else compadd -- "\${found[@]}"
  fi
}
compdef _magds magds
`,
  fish: `complete -c magds -a '(magds ${completerWord} fish (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
};

async function run({rest: [shell = '']}: Invocation): Promise<ExitCode> {
  const known = Object.keys(scripts);
  if (!known.includes(shell)) return wrongUsage(`For which shell? magds completion ${known.join('|')}`);
  await writeOut(scripts[shell] ?? '');
  return exitCode.done;
}
