import {unsignedText} from './check-beside.ts';
import type {EvidenceCheck} from './checks.ts';

/**
 * What a reader may conclude of a file whose checks were these, a sentence each, before how it was found: was it damaged,
 * who stands for it, since when it was there, who approved it.
 */
export function conclusionOf(checks: EvidenceCheck[]): string[] {
  const held = (name: string): EvidenceCheck | undefined =>
    checks.find((check) => check.name === name && check.state === 'ok');
  const unchecked = (name: string): string | undefined =>
    checks.find((check) => check.name === name && check.gap)?.text.replace(/\.$/, '');
  const bad = checks.filter(({state}) => state === 'failed');
  if (bad.length > 0)
    return ['Nothing: a check failed. It, or something that it names, may have been changed.'];
  const signature = held('signature');
  const signer = held('signer');
  const stamp = held('time stamp');
  const approval = held('approval');
  const log = held('audit log');
  const isUnsigned = checks.some(({text}) => text === unsignedText) || !signature;
  // It is there, and what would check it is not.
  const uncheckedSignature = unchecked('signature');
  const uncheckedApproval = unchecked('approval');
  return [
    uncheckedSignature
      ? `No accident has changed it. Who vouches for it could not be checked: ${uncheckedSignature}.`
      : isUnsigned
        ? 'No accident has changed it. Nobody vouches for it: whoever can write to it can have rewritten all of it.'
        : signer
          ? `Nobody has changed it since it was signed by ${signer.text}.`
          : `It is what the holder of a key signed, and nobody has changed it since; whose key that is was not checked: ${signature.text}.`,
    ...(stamp ? [`It was there by then, as a third party says: ${stamp.text}.`] : []),
    ...(log ? [`The audit log that was given has it too: ${log.text}.`] : []),
    approval
      ? `${held('approver') ? 'Approved' : 'Approved, by a key whose owner was not checked'}: ${approval.text}.`
      : uncheckedApproval
        ? `Whether a second person has approved it could not be checked: ${uncheckedApproval}.`
        : 'No second person has approved it.',
  ];
}
