import {completerWord} from '../engine/base/own-words.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {writeOut} from '../terminal/standard-output.ts';
import {type Command, type Invocation, type NoFlags, wrongUsage} from './command.ts';

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
const scripts = {
  bash: `_magds() {
  local IFS=$'\\n' program="\${COMP_WORDS[0]/#\\~\\//$HOME/}"
  COMPREPLY=($("$program" ${completerWord} bash "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [[ "\${COMPREPLY[0]}" == *= ]] && compopt -o nospace
}
complete -o default -F _magds magds
`,
  // Nothing may be put behind a flag that takes a value. As a file in $fpath it is run by the first Tab.
  zsh: `#compdef magds
_magds() {
  local -a found
  found=("\${(@f)$(\${~words[1]} ${completerWord} zsh "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then
    compadd -S '' -- "\${(@M)found:#*=}"
    compadd -- "\${(@)found:#*=}"
  else
    compset -P '--*='
    _files
  fi
}
if [[ "\${funcstack[1]}" == _magds ]]; then _magds; else compdef _magds magds; fi
`,
  fish: `function __magds_find
  set -l words (commandline -opc)
  set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
  set -g __magds_found ($program ${completerWord} fish $words[2..-1] (commandline -ct) 2>/dev/null)
  test (count $__magds_found) -gt 0
end
complete -c magds -f -n __magds_find -a '$__magds_found'
`,
};

type Shell = keyof typeof scripts;
export const shells = Object.keys(scripts) as Shell[];
export const completionOf = (shell: Shell): string => scripts[shell];

async function run({rest: [given]}: Invocation): Promise<ExitCode> {
  const shell = shells.find((each) => each === given);
  if (shell === undefined) return wrongUsage(`For which shell? magds completion ${shells.join('|')}`);
  await writeOut(completionOf(shell));
  return exitCode.done;
}
