import {list, paragraph} from '../markdown.ts';
import type {EvidenceRecord} from '../schema.ts';

/** EVIDENCE.md, "The file": what any machine with coreutils and OpenSSH can do. */
export const checkLines = [
  'sha256sum -c evidence.md.sha256',
  `[ "$(sed -n '/^<!-- BEGIN EVIDENCE JSON -->$/,/^<!-- END EVIDENCE JSON -->$/{/^[<\`]/!p}' evidence.md | tr -d '\\n' | sha256sum | cut -d' ' -f1)" = "$(sed -n 's/^Record SHA-256: //p' evidence.md)" ] && echo record ok`,
  'ssh-keygen -Y verify -f allowed_signers -I alice@example.org -n restore-evidence@magds -s evidence.md.sig < evidence.md',
];

export const checkingSection = ({signer}: EvidenceRecord): string[] => [
  ...paragraph(
    'Put the name of this file for `evidence.md`, and the address of whoever signed it for `alice@example.org`. Each line below checks one thing:',
  ),
  ...list(
    [
      'the first, that the file is as it was when it was written;',
      'the second, that the record at its end is the one whose digest follows it; it says `record ok`;',
      'the third, that the key of somebody in your list of allowed signers signed it.',
    ],
    '',
  ),
  '```sh',
  ...checkLines,
  '```',
  '',
  ...paragraph(
    signer
      ? 'This file says that it is signed: with its signature, and with a list of signers that came to you another way, it is tamper-evident. Without checking the signature, it shows corruption only.'
      : 'This file is not signed: it shows corruption only. Whoever can change it can change its digests too. It would be tamper-evident when signed.',
  ),
  ...paragraph(
    'All that stands above the record follows from the record: `magds evidence check` writes it again and compares. What stands in `code` or in a block is text of the machine it came from; a character that is no printable ASCII, or that markdown would obey, is written as `\\u{hex}`.',
  ),
];
