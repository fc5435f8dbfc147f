import fs from 'node:fs';
import path from 'node:path';
import {temporaryDirectory} from './temporary.ts';

/** What happens when the clients of a server have come to a step: a statement, or the start or end of another client. */
export type Fault = {
  at: number;
  /** `before` the step is done, or once the server has been given it. */
  when: 'before' | 'after';
  /** Shell commands; `$1` is the process that has started the client, `$2` the client itself. */
  strike: string;
};

/** Of one process, which is gone with all that it has. */
export const killed = 'kill -9 $1';

const script = (
  real: string,
  directory: string,
  isPsql: boolean,
  fault: Fault | null,
): string => `#!/usr/bin/perl
use strict; use Fcntl ':flock'; use IO::Handle;
my ($at, $after) = (${fault?.at ?? 0}, ${fault?.when === 'after' ? 1 : 0});
my $parent = getppid();
sub step { open(my $f, '>>', '${directory}/steps'); flock($f, LOCK_EX); print $f '.'; $f->flush; return -s '${directory}/steps'; }
sub strike { my ($pid) = @_; system('sh', '-c', q{${fault?.strike ?? ':'}}, 'sh', $parent, $pid); }
if (${isPsql ? 1 : 0}) {
  my $pid = open(my $out, '|-', '${real}', @ARGV); $out->autoflush(1);
  while (<STDIN>) {
    my $n = step();
    strike($pid) if $n == $at && !$after;
    print $out $_;
    if ($n == $at && $after) { select(undef, undef, undef, 0.03); strike($pid); }
  }
  close $out; exit($? >> 8);
}
my $n = step();
strike(0) if $n == $at && !$after;
my $pid = fork();
exec('${real}', @ARGV) if !$pid;
if ($n == $at && $after) { select(undef, undef, undef, 0.1); strike($pid); }
waitpid($pid, 0); my $code = $? >> 8 || $? & 127;
$n = step();
strike(0) if $n == $at;
exit($code);
`;

/** Clients of PostgreSQL that count what they do, and stumble where they are told to. */
export class CountedClients {
  readonly #directory = temporaryDirectory();
  /** For whoever is to use them. */
  readonly env: Record<string, string>;

  /** @param bin where the real ones are */
  constructor(bin: string, fault: Fault | null) {
    for (const name of ['psql', 'pg_dump', 'pg_dumpall', 'pg_restore']) {
      const text = script(`${bin}/${name}`, this.#directory, name === 'psql', fault);
      fs.writeFileSync(path.join(this.#directory, name), text, {mode: 0o755});
    }
    this.env = {PATH: `${this.#directory}:${process.env['PATH'] ?? ''}`};
  }

  get steps(): number {
    return fs.lstatSync(path.join(this.#directory, 'steps'), {throwIfNoEntry: false})?.size ?? 0;
  }
}
