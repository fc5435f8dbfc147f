import fs from 'node:fs';
import path from 'node:path';
import {temporaryDirectory} from './temporary.ts';

/** What happens when the clients of a server have come to a step: a statement, or the start or end of another client. */
export type Fault = {
  at: number;
  /** Only steps of this letter are counted: how often a server is asked whether it is over may differ. */
  of?: string;
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
  letter: string,
  fault: Fault | null,
): string => `#!/usr/bin/perl
use strict; use Fcntl ':flock'; use IO::Handle;
my ($at, $after) = (${fault?.at ?? 0}, ${fault?.when === 'after' ? 1 : 0});
my $parent = getppid();
sub step { my ($said) = @_; open(my $f, '>>', '${directory}/steps'); flock($f, LOCK_EX); print $f $said; $f->flush; return counted($said); }
sub counted { my ($said) = @_; my $of = '${fault?.of ?? ''}'; return -s '${directory}/steps' if $of eq ''; return 0 if $said ne $of;
  open(my $f, '<', '${directory}/steps'); my $all = <$f>; return () = $all =~ /$of/g; }
sub strike { my ($pid) = @_; local $SIG{CHLD} = 'DEFAULT'; system('sh', '-c', q{${fault?.strike ?? ':'}}, 'sh', $parent, $pid); }
if ('${letter}' eq 's') {
  my $pid = open(my $out, '|-', '${real}', @ARGV); $out->autoflush(1);
  $SIG{CHLD} = sub { waitpid($pid, 0); exit($? >> 8 || 2); };
  my $said = 's';
  while (<STDIN>) {
    $said = 'R' if / RENAME TO /;
    my $n = 0;
    if ($_ eq ";\\n") { $n = step($said); $said = 's'; }
    strike($pid) if $n && $n == $at && !$after;
    print $out $_;
    if ($n && $n == $at && $after) { select(undef, undef, undef, 0.03); strike($pid); }
  }
  $SIG{CHLD} = 'DEFAULT'; close $out; exit($? >> 8);
}
if (($ARGV[0] // '') eq '--version') { exec('${real}', @ARGV); }
my $n = step('${letter}');
strike(0) if $n == $at && !$after;
my $pid = fork();
exec('${real}', @ARGV) if !$pid;
strike($pid) if $n == $at && $after;
waitpid($pid, 0); my $code = $? >> 8 || $? & 127;
$n = step('${letter}');
strike(0) if $n == $at;
exit($code);
`;

const letters = {psql: 's', pg_dump: 'd', pg_dumpall: 'g', pg_restore: 'r'};

/** Clients of PostgreSQL that count what they do, and stumble where they are told to. */
export class CountedClients {
  readonly #directory = temporaryDirectory();
  /** For whoever is to use them. */
  readonly env: Record<string, string>;

  /** @param bin where the real ones are */
  constructor(bin: string, fault: Fault | null) {
    for (const [name, letter] of Object.entries(letters)) {
      const text = script(`${bin}/${name}`, this.#directory, letter, fault);
      fs.writeFileSync(path.join(this.#directory, name), text, {mode: 0o755});
    }
    this.env = {PATH: `${this.#directory}:${process.env['PATH'] ?? ''}`};
  }

  /** A letter for each step: `s` a statement, `R` one that renames, `d`, `g` and `r` the start or end of pg_dump, pg_dumpall and pg_restore. */
  get steps(): string {
    const file = path.join(this.#directory, 'steps');
    return fs.existsSync(file) ? fs.readFileSync(file, 'latin1') : '';
  }
}
