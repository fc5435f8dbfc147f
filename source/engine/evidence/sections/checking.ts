import {beginMark, code, digestMark, endMark, list, paragraph} from '../markdown.ts';
import type {EvidenceRecord} from '../schema.ts';

/** What files of the first schema show; lines beginning with `<` or a backtick, put into the record, get past it. */
const firstCommands = [
  'sha256sum -c evidence.md.sha256',
  `[ "$(sed -n '/^<!-- BEGIN EVIDENCE JSON -->$/,/^<!-- END EVIDENCE JSON -->$/{/^[<\`]/!p}' evidence.md | tr -d '\\n' | sha256sum | cut -d' ' -f1)" = "$(sed -n 's/^Record SHA-256: //p' evidence.md)" ] && echo record ok`,
  'ssh-keygen -Y verify -f allowed_signers -I alice@example.org -n restore-evidence@magds -s evidence.md.sig < evidence.md',
];

const rendered =
  'All that stands above the record follows from the record: `magds evidence check` writes it again and compares. What stands in `code` or in a block is text of the machine it came from; a character that is no printable ASCII, or that markdown would obey, is written as `\\u{hex}`.';

export const firstCheckingSection = ({signer}: EvidenceRecord): string[] => [
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
  ...firstCommands,
  '```',
  '',
  ...paragraph(
    signer
      ? 'This file says that it is signed: with its signature, and with a list of signers that came to you another way, it is tamper-evident. Without checking the signature, it shows corruption only.'
      : 'This file is not signed: it shows corruption only. Whoever can change it can change its digests too. It would be tamper-evident when signed.',
  ),
  ...paragraph(rendered),
];

/** An address that a shell takes as it is. */
const plainName = /^[A-Za-z0-9][\w.@+-]*$/;

const someone = 'alice@example.org';

/** The six lines around the record, but for the record itself; the last one has its digest. */
const frame = [beginMark, '````json', '````', endMark, ''];
const quoted = (texts: string[]): string => texts.map((text) => `'${text}'`).join(' ');

/**
 * What any machine with coreutils and OpenSSH can do: each check prints PASS or FAIL, a missing file included. The record
 * is found by its place at the end, not by its marks: nothing that is put in beside it is passed over.
 */
export const checkCommands = ({signer}: EvidenceRecord): string[] => [
  "f='evidence.md'",
  `check() { if [ "$2" = "$3" ]; then echo "PASS: $1"; else echo "FAIL: $1"; fi; }`,
  `check 'the file is as it was written' \\`,
  `  "$(sha256sum < "$f")" "$(cut -c 1-64 < "$f.sha256")  -"`,
  `check 'the record fits its digest' \\`,
  `  "${digestMark}$(tail -n 5 "$f" | head -n 1 | tr -d '\\n' | sha256sum | cut -c 1-64)" "$(tail -n 1 "$f")"`,
  `check 'the file ends with the record' \\`,
  `  "$(tail -n 7 "$f" | sed -e 3d -e '$d' | sha256sum)" \\`,
  `  "$(printf '%s\\n' ${quoted(frame)} | sha256sum)"`,
  `check 'there is no second record' 3 \\`,
  `  "$(grep -c ${[beginMark, endMark, digestMark].map((mark) => `-e '^${mark}'`).join(' ')} "$f")"`,
  ...(signer
    ? [
        `who=${signer.principal !== null && plainName.test(signer.principal) ? signer.principal : someone}`,
        'ssh-keygen -Y verify -f allowed_signers -I "$who" -n restore-evidence@magds -s "$f.sig" < "$f" \\',
        '  && echo "PASS: signed by $who" || echo "FAIL: signed by $who"',
      ]
    : []),
];

export const checkingSection = (record: EvidenceRecord): string[] => [
  ...paragraph(
    'Put the name of this file for `evidence.md`, and run all of it with `sh`, its digest beside it. Each check prints PASS or FAIL.',
  ),
  ...(record.signer
    ? paragraph(
        `Beside it have its signature, and \`allowed_signers\`, a list of signers that came to you another way. After \`who=\` stands who signed it, as that list names them; the file says: ${code(record.signer.principal)}.`,
      )
    : []),
  '```sh',
  ...checkCommands(record),
  '```',
  '',
  ...list(
    [
      'The first four show corruption only: whoever can change the file can write all of it anew, digests included.',
      record.signer
        ? 'The last one shows tampering: without it, this file proves no more than an unsigned one.'
        : 'This file is not signed: it cannot show tampering. What speaks against a file that was written anew is kept elsewhere: the audit log has its digest.',
    ],
    '',
  ),
  ...paragraph(rendered),
];
