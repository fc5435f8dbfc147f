import {describe, expect, test} from 'vitest';
import {unsignedText} from '../../../source/engine/evidence/check-beside.ts';
import {type EvidenceCheck, failed, gap, holds, notChecked} from '../../../source/engine/evidence/checks.ts';
import {conclusionOf} from '../../../source/engine/evidence/conclude.ts';

const signature = holds('signature', 'it covers this very file, with the key SHA256:x');
const signer = holds('signer', 'alice@example.org, as signers says');
const stamp = holds('time stamp', 'the file was there at 2026-11-23T16:00:00Z');
const approval = holds('approval', 'by bob on srv1');
const log = holds('audit log', 'its digest is in line 9');

const corruption =
  'No accident has changed it. Nobody vouches for it: whoever can write to it can have rewritten all of it.';
const nobody = 'No second person has approved it.';

describe('what a reader may conclude', () => {
  test.each<[string, EvidenceCheck[], string[]]>([
    ['nothing is checked', [], [corruption, nobody]],
    ['it is unsigned', [notChecked('signature', unsignedText)], [corruption, nobody]],
    [
      'nothing is there to check its signature and its approval with',
      [gap('signature', 'ssh-keygen is not installed'), gap('approval', 'ssh-keygen is not installed')],
      [
        'No accident has changed it. Who vouches for it could not be checked: ssh-keygen is not installed.',
        'Whether a second person has approved it could not be checked: ssh-keygen is not installed.',
      ],
    ],
    [
      'its signer is known',
      [signature, signer],
      ['Nobody has changed it since it was signed by alice@example.org, as signers says.', nobody],
    ],
    [
      'its signer was not checked',
      [signature, notChecked('signer', 'whose key that is')],
      [
        'It is what the holder of a key signed, and nobody has changed it since; whose key that is was not checked: it covers this very file, with the key SHA256:x.',
        nobody,
      ],
    ],
    [
      'all of it holds',
      [signature, signer, stamp, approval, holds('approver', 'bob'), log],
      [
        'Nobody has changed it since it was signed by alice@example.org, as signers says.',
        'It was there by then, as a third party says: the file was there at 2026-11-23T16:00:00Z.',
        'The audit log that was given has it too: its digest is in line 9.',
        'Approved: by bob on srv1.',
      ],
    ],
    [
      'who approved it was not checked',
      [approval, notChecked('approver', 'whose key')],
      [corruption, 'Approved, by a key whose owner was not checked: by bob on srv1.'],
    ],
    [
      'a time stamp and a log were looked at and not checked',
      [notChecked('time stamp', 'whose clock'), notChecked('audit log', 'x')],
      [corruption, nobody],
    ],
  ])('%s', (_, checks, due) => expect(conclusionOf(checks)).toEqual(due));

  test.each(['signature', 'approval', 'time stamp', 'audit log', 'prose', 'chain'])(
    'nothing, where the %s fails, whatever else holds',
    (name) => {
      const found = conclusionOf([signature, signer, stamp, approval, log, failed(name, 'x')]);
      expect(found).toEqual([
        'Nothing: a check failed. It, or something that it names, may have been changed.',
      ]);
    },
  );
});
