import {isLine, said} from '../../session/lines.ts';
import {beginMark, code, digestMark, endMark, list, paragraph} from '../markdown.ts';
import type {EvidenceBackup, EvidenceRecord, EvidenceSession} from '../schema.ts';

/** What files of the first schema show; lines beginning with `<` or a backtick, put into the record, get past it. */
const firstCommands = [
  'sha256sum -c evidence.md.sha256',
  `[ "$(sed -n '/^<!-- BEGIN EVIDENCE JSON -->$/,/^<!-- END EVIDENCE JSON -->$/{/^[<\`]/!p}' evidence.md | tr -d '\\n' | sha256sum | cut -d' ' -f1)" = "$(sed -n 's/^Record SHA-256: //p' evidence.md)" ] && echo record ok`,
  'ssh-keygen -Y verify -f allowed_signers -I alice@example.org -n restore-evidence@magds -s evidence.md.sig < evidence.md',
];

const shell = (commands: string[]): string[] => ['```sh', ...commands, '```', ''];

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
  ...shell(firstCommands),
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

const after = (mark: string): string => `/^${mark}$/`;

/**
 * What any machine with coreutils and OpenSSH can do: each check prints PASS or FAIL, a missing file included. The record's
 * digest is over all that stands between its marks: no line that is put in there is passed over.
 */
export const checkCommands = ({signer}: EvidenceRecord): string[] => [
  "f='evidence.md'",
  `check() { if [ -n "$2" ] && [ "$2" = "$3" ]; then echo "PASS: $1"; else echo "FAIL: $1"; fi; }`,
  'digest() { sha256sum | cut -c 1-64; }',
  `marked() { sed -e '1,${after(beginMark)}d' -e '${after(endMark)},$d' "$f"; }`,
  `check 'the file is as it was written' "$(digest < "$f")" "$(cut -c 1-64 < "$f.sha256")"`,
  `check 'the record fits its digest' "${digestMark}$(marked | digest)" "$(tail -n 1 "$f")"`,
  `check 'the file ends with the record' "$(tail -n 3 "$f" | sed -e '$d' | digest)" "$(printf '%s\\n\\n' '${endMark}' | digest)"`,
  `check 'there is no second record' 3 "$(grep -c ${[beginMark, endMark, digestMark].map((mark) => `-e '^${mark}'`).join(' ')} "$f")"`,
  ...(signer
    ? [
        `who=${signer.principal !== null && plainName.test(signer.principal) ? signer.principal : someone}`,
        'ssh-keygen -Y verify -f allowed_signers -I "$who" -n restore-evidence@magds -s "$f.sig" < "$f" \\',
        '  && echo "PASS: signed by $who" || echo "FAIL: signed by $who"',
      ]
    : []),
];

/** The bytes of session.jsonl: whether it was whole, its chain is to hold. */
const chainCommands = ({record_sha256: whole, broken, torn, lines}: EvidenceSession): string[] => [
  ...(whole !== null && broken === null && !torn
    ? [
        `check 'the lines of the session are those of its record' "$(lines | digest)" "$(record | jq -r '.session.record_sha256 // empty')"`,
      ]
    : []),
  ...(lines.length > 1
    ? [
        `check 'each line of the session names the one before it' "$(echo; lines | sed '$d' | while IFS= read -r line; do printf %s "$line" | digest; done)" "$(lines | jq -r .previous)"`,
      ]
    : []),
];

const lastOf = (type: string): string => `[inputs | select(.type == "${type}")][-1].data`;

/** Only where the session's record has what it was made of. */
const planCommands = ({plan, lines, checklist_sha256: checklist}: EvidenceSession): string[] => [
  ...(plan !== null && typeof said(lines.findLast(isLine('plan')), 'hashed') === 'string'
    ? [
        `check 'the plan is the one that was agreed to' "$(lines | jq -jn '${lastOf('plan')}.hashed' | digest | cut -c 1-16)" "$(record | jq -r '.session.plan // empty')"`,
      ]
    : []),
  ...(checklist !== null && lines.some(isLine('checklist'))
    ? [
        `check 'the steps are those that were asked for' "$(lines | jq -acjnS '${lastOf('checklist')}' | digest)" "$(record | jq -r '.session.checklist_sha256 // empty')"`,
      ]
    : []),
];

/** As storage/manifest/digest.ts makes it: what verifying writes is left out, and a list is a list as PHP has it. */
const contentProgram = [
  'def php: if type == "array" then map(php) elif type != "object" then . else with_entries(.value |= php)',
  '  | if keys_unsorted == [range(length) | tostring] then [.[]] else . end end;',
  '(.metadata | if type == "object"',
  '  then with_entries(select(.key | startswith("last_verif") | not)) else . end | php) as $m',
  '  | with_entries(select(.key != "metadata")) | if $m == null or $m == [] then . else . + {metadata: $m} end | php',
];

/** The one character that `jq` and this program write in two ways. */
const del = /\x7f|\\u007f/i;

const manifestCommands = ({manifest: {text, sha256, digest, replaced}}: EvidenceBackup): string[] => [
  ...(text === null || sha256 === null || replaced
    ? []
    : [
        `check 'the manifest is the one whose digest is recorded' "$(manifest | digest)" "$(record | jq -r '.backup.manifest.sha256 // empty')"`,
        ...(digest === null || del.test(text)
          ? []
          : [
              `content='${contentProgram.join('\n')}'`,
              `check 'the content of the manifest fits its digest' "$(manifest | jq -cj "$content" | digest)" "$(record | jq -r '.backup.manifest.digest // empty')"`,
            ]),
      ]),
];

/** How the digests that a record names are made, with `jq` beside it. They follow `checkCommands` in the same shell. */
function madeCommands({session, backups, kind}: EvidenceRecord): string[] {
  const [backup] = backups;
  const made = [
    ...(session ? chainCommands(session) : []),
    ...(session ? planCommands(session) : []),
    ...(backup && kind !== 'catalog' ? manifestCommands(backup) : []),
  ];
  return made.length === 0
    ? []
    : [
        `record() { marked | sed -e 1d -e '$d'; }`,
        `lines() { record | jq -r '.session_line // empty'; }`,
        `manifest() { record | jq -j '.backup.manifest.text // empty'; }`,
        ...made,
      ];
}

const madePart = (commands: string[]): string[] =>
  commands.length === 0
    ? []
    : [
        ...paragraph(
          'The record is a line of JSON for each group of facts. How the digests in it are made, each of them again, in the same shell and with `jq`:',
        ),
        ...shell(commands),
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
  ...shell(checkCommands(record)),
  ...madePart(madeCommands(record)),
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
