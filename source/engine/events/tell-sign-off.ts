import type {RunPlace} from '../backup/plan.ts';
import type {Story} from '../session/story.ts';
import {announcerOf} from './announcer.ts';
import {ofSignOff} from './happenings.ts';

/**
 * Tells that a restore was signed off, and lets the site's hooks run.
 * @param story as it was when its last step had been answered
 * @returns what could not be told
 */
export async function tellSignOff(place: RunPlace, story: Story): Promise<string[]> {
  const announcer = announcerOf(place);
  await announcer.announce([ofSignOff(story)], true);
  return (await announcer.settle()).problems;
}
