import {describeError, exitCode, Problem} from '../base/problem.ts';
import {
  checkAnswered,
  isToSign,
  type LetGo,
  letGo,
  tellClosing,
  tellNotClosed,
} from '../checklist/sign-off.ts';
import {restoreSettings} from '../config/own-settings.ts';
import type {RunPlace} from '../config/project.ts';
import type {Announcer} from '../events/announcer.ts';
import type {Writer} from '../retention/writer.ts';
import type {Who} from '../session/owner.ts';
import {type Story, stories} from '../session/story.ts';
import {nothingGiven} from './collect.ts';
import {type Exported, exportEvidence} from './export.ts';

type Signing = {
  place: RunPlace;
  writer: Pick<Writer, 'state' | 'backups'>;
  story: Story;
  me: Who;
  env: NodeJS.ProcessEnv;
  /** Key file that the evidence is signed with; null leaves it unsigned. */
  key: string | null;
  /** Whether a passphrase may be asked for on the terminal. */
  terminal: boolean;
  /** Is told of the evidence; the caller lets its hooks run. */
  announcer: Announcer;
};

export type SignedOff = LetGo & {
  /** The final evidence; null where there was nothing to sign off. */
  evidence: Exported | null;
  /** The session as it was signed off, to be told of; null where it was closed already. */
  signed: Story | null;
};

/**
 * Signs a session off. Its final evidence is written first, and says so: what was kept for the way back is let go only
 * once that is there. The caller holds the lock, and has the operator's word.
 * @throws Problem where a step is open, or the evidence cannot be written: then it stays open, and nothing was let go
 */
export async function signOffSession({place, writer, story, ...others}: Signing): Promise<SignedOff> {
  const {state, backups} = writer;
  const {number} = story;
  checkAnswered(story);
  const settings = restoreSettings(place.root);
  if (!isToSign(story)) {
    const gone = await letGo(state, backups.path, story, settings, false);
    return {...gone, evidence: null, signed: story.closed ? null : story};
  }
  await tellClosing(state, story);
  let evidence: Exported;
  try {
    const subject = {kind: 'restore', session: number} as const;
    evidence = await exportEvidence({
      ...place,
      ...others,
      writer,
      subject,
      given: nothingGiven,
      out: null,
      closing: true,
    });
  } catch (error) {
    const why = error instanceof Problem ? error.message : `${describeError(error)}.`;
    tellNotClosed(state, number, why);
    throw new Problem(
      error instanceof Problem ? error.exit : exitCode.failed,
      `Session ${number} is not signed off, because its evidence was not written: ${why} Nothing was deleted.`,
    );
  }
  const signed = stories(state).find((each) => each.number === number) ?? story;
  try {
    return {...(await letGo(state, backups.path, signed, settings, true)), evidence, signed};
  } catch (error) {
    const why = error instanceof Problem ? error.message : `${describeError(error)}.`;
    tellNotClosed(state, number, why);
    throw new Problem(
      error instanceof Problem ? error.exit : exitCode.failed,
      `Session ${number} is not signed off: ${why} ${evidence.file} says that it is: do not hand that one over. Sign off again once this is mended: that writes another.`,
    );
  }
}
