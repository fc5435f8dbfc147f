import {knownEvidence, stateOfEvidence} from '../evidence/known.ts';
import {beware, counted, type Finding, ok, some, unknown, wrong} from './check.ts';
import type {Subject} from './subject.ts';

/** Whether the evidence that was written is still there: by its list, and by the audit log, which outlives that. */
export async function checkEvidence(subject: Subject): Promise<Finding[]> {
  const {root, configuration, state, options} = subject;
  if (root === null || !configuration) return [];
  const known = await knownEvidence(state, root, configuration.auditLog.value, options.signal);
  const {inList, unlisted} = known;
  if (inList.length + unlisted.length === 0) return [];
  const {missing, changed, unread} = stateOfEvidence(root, known);
  const findings: Finding[] = [];
  const where =
    'Ask who moved it, and bring it back from where evidence is handed in. All that is known of it:';
  const look = [subject.command('activity')];
  if (changed.length > 0) findings.push(wrong(`changed since it was written: ${some(changed)}`, where, look));
  if (missing.length > 0)
    findings.push(wrong(`gone from storage/runbook/evidence: ${some(missing)}`, where, look));
  if (unlisted.length > 0)
    findings.push(
      beware(
        `${counted(unlisted.length, 'evidence file')} that the audit log names ${unlisted.length === 1 ? 'is' : 'are'} not in the list, storage/runbook/evidence/index.jsonl: ${some(unlisted.map(({file}) => file))}`,
        'An export was killed, or somebody has changed the list. The next export names the last one, and lists them again.',
      ),
    );
  if (unread.length > 0) findings.push(unknown(`another user's, and not for you to read: ${some(unread)}`));
  return findings.length > 0
    ? findings
    : [ok(`${counted(inList.length, 'evidence file')} of this root; none is gone`)];
}
