import {planOf} from '../restore/plan-record.ts';
import type {EvidenceRecord} from './schema.ts';

/** How many are named of what may be thousands. */
const most = 20;

const some = (names: string[]): string =>
  names.length <= most
    ? names.join(', ')
    : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;

type Subject = Pick<EvidenceRecord, 'kind' | 'session' | 'backups' | 'exported' | 'runbook' | 'authorised'>;

/**
 * What a reader might take for checked and was not this time, a sentence each (EVIDENCE.md, "What was not checked"). What
 * evidence of this kind can never show is said by every file. Pure.
 */
export function uncheckedOf({kind, session, backups, exported, runbook, authorised}: Subject): string[] {
  const said: string[] = [];
  const say = (text: string): void => {
    said.push(text);
  };
  for (const {id, verified, datasets, state, reason} of backups) {
    const which = kind === 'catalog' ? `${id}: ` : '';
    if (state !== 'complete') say(`${which}the backup is ${state}: ${reason ?? 'no reason is known'}.`);
    if (!verified) say(`${which}no verification of this manifest is recorded.`);
    const unread = datasets.filter(({actual}) => actual === null).map(({name}) => name);
    if (verified && unread.length > 0) say(`${which}copies that were not hashed: ${some(unread)}.`);
    const weak = datasets.filter((each) => each.weak).map(({name}) => name);
    if (weak.length > 0) say(`${which}hashes that find accidents, not tampering: ${some(weak)}.`);
  }
  if (session) {
    const unproven = session.restored.filter(
      ({result}) => result === 'not recorded' || result === 'written to since',
    );
    if (unproven.length > 0)
      say(`Live files whose hash at the switch is not known: ${some(unproven.map(({target}) => target))}.`);
    const plan = planOf(session.lines);
    if (!plan) say('What was planned for each dataset: it is not recorded.');
    if (plan && plan.unseen > 0)
      say(`Which files ${plan.unseen} processes of other users held open: only root could see that.`);
    if (plan && plan.leaves > 0)
      say(
        `${plan.leaves} live files of directories that the backup does not hold: they stayed as they were.`,
      );
    const open = session.checklist.filter(({state}) => state === 'open').map(({id}) => id);
    if (open.length > 0) say(`Steps without an answer when this was exported: ${open.join(', ')}.`);
    const byHand = session.checklist
      .filter(({state, machine}) => state === 'done' && !machine)
      .map(({id}) => id);
    if (byHand.length > 0) say(`Steps that somebody answered and no machine checked: ${byHand.join(', ')}.`);
    if (session.broken !== null) say(`The session's record cannot be relied on: ${session.broken}.`);
    if (session.context === null)
      say('By whom and on what machine the session was begun: it is not recorded.');
    if (session.times.noticed === null && !session.drill)
      say('When the incident was noticed: nobody has said.');
  }
  if (exported.host.clock.synchronised === null)
    say('Whether the clock of the machine was right: nothing there says.');
  if (runbook === null) say('Which version of the runbook was gone by: none is configured.');
  if (authorised === null && session) say('Who authorised it: nobody has said.');
  return said;
}
