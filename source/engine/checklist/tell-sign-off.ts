import {describeError} from '../base/problem.ts';
import type {RunPlace} from '../config/project.ts';
import {announcerOf} from '../events/announcer.ts';
import {eventNote, metricsNote} from '../events/told-notes.ts';
import {openWriter} from '../retention/writer.ts';
import type {Note} from '../session/lines.ts';
import {writeNotes} from '../session/progress.ts';
import type {Story} from '../session/story.ts';
import type {Happening} from '../storage/events.ts';

/**
 * Tells that a restore was signed off, keeps that in the record of its session, and lets the site's hooks run.
 * @param story as it was when its last step had been answered
 * @returns what could not be told, or not be recorded
 */
export async function tellSignOff(place: RunPlace, story: Story): Promise<string[]> {
  const announcer = announcerOf(place);
  await announcer.announce([ofSignOff(story)], true);
  const notes = [...announcer.told.events.map(eventNote), metricsNote(place, 'sign-off')];
  const unrecorded = record(place, story.number, notes);
  const {problems} = await announcer.settle();
  return unrecorded === null ? problems : [...problems, unrecorded];
}

/** The session is closed by now; its record has one writer at a time all the same. @returns why it was not written */
function record(place: RunPlace, number: number, notes: Note[]): string | null {
  try {
    using writer = openWriter({...place, doing: `session close ${number}`, recovering: true});
    writeNotes(writer.state, number, 'That it was told', notes);
    return null;
  } catch (error) {
    return `the record of session ${number} does not say that it was told: ${describeError(error)}`;
  }
}

function ofSignOff({id, number, steps}: Story): Happening {
  const answered = (wanted: string): number => steps.filter(({answer}) => answer?.state === wanted).length;
  return {
    action: 'magdb.checklist.completed',
    payload: {
      id,
      session: number,
      done: answered('done'),
      failed: answered('failed'),
      skipped: answered('skipped'),
    },
  };
}
