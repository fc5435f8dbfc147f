import {escapeText} from '../engine/base/escape.ts';
import {exitCode, Problem} from '../engine/base/problem.ts';
import {type Story, stories, unsigned} from '../engine/session/story.ts';
import {findState} from '../engine/storage/runbook/state-directory.ts';
import {type Invocation, openPlace} from './command.ts';

/** The sessions of a root, oldest first. */
export function readStories(root: string): Story[] {
  const state = findState(root);
  try {
    return stories(state);
  } finally {
    state?.close();
  }
}

/** @throws Problem (wrong usage) where there is only a backups directory */
export async function rootOf(invocation: Invocation): Promise<string> {
  const {place} = await openPlace(invocation);
  if (place.root !== null) return place.root;
  throw new Problem(
    exitCode.usage,
    `"magds ${invocation.command.words.join(' ')}" needs the project: --root DIR.`,
  );
}

/** The session that is named, else the only one that is open. */
export function find(all: Story[], given: string | undefined): Story {
  if (given === undefined) {
    const open = unsigned(all);
    const [only] = open;
    if (only && open.length === 1) return only;
    const which =
      open.length === 0 ? 'none is open' : `${open.map(({number}) => number).join(', ')} are open`;
    throw new Problem(exitCode.usage, `Which session? ${which}. "magds session list" shows them all.`);
  }
  if (!/^[1-9]\d{0,8}$/.test(given))
    throw new Problem(
      exitCode.usage,
      `${escapeText(given)} is no session's number: "magds session list" shows them.`,
    );
  const found = all.find(({number}) => String(number) === given);
  if (found) return found;
  throw new Problem(
    exitCode.notFound,
    `There is no session ${escapeText(given)}: "magds session list" shows what there is.`,
  );
}
