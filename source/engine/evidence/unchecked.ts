import {listed} from '../base/format.ts';
import {planOf} from '../restore/plan-record.ts';
import {signOffIn} from '../session/lines.ts';
import type {EvidenceRecord} from './schema.ts';

type Subject = Pick<EvidenceRecord, 'kind' | 'session' | 'backups' | 'exported' | 'runbook' | 'authorised'>;

/** Whether whoever restored it has signed it off. */
function isOwnClosing({closed, state, drill, lines}: NonNullable<EvidenceRecord['session']>): boolean {
  const last = signOffIn(lines);
  return closed && state === 'done' && !drill && last?.operator === lines[0]?.operator;
}

/**
 * What a reader might take for checked and was not this time, a sentence each (EVIDENCE.md, "What was not checked"). What
 * evidence of this kind can never show is said by every file. Pure.
 */
export function* uncheckedOf({
  kind,
  session,
  backups,
  exported,
  runbook,
  authorised,
}: Subject): Iterable<string> {
  for (const {id, verified, datasets, state, reason} of backups) {
    const which = kind === 'catalog' ? `${id}: ` : '';
    if (state !== 'complete') yield `${which}the backup is ${state}: ${reason ?? 'no reason is known'}.`;
    if (!verified) yield `${which}no verification of this manifest is recorded.`;
    const unread = datasets.filter(({actual}) => actual === null).map(({name}) => name);
    if (verified && unread.length > 0) yield `${which}copies that were not hashed: ${listed(unread, 20)}.`;
    const weak = datasets.filter((each) => each.weak).map(({name}) => name);
    if (weak.length > 0) yield `${which}hashes that find accidents, not tampering: ${listed(weak, 20)}.`;
  }
  if (session) {
    const unproven = session.restored.filter(
      ({result}) => result === 'not recorded' || result === 'written to since',
    );
    if (unproven.length > 0)
      yield `Live files whose hash at the switch is not known: ${listed(
        unproven.map(({target}) => target),
        20,
      )}.`;
    const plan = planOf(session.lines);
    if (!plan) yield 'What was planned for each dataset: it is not recorded.';
    if (plan && plan.unseen > 0)
      yield `Which files ${plan.unseen} processes of other users held open: only root could see that.`;
    if (plan && plan.leaves > 0)
      yield `${plan.leaves} live files of directories that the backup does not hold: they stayed as they were.`;
    const open = session.checklist.filter(({state}) => state === 'open').map(({id}) => id);
    if (open.length > 0) yield `Steps without an answer when this was exported: ${open.join(', ')}.`;
    const byHand = session.checklist
      .filter(({state, machine}) => state === 'done' && !machine)
      .map(({id}) => id);
    if (byHand.length > 0) yield `Steps that somebody answered and no machine checked: ${byHand.join(', ')}.`;
    if (session.broken !== null) yield `The session's record cannot be relied on: ${session.broken}.`;
    if (session.context === null)
      yield 'By whom and on what machine the session was begun: it is not recorded.';
    if (session.times.noticed === null && !session.drill)
      yield 'When the incident was noticed: nobody has said.';
  }
  if (session && authorised === null && isOwnClosing(session))
    yield 'The sign-off: closed by the operator; nobody else approved it.';
  if (exported.host.clock.synchronised === null)
    yield 'Whether the clock of the machine was right: nothing there says.';
  if (runbook === null) yield 'Which version of the runbook was gone by: none is configured.';
  if (authorised === null && session) yield 'Who authorised it: nobody has said.';
}
