import {planSignOff} from '../../../engine/checklist/sign-off.ts';
import {tellSignOff} from '../../../engine/checklist/tell-sign-off.ts';
import {restoreSettings} from '../../../engine/config/own-settings.ts';
import {announcerOf} from '../../../engine/events/announcer.ts';
import {renderEvidence} from '../../../engine/evidence/render.ts';
import {type SignedOff, signOffSession} from '../../../engine/evidence/sign-off.ts';
import {openWriter} from '../../../engine/retention/writer.ts';
import {sessionGone} from '../../../engine/session/sessions.ts';
import {stories} from '../../../engine/session/story.ts';
import {goOn} from '../../../engine/session/take-over.ts';
import {inState} from '../../../engine/storage/runbook/state-directory.ts';
import {worthOf} from '../../../presenters/sign-off.ts';
import {inRoot} from '../../facts.ts';
import {projectOf, type Workplace} from '../../work.ts';
import {evidenceSlice} from '../evidence/state.ts';
import {loadSessions} from '../sessions/open.ts';
import {signOffSlice} from './state.ts';

/** Looks at what signing off lets go, and does it. */
export function signOffWork({store, signal, finish, ask, tell}: Workplace) {
  /** What it would let go. */
  function plan(session: number): void {
    const {root} = projectOf(store);
    const story = store.get().sessions.stories?.find(({number}) => number === session);
    const planned = inState(root, (state) => {
      if (!state || !story) throw sessionGone(session);
      return planSignOff(root, state, story, restoreSettings(root), Date.now());
    });
    store.dispatch(signOffSlice.to({type: 'sign-off planned', plan: planned}));
  }

  async function sign(session: number): Promise<void> {
    const place = projectOf(store);
    const announcer = announcerOf(place, signal);
    const result = await signLocked(session, announcer);
    const {signed, evidence} = result;
    const told = await announcer.settle();
    const untold = [...new Set([...told.problems, ...(signed ? await tellSignOff(place, signed) : [])])];
    if (evidence) {
      const {file, sha256, record, beware} = evidence;
      const written = {file, sha256, session, final: true, signer: record.signer, beware};
      store.dispatch(evidenceSlice.to({type: 'evidence written', written, text: renderEvidence(record)}));
      const worth = worthOf(evidence, session, place.root);
      store.dispatch(signOffSlice.to({type: 'signed off', session, worth}));
    }
    tell(saidOf(session, place.root, result, untold), untold.length > 0 ? 'beware' : 'plain');
  }

  async function signLocked(session: number, announcer: ReturnType<typeof announcerOf>): Promise<SignedOff> {
    const place = projectOf(store);
    const {me} = store.get();
    using writer = openWriter({...place, doing: `session close ${session}`, recovering: true});
    const story = stories(writer.state).find(({number}) => number === session);
    if (!story) throw sessionGone(session);
    goOn(writer.state, story, me, 'T on the checklist takes it over');
    const key = evidenceSlice.of(store.get()).key?.path ?? null;
    const fresh = stories(writer.state).find(({number}) => number === session) ?? story;
    const signing = {place, writer, story: fresh, me, env: process.env, key, terminal: false, announcer};
    return await signOffSession(signing);
  }

  return {
    plan,
    /** Signs it off, its number typed. */
    sign(session: number): void {
      const work = sign(session).finally(() => {
        // What would make its evidence worth more stays to be seen.
        if (!signOffSlice.of(store.get())?.signed)
          store.dispatch(signOffSlice.leave({type: 'signing ended'}, 'signOff'));
        ask(loadSessions, (sessions) => sessions.refresh());
      });
      finish(work);
    },
  };
}

/** The path of the evidence is as short as may be, so that it fits in a line, and early enough to be seen on a small screen. */
export function saidOf(
  session: number,
  root: string,
  {
    kept,
    notes,
    evidence,
  }: Pick<SignedOff, 'kept' | 'notes'> & {
    evidence: {file: string; beware: string[]} | null;
  },
  untold: string[],
): string {
  return [
    `Session ${session} is signed off.`,
    ...(evidence ? [`Its evidence ${inRoot(evidence.file, root)} is written.`] : []),
    ...(kept.length > 0 ? [`Kept, because it was written to since: ${kept.join(', ')}.`] : []),
    ...(evidence?.beware ?? []).map((line) => `Beware: ${line}.`),
    ...notes.map((line) => `${line.charAt(0).toUpperCase()}${line.slice(1)}.`),
    ...untold.map((line) => `Not reported: ${line}.`),
  ].join(' ');
}
